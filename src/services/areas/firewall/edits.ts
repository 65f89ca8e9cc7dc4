import type { Chain, Rule, RuleEdit, RuleSet } from '../../model/firewall.ts'
import { type Safe, say } from '../../model/safe.ts'
import { withTable } from './builtin-chains.ts'
import { findChain } from './chain-text.ts'

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
    after = withTable(after, edit.at.table)
    const chain = findChain(after, edit.at)
    const changed = chain ? applyToChain(chain, edit) : say`its chain is gone`
    if (typeof changed === 'string') conflicts.push({ edit, reason: changed })
    else after = replaceChain(after, edit.at.table, changed)
  }
  return { after, conflicts }
}

function applyToChain(chain: Chain, edit: RuleEdit): Chain | Safe {
  if (edit.kind === 'policy') {
    return chain.policy === null ? say`only built-in chains have a policy` : { ...chain, policy: edit.policy }
  }
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

const replaceChain = (ruleSet: RuleSet, table: string, chain: Chain): RuleSet => ({
  ...ruleSet,
  tables: ruleSet.tables.map((one) =>
    one.name === table ? { ...one, chains: one.chains.map((old) => (old.name === chain.name ? chain : old)) } : one,
  ),
})
