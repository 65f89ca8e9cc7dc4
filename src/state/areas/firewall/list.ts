import { withTable } from '../../../services/areas/firewall/builtin-chains.ts'
import { findChain } from '../../../services/areas/firewall/chain-text.ts'
import { ownerOf } from '../../../services/areas/firewall/foreign-chains.ts'
import { isRuleEdit } from '../../../services/areas/firewall/lay.ts'
import type { Finding } from '../../../services/model/area.ts'
import type { StagedOf } from '../../../services/model/areas.ts'
import type { Conflict, Merged } from '../../../services/model/editing.ts'
import {
  type Chain,
  type ChainRef,
  type Family,
  isOneRule,
  type Rule,
  type RuleEdit,
  type RuleSet,
  type Table,
} from '../../../services/model/firewall.ts'
import type { HostFacts } from '../../../services/model/host.ts'
import { type Safe, safe } from '../../../services/model/safe.ts'
import { familyFindings } from '../../lists/finding-list.ts'
import type { StagedMark } from '../staged-mark.ts'
import { besideItems, unreadItems } from './beside-list.ts'
import { type ChainItem, type FirewallItem, type Home, NO_CONTEXT, type RuleContext, type RuleItem } from './items.ts'
import { type WayIn, yourWayIn } from './your-way-in.ts'

/** The rule set of one family with the staged edits in it. */
export type StagedRules = {
  readonly base: RuleSet
  readonly after: RuleSet
  readonly conflicts: readonly Conflict<RuleEdit>[]
  readonly marks: ReadonlyMap<string, StagedMark>
}

/** One family's part of what is staged over the rules; null where they can't be read. */
export function stagedRules(
  merged: Merged<'firewall'> | null,
  family: Family,
  changes: readonly StagedOf<'firewall'>[],
): StagedRules | null {
  const base = merged?.base.families[family]
  const after = merged?.after.families[family]
  if (!merged || base?.state !== 'present' || after?.state !== 'present') return null
  const isMine = (edit: StagedOf<'firewall'>['edit']): edit is RuleEdit => isRuleEdit(edit) && edit.at.family === family
  const conflicts = merged.conflicts.flatMap(({ edit, reason }) => (isMine(edit) ? [{ edit, reason }] : []))
  const failed = new Set(conflicts.map(({ edit }) => edit))
  const marks = new Map<string, StagedMark>()
  for (const { edit } of changes) {
    if (!isMine(edit) || !isOneRule(edit) || failed.has(edit)) continue
    const old = marks.get(edit.ruleId)
    if (edit.kind === 'insert') marks.set(edit.ruleId, 'added')
    else if (edit.kind === 'delete') marks.set(edit.ruleId, 'deleted')
    else if (old !== 'added' && old !== 'edited') marks.set(edit.ruleId, edit.kind === 'move' ? 'moved' : 'edited')
  }
  return { base: base.ruleSet, after: after.ruleSet, conflicts, marks }
}

/**
 * Everything the firewall pane lists for one table: what was not read, what is grave, each chain with its rules, other programs' chains, and
 * at the end what may wait. `fixes` names the findings whose fix is staged.
 */
export function firewallItems(
  staged: StagedRules,
  table: string,
  findings: readonly Finding[],
  host: HostFacts | null,
  context: RuleContext = NO_CONTEXT,
  fixes: ReadonlySet<string> = NO_FIXES,
): readonly FirewallItem[] {
  const { beside } = staged.base
  const unread = unreadItems(beside)
  const readOnly = besideItems(beside, table)
  if (readOnly) return [...unread, ...readOnly]
  const base = withTable(staged.base, table)
  const after = withTable(staged.after, table)
  const you = host && table === 'filter' ? yourWayIn(after, host) : null
  const shown: Table = after.tables.find((one) => one.name === table) ?? { name: table, chains: [] }
  const { grave, low } = familyFindings(findings, after.family, fixes)
  const items: FirewallItem[] = [...unread, ...grave]
  const foreign: FirewallItem[] = []
  for (const chain of shown.chains) {
    const at = { family: after.family, table, chain: chain.name }
    const old = findChain(base, at)
    const owner = chain.policy === null ? ownerOf(chain.name, shown) : null
    const head = chainItem(
      at,
      chain,
      old?.policy ?? chain.policy,
      owner === null ? null : safe(owner),
      old ? null : 'added',
    )
    if (owner) foreign.push(head)
    else {
      items.push(head)
      pushRules(items, { at, old, home: { table: shown, chain }, context }, staged.marks, you)
    }
  }
  const gone = (base.tables.find((one) => one.name === table)?.chains ?? []).flatMap((chain) => {
    const at = { family: after.family, table, chain: chain.name }
    return findChain(after, at) ? [] : [chainItem(at, chain, null, null, 'deleted')]
  })
  return [...items, ...gone, ...foreign, ...low]
}

const NO_FIXES: ReadonlySet<string> = new Set()

const chainItem = (
  at: ChainRef,
  chain: Chain,
  livePolicy: string | null,
  owner: Safe | null,
  mark: ChainItem['mark'],
): ChainItem => ({
  kind: 'chain',
  id: chainId(at),
  search: () => `${chain.name} ${chain.policy ?? ''} ${owner ?? ''}`,
  at,
  chain,
  livePolicy,
  owner,
  mark,
})

/** The row id of a chain. */
export const chainId = (at: ChainRef): string => `chain:${at.family}:${at.table}:${at.chain}`

/** Rules as they will be, each deleted one after the rule it follows now. */
function pushRules(
  items: FirewallItem[],
  where: Where & { readonly old: Chain | null },
  marks: ReadonlyMap<string, StagedMark>,
  you: WayIn | null,
): void {
  const { old } = where
  const now = where.home.chain
  const was = new Map<string, Rule>()
  const deletedAfter = new Map<string | null, Rule[]>()
  let anchor: string | null = null
  for (const rule of marks.size > 0 ? (old?.rules ?? []) : []) {
    const mark = marks.get(rule.id)
    was.set(rule.id, rule)
    if (mark === 'deleted') deletedAfter.set(anchor, [...(deletedAfter.get(anchor) ?? []), rule])
    else if (mark !== 'moved') anchor = rule.id
  }
  const pushDeleted = (after: string | null): void => {
    for (const rule of deletedAfter.get(after) ?? []) items.push(ruleItem(where, rule, null, 'deleted', rule, null))
  }
  pushDeleted(null)
  for (const [index, rule] of now.rules.entries()) {
    const yours = you?.ruleId === rule.id ? (you.sure ? 'yes' : 'maybe') : null
    items.push(ruleItem(where, rule, index + 1, marks.get(rule.id) ?? null, was.get(rule.id) ?? null, yours))
    if (deletedAfter.size > 0) pushDeleted(rule.id)
  }
}

type Where = { readonly at: ChainRef; readonly home: Home; readonly context: RuleContext }

const ruleItem = (
  { at, home, context }: Where,
  rule: Rule,
  number: number | null,
  mark: StagedMark | null,
  was: Rule | null,
  you: RuleItem['you'],
): RuleItem => ({
  kind: 'rule',
  id: rule.id,
  search: () => `${at.chain} ${rule.text}`,
  at,
  rule,
  number,
  mark,
  was,
  you,
  home,
  context,
})
