import { findChain } from '../../../services/areas/firewall/chain-text.ts'
import { applyEdits } from '../../../services/areas/firewall/edits.ts'
import { changesOf, policyChangeOf } from '../../../services/areas/firewall/fold.ts'
import { switchOff, switchOn } from '../../../services/areas/firewall/switch-off.ts'
import { type StagedOf, stagedIn } from '../../../services/model/areas.ts'
import type { ChainRef } from '../../../services/model/firewall.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { Kit } from '../../kit.ts'
import { stageEdit, takeBack } from '../../staging/stage.ts'
import type { ChainItem, RuleItem } from './items.ts'
import { type FirewallLists, firewallLists } from './lists.ts'

/** What keys do to rules and chains. */

const changes = (kit: Kit): readonly StagedOf<'firewall'>[] => stagedIn(kit.get().staging.changes, 'firewall')
const rulesAt = (kit: Kit, { family }: ChainRef): ReturnType<FirewallLists['rules']> =>
  firewallLists(kit.lists).rules(kit.get(), family)

/** Stages a policy, or takes it back where it is what the chain has. */
export function setPolicy(kit: Kit, at: ChainRef, policy: 'ACCEPT' | 'DROP'): void {
  const rules = rulesAt(kit, at)
  const live = rules ? (findChain(rules.base, at)?.policy ?? 'ACCEPT') : null
  const staged = policyChangeOf(changes(kit), at)
  if (policy !== live) stageEdit(kit, 'firewall', { kind: 'policy', at, policy })
  else if (staged) takeBack(kit, [staged], say`The policy stays as it is.`)
  else kit.tell('info', say`That is the policy already.`)
}

/** x on a chain: stages it for deletion, or keeps it. */
export function deleteChain(kit: Kit, { at, mark }: ChainItem): void {
  const rules = rulesAt(kit, at)
  if (!rules) return
  const staged = changes(kit).find(({ edit }) => edit.kind === 'delete-chain' && sameChain(edit.at, at))
  if (mark === 'deleted' && staged) return takeBack(kit, [staged], say`The chain stays.`)
  const { conflicts } = applyEdits(rules.after, [{ kind: 'delete-chain', at }])
  if (conflicts[0]) return kit.tell('info', say`${safe(at.chain)} can't be deleted: ${conflicts[0].reason}.`)
  stageEdit(kit, 'firewall', { kind: 'delete-chain', at })
}

const sameChain = (a: ChainRef, b: ChainRef): boolean =>
  a.family === b.family && a.table === b.table && a.chain === b.chain

/** x on a rule: stages it for deletion, or keeps it. */
export function deleteRule(kit: Kit, item: RuleItem): void {
  if (item.mark === 'deleted') takeBack(kit, changesOf(changes(kit), item.id), say`The rule stays.`)
  else stageEdit(kit, 'firewall', { kind: 'delete', at: item.at, ruleId: item.id })
}

/** Space on a rule: takes back what is staged of it. */
export const takeBackRule = (kit: Kit, item: RuleItem): void =>
  takeBack(kit, changesOf(changes(kit), item.id), say`Unstaged.`)

/** The chain whose policy Space would set to DROP. */
const policyFix = (item: ChainItem): ChainRef | null =>
  item.livePolicy === 'ACCEPT' && item.at.table === 'filter' && item.chain.policy !== null ? item.at : null

/** Why Space does nothing on a chain; null when it does. */
export function whyNotPolicyFix(item: ChainItem): Safe | null {
  if (policyFix(item)) return null
  if (item.chain.policy === null) return say`only built-in chains have a policy`
  return item.chain.policy === item.livePolicy ? say`its policy is as it should be; P changes it` : null
}

/** Space on a chain: policy DROP, or back what is staged of it. */
export function togglePolicy(kit: Kit, item: ChainItem): void {
  const staged = policyChangeOf(changes(kit), item.at)
  const fix = policyFix(item)
  if (staged) takeBack(kit, [staged], say`Unstaged: the policy stays as it is.`)
  else if (fix) setPolicy(kit, fix, 'DROP')
}

/** J and K: one place down or up in its chain. */
export function moveRule(kit: Kit, item: RuleItem, direction: 1 | -1): void {
  const now = rulesAt(kit, item.at)
  const rules = (now && findChain(now.after, item.at)?.rules) ?? []
  const at = rules.findIndex((rule) => rule.id === item.id)
  if (at < 0) return kit.tell('info', GOING)
  const to = at + direction
  if (to < 0 || to >= rules.length)
    return kit.tell('info', say`The rule is at the ${direction < 0 ? TOP : END} of its chain.`)
  const before = direction < 0 ? rules[to]?.id : (rules[to + 1]?.id ?? null)
  stageEdit(kit, 'firewall', { kind: 'move', at: item.at, ruleId: item.id, before: before ?? null })
}

const TOP = say`top`
const END = say`end`
const GOING = say`This rule is staged for deletion; x keeps it.`

/** Does something with a rule that stays; else says why not. */
export function withStanding(kit: Kit, item: RuleItem, run: (item: RuleItem) => void): void {
  if (item.mark === 'deleted') kit.tell('info', GOING)
  else run(item)
}

/** o: takes the rule's effect away where it stands, or gives it back. */
export function switchRule(kit: Kit, item: RuleItem): void {
  const { text, id: ruleId } = item.rule
  const made = switchOn(text) ?? switchOff(text)
  if (made === null)
    return kit.tell('info', say`This rule only counts, or its target is too long to keep in a comment.`)
  stageEdit(kit, 'firewall', { kind: 'replace', at: item.at, ruleId, text: made })
}

/** v and ]: which family and table the pane shows. */
export function switchFamily(kit: Kit): void {
  const state = kit.get()
  const family = state.view.firewall.family === 'v4' ? 'v6' : 'v4'
  const tables = firewallLists(kit.lists).tables(state, family)
  const { table } = state.view.firewall
  turn(kit, { family, table: tables.includes(table) ? table : 'filter' })
}

export function switchTable(kit: Kit, direction: 1 | -1): void {
  const state = kit.get()
  const { family, table } = state.view.firewall
  const tables = firewallLists(kit.lists).tables(state, family)
  if (tables.length < 2) return kit.tell('info', say`The server uses no other table of this family.`)
  turn(kit, { table: tables[(tables.indexOf(table) + direction + tables.length) % tables.length] ?? 'filter' })
}

const turn = (kit: Kit, change: Partial<{ family: 'v4' | 'v6'; table: string }>): void =>
  kit.set(({ view }) => ({
    view: {
      ...view,
      firewall: { ...view.firewall, ...change },
      panes: { ...view.panes, firewall: { ...view.panes.firewall, cursor: null, words: '', at: 0, top: 0 } },
    },
  }))
