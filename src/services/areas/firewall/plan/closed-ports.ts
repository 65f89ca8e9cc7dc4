import type { Family, FirewallFacts, RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import type { WhatIf } from '../../../model/plan.ts'
import { safe, say } from '../../../model/safe.ts'
import type { Listener } from '../../../model/units.ts'
import { listWords } from '../checks/about.ts'
import { publicPorts, reachedBy } from '../checks/open-ports.ts'
import { sightOf, withRuleSet } from '../checks/sight.ts'
import { portWords } from '../listening.ts'

/**
 * What listens and strangers reach now, and would not after a change, as one line of the plan: no lock-out, but perhaps
 * the end of a service. Empty where nothing closes, or where it is not known what listens.
 */
export function closedPorts(
  family: Family,
  firewall: FirewallFacts,
  after: RuleSet,
  host: HostFacts,
  listeners: readonly Listener[] | null,
): readonly WhatIf[] {
  if (!listeners) return []
  const now = sightOf(firewall, host, { listeners })
  const then = sightOf(withRuleSet(firewall, family, after), host, { listeners })
  const closed = publicPorts(family, listeners).filter((one) => {
    const before = reachedBy(now, family, one)
    return (before === 'open' || before === 'by a rule') && reachedBy(then, family, one) === 'dropped'
  })
  const [first] = closed
  const why = first && then.reaches(family, then.stranger(family), first)
  if (!why) return []
  return [
    {
      answer: 'no',
      question: say`strangers to ${listWords(closed.map(portWords))}, IP${safe(family)}`,
      because: why.because,
    },
  ]
}
