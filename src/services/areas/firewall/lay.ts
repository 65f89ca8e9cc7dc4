import type { FileEdit } from '../../model/areas.ts'
import type { Conflict, Merged } from '../../model/editing.ts'
import { FAMILIES, type Family, type FamilyFacts, type FirewallFacts, type RuleEdit } from '../../model/firewall.ts'
import { applyEdits } from './edits.ts'

/** What can be meant in the firewall: edits of rules, and the file that loads its helper's modules at boot. */
export type FirewallEdit = RuleEdit | FileEdit

export const isRuleEdit = (edit: FirewallEdit): edit is RuleEdit => edit.kind !== 'file'

/** The rules of both families with edits laid over them. A family that can't be read stays as it is. */
export function layRules(facts: FirewallFacts, edits: readonly FirewallEdit[]): Omit<Merged<'firewall'>, 'base'> {
  const conflicts: Conflict<FirewallEdit>[] = []
  const laid = (family: Family): FamilyFacts => {
    const now = facts.families[family]
    const mine = edits.filter((edit): edit is RuleEdit => isRuleEdit(edit) && edit.at.family === family)
    if (now.state !== 'present' || mine.length === 0) return now
    const made = applyEdits(now.ruleSet, mine)
    conflicts.push(...made.conflicts)
    return made.after === now.ruleSet ? now : { state: 'present', ruleSet: made.after }
  }
  const [v4, v6] = FAMILIES.map(laid) as [FamilyFacts, FamilyFacts]
  const same = v4 === facts.families.v4 && v6 === facts.families.v6
  return { after: same ? facts : { ...facts, families: { v4, v6 } }, conflicts }
}
