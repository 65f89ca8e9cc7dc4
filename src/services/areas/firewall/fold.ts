import type { StagedOf } from '../../model/areas.ts'
import type { Folded } from '../../model/editing.ts'
import {
  type ChainRef,
  type FirewallFacts,
  isOneRule,
  type Rule,
  type RuleEdit,
  type RuleSet,
} from '../../model/firewall.ts'
import { say } from '../../model/safe.ts'
import { foldFile } from '../../steps/file-edit.ts'
import { findChain } from './chain-text.ts'
import { applyEdits } from './edits.ts'
import { isRuleEdit } from './lay.ts'
import { targetOf } from './rule-text.ts'

type Staged = StagedOf<'firewall'>
/** A staged change to a rule, a policy or a chain. */
export type RuleChange = Staged & { readonly edit: RuleEdit }

export const isRuleChange = (change: Staged): change is RuleChange => isRuleEdit(change.edit)

const kindOf = ({ edit }: Staged): Staged['edit']['kind'] => edit.kind
const concerns = (change: Staged, ruleId: string): change is RuleChange =>
  isRuleChange(change) && isOneRule(change.edit) && change.edit.ruleId === ruleId
const isIn = (change: Staged, at: ChainRef): change is RuleChange => {
  const there = isRuleChange(change) ? change.edit.at : null
  return there?.family === at.family && there.table === at.table && there.chain === at.chain
}

/** Whether a change makes a rule that jumps (or goes) into a chain. */
const leadsInto = (change: Staged, { family, table, chain }: ChainRef): boolean => {
  const { edit } = change
  if (edit.kind !== 'insert' && edit.kind !== 'replace') return false
  return edit.at.family === family && edit.at.table === table && targetOf(edit.text) === chain
}

/** Every staged change to one rule. */
export const changesOf = (changes: readonly Staged[], ruleId: string): readonly RuleChange[] =>
  changes.filter((one): one is RuleChange => concerns(one, ruleId))

/** The staged policy of a chain. */
export const policyChangeOf = (changes: readonly Staged[], at: ChainRef): RuleChange | null =>
  changes.find((one): one is RuleChange => isIn(one, at) && kindOf(one) === 'policy') ?? null

/** The edits of rules, policies and chains among staged changes. */
export const ruleEditsOf = (changes: readonly Staged[]): readonly RuleEdit[] =>
  changes.filter(isRuleChange).map(({ edit }) => edit)

/** A rule that was only staged and is deleted again leaves nothing behind, a second edit of a rule replaces the first. */
export function foldRules(held: readonly Staged[], added: Staged, facts: FirewallFacts | null): Folded<'firewall'> {
  const { edit } = added
  if (!isRuleEdit(edit)) return { held: foldFile(held, { ...added, edit }) }
  const changes = foldRule(held, { ...added, edit })
  const read = facts?.families[edit.at.family]
  const needed = read?.state === 'present' ? withoutIdle(read.ruleSet, changes, edit) : changes
  return needed === changes ? { held: changes } : { held: needed, idle: AS_IT_IS }
}

const AS_IT_IS = say`The rule is as the server has it again: nothing is staged for it.`

function foldRule(changes: readonly Staged[], added: RuleChange): readonly Staged[] {
  const { edit } = added
  if (edit.kind === 'policy') {
    const old = policyChangeOf(changes, edit.at)
    return [...changes.filter((one) => one !== old), added]
  }
  if (edit.kind === 'insert' || edit.kind === 'new-chain') return [...changes, added]
  if (edit.kind === 'delete-chain') {
    // What was staged inside it has become pointless.
    const others = changes.filter((one) => !isIn(one, edit.at))
    const made = changes.some((one) => isIn(one, edit.at) && kindOf(one) === 'new-chain')
    return made ? others : [...others, added]
  }
  const mine = changesOf(changes, edit.ruleId)
  if (edit.kind === 'delete') {
    const inserted = mine.map((one) => one.edit).find((one) => one.kind === 'insert')
    const others = changes.filter((one) => !concerns(one, edit.ruleId))
    return inserted ? withoutPlace(others, inserted) : [...others, added]
  }
  if (edit.kind === 'replace') return replaced(changes, mine, added, edit)
  const last = changes.at(-1)
  const moved = last && concerns(last, edit.ruleId) && kindOf(last) === 'move'
  return [...(moved ? changes.slice(0, -1) : changes), added]
}

function replaced(
  changes: readonly Staged[],
  mine: readonly RuleChange[],
  added: RuleChange,
  edit: Extract<RuleEdit, { kind: 'replace' }>,
): readonly Staged[] {
  const same = mine.find((one) => one.edit.kind === 'insert' || one.edit.kind === 'replace')
  if (!same) return [...changes, added]
  const made: Staged =
    same.edit.kind === 'insert'
      ? { ...same, edit: { ...same.edit, text: edit.text }, summary: added.summary }
      : { ...added, id: same.id }
  return changes.map((one) => (one === same ? made : one))
}

/** Edits that were to stand before an inserted rule that is gone now stand where it stood. */
const withoutPlace = (
  changes: readonly Staged[],
  gone: Extract<RuleEdit, { readonly kind: 'insert' }>,
): readonly Staged[] =>
  changes.map((change) => {
    const { edit } = change
    if ((edit.kind !== 'insert' && edit.kind !== 'move') || edit.before !== gone.ruleId) return change
    return { ...change, edit: { ...edit, before: gone.before } }
  })

/** Changes without those of one rule that, all together, leave its chain as it is on the server without them. */
function withoutIdle(base: RuleSet, changes: readonly Staged[], edit: RuleEdit): readonly Staged[] {
  if (edit.kind !== 'move' && edit.kind !== 'replace') return changes
  const others = changes.filter((change) => !concerns(change, edit.ruleId))
  const rulesAfter = (some: readonly Staged[]): readonly Rule[] =>
    findChain(applyEdits(base, ruleEditsOf(some)).after, edit.at)?.rules ?? []
  const [without, all] = [rulesAfter(others), rulesAfter(changes)]
  const isSame = (rule: Rule, at: number): boolean => rule.id === all[at]?.id && rule.text === all[at]?.text
  return without.length === all.length && without.every(isSame) ? others : changes
}

/** The changes without one of them; what was staged on top of an inserted rule, or of a new chain, goes with it. */
export function unfoldRules(changes: readonly Staged[], gone: Staged): readonly Staged[] {
  const { edit } = gone
  if (edit.kind === 'new-chain') {
    const beside = changes.filter((one) => !isIn(one, edit.at))
    return beside.filter((one) => leadsInto(one, edit.at)).reduce(unfoldRules, beside)
  }
  if (edit.kind !== 'insert') return changes.filter((one) => one.id !== gone.id)
  return withoutPlace(
    changes.filter((one) => !concerns(one, edit.ruleId)),
    edit,
  )
}
