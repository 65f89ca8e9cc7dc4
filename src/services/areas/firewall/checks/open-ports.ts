import type { Around } from '../../../model/area.ts'
import type { Family, FirewallFacts } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { type Safe, say } from '../../../model/safe.ts'
import type { Listener } from '../../../model/units.ts'
import { isLeasePort } from '../leases.ts'
import { listensIn, portWords } from '../listening.ts'
import type { Place } from '../walk/place.ts'
import { type FirewallCheck, fails, listWords, noListeners, pass, ruleSetOf, UNREADABLE, upTo } from './about.ts'
import { type From, type Sight, sightOf } from './sight.ts'

/** Sockets that others can reach in a family as far as they go themselves; each port once. */
export function publicPorts(family: Family, listeners: readonly Listener[]): readonly Listener[] {
  const byPort = new Map<string, Listener>()
  for (const one of listeners) {
    const key = `${one.protocol} ${one.port}`
    if (listensIn(one, family) && !byPort.has(key)) byPort.set(key, one)
  }
  return [...byPort.values()]
}

/** How a stranger's first packet fares. `open`: what lets it in lets in a port that no rule names as well. */
export type Reached = 'by a rule' | 'open' | 'dropped' | 'unsure'

export function reachedBy(sight: Sight, family: Family, listener: Listener): Reached {
  const all = sight.strangers(family).map((from) => reachedFrom(sight, family, from, listener))
  return ORDER.find((one) => all.includes(one)) ?? 'unsure'
}

/** What counts where he may come in by several interfaces. */
const ORDER: readonly Reached[] = ['open', 'by a rule', 'unsure', 'dropped']

function reachedFrom(sight: Sight, family: Family, from: From, listener: Listener): Reached {
  const walked = sight.reaches(family, from, listener)
  if (!walked || walked.answer === 'unsure') return 'unsure'
  if (walked.answer === 'no') return 'dropped'
  const odd = sight.reaches(family, from, { ...listener, port: sight.oddPort(family) })
  return odd?.answer === 'yes' && samePlace(odd.at, walked.at) ? 'open' : 'by a rule'
}

const samePlace = (a: Place | null, b: Place | null): boolean =>
  a?.table === b?.table && a?.chain === b?.chain && a?.ruleNumber === b?.ruleNumber

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
    'These ports listen to everybody, and nobody decided that: no rule is about them, the policy or a rule for everything lets them in. Bind the service to 127.0.0.1, stop it, or say who may use it.',
  references: ['CIS 4.4.2.5'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    const open = byPolicy(family, facts, host, around)
    if (!open) return noListeners(around)
    return open.length === 0 ? pass(say`none`) : fails(listWords(open), upTo(40, open))
  },
  noFix:
    'Space on the finding about the policy closes what the policy lets in; a rule that lets everything in has to be narrowed with e',
})

/** Ports that listen to everybody and that the rules let nobody reach. */
export const closedPorts = (family: Family): FirewallCheck => ({
  id: `FW-listening-closed-${family}`,
  severity: 'low',
  title: `IP${family} ports listen that no rule lets in`,
  expected: 'a rule, or no listener',
  rationale:
    'The firewall is all that stands before these ports. If they are for this host only, bind them to 127.0.0.1, so that two things must fail; if not, a rule is missing.',
  references: ['iptables(8)'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    if (!around.listeners) return noListeners(around)
    const sight = sightOf(facts, host, around)
    const dropped = publicPorts(family, around.listeners)
      .filter((one) => !isLeasePort(one.port) && reachedBy(sight, family, one) === 'dropped')
      .map(portWords)
    return dropped.length === 0 ? pass(say`none`) : fails(listWords(dropped), upTo(40, dropped))
  },
  noFix: 'only you know whether it is for others: a adds a rule that lets it in',
})
