import type { Chain, OneRuleEdit, Rule, RuleEdit, RuleSet } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { withTable } from './builtin-chains.ts'
import { findChain } from './chain-text.ts'
import { targetOf } from './rule-text.ts'
import { withFilledBy } from './sets/named.ts'

/** An edit that no longer fits the rule set it is applied to, and why. */
export type Conflict = { readonly edit: RuleEdit; readonly reason: Safe }

/**
 * Applies staged edits, in order, to a rule set as it was read. An edit whose rule or chain is gone is a conflict and
 * is left out; the others still apply. Unknown rules keep every byte, `after` shares what was not touched.
 */
export function applyEdits(
  base: RuleSet,
  edits: readonly RuleEdit[],
): { readonly after: RuleSet; readonly conflicts: readonly Conflict[] } {
  const conflicts: Conflict[] = []
  let after = base
  for (const edit of edits) {
    if (edit.at.family !== base.family) continue
    const made = applyEdit(withTable(after, edit.at.table), edit)
    if (typeof made === 'string') conflicts.push({ edit, reason: made })
    else after = withFilledBy(made, edit)
  }
  return { after, conflicts }
}

/** The rule set with one edit in it, or why it does not fit. */
function applyEdit(ruleSet: RuleSet, edit: RuleEdit): RuleSet | Safe {
  const chain = findChain(ruleSet, edit.at)
  if (edit.kind === 'new-chain') return chain ? say`there is such a chain already` : withNewChain(ruleSet, edit.at)
  if (!chain) return say`its chain is gone`
  if (edit.kind === 'delete-chain') return withoutChain(ruleSet, chain, edit.at.table)
  if (edit.kind !== 'policy') {
    const changed = applyToChain(chain, edit)
    return typeof changed === 'string' ? changed : replaceChain(ruleSet, edit.at.table, changed)
  }
  if (chain.policy === null) return say`only built-in chains have a policy`
  return replaceChain(ruleSet, edit.at.table, { ...chain, policy: edit.policy })
}

const inTable = (ruleSet: RuleSet, name: string, change: (chains: readonly Chain[]) => readonly Chain[]): RuleSet => ({
  ...ruleSet,
  tables: ruleSet.tables.map((one) => (one.name === name ? { ...one, chains: change(one.chains) } : one)),
})

const withNewChain = (ruleSet: RuleSet, { table, chain }: RuleEdit['at']): RuleSet =>
  inTable(ruleSet, table, (chains) => [...chains, { name: chain, policy: null, packets: 0, bytes: 0, rules: [] }])

function withoutChain(ruleSet: RuleSet, chain: Chain, table: string): RuleSet | Safe {
  if (chain.policy !== null) return say`a built-in chain can't be deleted`
  const user = jumpsInto(ruleSet, table, chain.name)
  if (user) return say`${safe(user.name)} still jumps into it`
  return inTable(ruleSet, table, (chains) => chains.filter((one) => one !== chain))
}

/** A chain other than itself with a rule that jumps (or goes) into the one named. */
const jumpsInto = (ruleSet: RuleSet, table: string, name: string): Chain | null =>
  ruleSet.tables
    .find((one) => one.name === table)
    ?.chains.find((one) => one.name !== name && one.rules.some((rule) => targetOf(rule.text) === name)) ?? null

function applyToChain(chain: Chain, edit: OneRuleEdit): Chain | Safe {
  const rules = [...chain.rules]
  if (edit.kind === 'insert') {
    const place = placeBefore(rules, edit.before)
    if (place < 0) return say`the rule it was to stand before is gone`
    rules.splice(place, 0, newRule(edit.ruleId, edit.text))
    return { ...chain, rules }
  }
  const index = rules.findIndex((rule) => rule.id === edit.ruleId)
  if (index < 0) return say`the rule is gone`
  const rule = rules[index] as Rule
  if (edit.kind === 'delete') rules.splice(index, 1)
  else if (edit.kind === 'replace') rules[index] = { ...newRule(rule.id, edit.text) }
  else {
    rules.splice(index, 1)
    const place = placeBefore(rules, edit.before)
    if (place < 0) return say`the rule it was to stand before is gone`
    rules.splice(place, 0, rule)
  }
  return { ...chain, rules }
}

const placeBefore = (rules: readonly Rule[], before: string | null): number =>
  before === null ? rules.length : rules.findIndex((rule) => rule.id === before)

const newRule = (id: string, text: string): Rule => ({ id, text, packets: 0, bytes: 0 })

const replaceChain = (ruleSet: RuleSet, table: string, chain: Chain): RuleSet =>
  inTable(ruleSet, table, (chains) => chains.map((old) => (old.name === chain.name ? chain : old)))
