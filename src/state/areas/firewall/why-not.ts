import { firewallEditing } from '../../../services/areas/firewall/editing.ts'
import { type RuleOwner, ruleOwner } from '../../../services/areas/firewall/owners.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import { whyNotStage } from '../../why-not.ts'
import { isReadOnly } from './beside-list.ts'

/** Why no firewall rule can be staged now. */
export function whyNotStageRule(state: ConsoleState): Safe | null {
  const reason = whyNotStage(state)
  if (reason) return reason
  const reading = state.readings.byArea.firewall
  if (reading.state === 'unread') return say`the rules have not been read yet`
  if (reading.state !== 'present') return say`there are no rules to change: ${reading.reason}`
  const family = reading.facts.families[state.view.firewall.family]
  if (family.state === 'unreadable') return say`these rules can't be read: ${family.reason}`
  if (isReadOnly(family.ruleSet.beside, state.view.firewall.table))
    return say`this table is shown only: it is not iptables', or holds rules of nft’s own, and iptables can't change it`
  return firewallEditing.whyNot?.(reading.facts) ?? null
}

/** The program that owns the rules of this host, so that they are only shown; null where they are the operator's. */
export function ownerOfRules(state: ConsoleState): RuleOwner | null {
  const facts = factsOf(state.readings.byArea.firewall)
  return facts && ruleOwner(facts)
}
