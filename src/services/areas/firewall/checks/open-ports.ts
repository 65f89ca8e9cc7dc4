import type { Around } from '../../../model/area.ts'
import type { Family, FirewallFacts } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { type Safe, say } from '../../../model/safe.ts'
import type { Listener } from '../../../model/units.ts'
import { listensIn, portWords } from '../listening.ts'
import { type FirewallCheck, fails, listWords, NO_LISTENERS, pass, ruleSetOf, UNREADABLE, upTo } from './about.ts'
import { type Sight, sightOf } from './sight.ts'

/** Sockets that others can reach in a family as far as they go themselves; each port once. */
export function publicPorts(family: Family, listeners: readonly Listener[]): readonly Listener[] {
  const byPort = new Map<string, Listener>()
  for (const one of listeners) {
    const key = `${one.protocol} ${one.port}`
    if (listensIn(one, family) && !byPort.has(key)) byPort.set(key, one)
  }
  return [...byPort.values()]
}

/** How a stranger's first packet fares. `open`: no rule had a say, only the policy. */
export type Reached = 'by a rule' | 'open' | 'dropped' | 'unsure'

export function reachedBy(sight: Sight, family: Family, listener: Listener): Reached {
  const walked = sight.reaches(family, sight.stranger(family), listener)
  if (!walked || walked.answer === 'unsure') return 'unsure'
  if (walked.answer === 'no') return 'dropped'
  return walked.at === null || walked.at.ruleNumber === 'policy' ? 'open' : 'by a rule'
}

/** Ports that are open to everybody because no rule says anything about them; null where nothing is known of listeners. */
export function byPolicy(
  family: Family,
  facts: FirewallFacts,
  host: HostFacts,
  around: Around,
): readonly Safe[] | null {
  if (!around.listeners) return null
  const sight = sightOf(facts, host, around)
  return publicPorts(family, around.listeners)
    .filter((one) => reachedBy(sight, family, one) === 'open')
    .map(portWords)
}

/** Ports open to the world by the policy alone. */
export const openByPolicy = (family: Family): FirewallCheck => ({
  id: `FW-open-by-policy-${family}`,
  severity: 'medium',
  title: `IP${family} ports that no rule is about are open`,
  expected: 'a rule for each port',
  rationale:
    'These ports listen to everybody, and nobody decided that: no rule lets them in, the policy does. Bind the service to 127.0.0.1, stop it, or say who may use it.',
  references: ['S7', 'CIS 4.4.2.5'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    const open = byPolicy(family, facts, host, around)
    if (!open) return NO_LISTENERS
    return open.length === 0 ? pass(say`none`) : fails(listWords(open), upTo(40, open))
  },
  noFix: 'the policy lets them in: Space on the finding about the policy closes them',
})

/** Ports that listen to everybody and that the rules let nobody reach. */
export const closedPorts = (family: Family): FirewallCheck => ({
  id: `FW-listening-closed-${family}`,
  severity: 'low',
  title: `IP${family} ports listen that no rule lets in`,
  expected: 'a rule, or no listener',
  rationale:
    'The firewall is all that stands before these ports. If they are for this host only, bind them to 127.0.0.1, so that two things must fail; if not, a rule is missing.',
  references: ['S7'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    if (!around.listeners) return NO_LISTENERS
    const sight = sightOf(facts, host, around)
    const dropped = publicPorts(family, around.listeners)
      .filter((one) => !LEASES.has(one.port) && reachedBy(sight, family, one) === 'dropped')
      .map(portWords)
    return dropped.length === 0 ? pass(say`none`) : fails(listWords(dropped), upTo(40, dropped))
  },
  noFix: 'only you know whether it is for others: a adds a rule that lets it in',
})

/** DHCP clients listen for answers, not for everybody. */
const LEASES: ReadonlySet<number> = new Set([68, 546])
