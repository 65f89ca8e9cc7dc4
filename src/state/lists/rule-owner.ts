import { type RuleOwner, ruleOwner } from '../../services/areas/firewall/owners.ts'
import { factsOf } from '../../services/model/reading.ts'
import type { ConsoleState } from '../console-state.ts'

/** The program that owns the rules of this host, so that they are only shown; null where they are the operator's. */
export function ownerOfRules(state: ConsoleState): RuleOwner | null {
  const facts = factsOf(state.readings.byArea.firewall)
  return facts && ruleOwner(facts)
}
