import type { Family } from '../../../model/firewall.ts'
import { type HostFacts, sessionFamily } from '../../../model/host.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { SeenPort } from '../../../model/seen-ports.ts'
import { isStillSaid, portsFromHere } from '../from-here/said.ts'
import { portWords } from '../listening.ts'
import { type FirewallCheck, fails, listWords, notApplicable, pass, unknown, upTo } from './about.ts'

/**
 * What a port says against the rules, or that it says what they say. `unknown`: nothing was heard of it, or the rules depend
 * on more than is known.
 */
export type Difference = 'open' | 'shut' | 'none' | 'unknown'

/** Holds what was seen of a port against the rules. In a family in which nothing answers, silence says nothing of the host. */
export function differenceOf({ family, said, answer }: SeenPort, heard: ReadonlySet<Family>): Difference {
  if (answer.state === 'unknown' || said.answer === 'unsure') return 'unknown'
  if (answer.state === 'open') return said.answer === 'no' ? 'open' : 'none'
  if (!heard.has(family)) return 'unknown'
  return said.answer === 'yes' ? 'shut' : 'none'
}

/**
 * The families in which the host was heard to the end: that of the session where the port that he is in by answered, which
 * is asked last, and the other one where any port did.
 */
export function heardIn(ports: readonly SeenPort[], host: HostFacts): ReadonlySet<Family> {
  const own = sessionFamily(host)
  const open = ports.filter(({ answer }) => answer.state === 'open')
  return new Set(
    open.flatMap(({ family, port }) => (family !== own || port === host.session.serverPort ? [family] : [])),
  )
}

/** `v4 tcp 3306 (mariadbd): open; the rules drop it (v4 filter INPUT policy)` */
export function seenWords({ family, port, process, said, answer }: SeenPort): Safe {
  const seen = answer.state === 'open' ? say`open` : answer.reason
  const rules = { yes: say`let it in`, no: say`drop it`, unsure: say`leave it unsure` }[said.answer]
  return say`${safe(family)} ${portWords({ protocol: 'tcp', port, process })}: ${seen}; the rules ${rules} (${said.because})`
}

type Kind = 'open' | 'shut'
const nothing = (kind: Kind, count: number): Safe => {
  const looked = count === 1 ? say`1 TCP port` : say`${count} TCP ports`
  return kind === 'open' ? say`none of ${looked}` : say`all that are let in of ${looked} do`
}

const seenAs =
  (kind: Kind): FirewallCheck['judge'] =>
  (facts, host, around) => {
    const { seenPorts } = around
    if (!seenPorts) return notApplicable(say`not looked at: L looks, from this machine`)
    const now = portsFromHere(facts, host, around)
    if (!now || !isStillSaid(seenPorts.ports, now.ports))
      return notApplicable(say`the rules have changed since it was looked at: L looks again`)
    const heard = heardIn(seenPorts.ports, host)
    const those = (wanted: Difference) => seenPorts.ports.filter((one) => differenceOf(one, heard) === wanted)
    const [found, unclear] = [those(kind), those('unknown')]
    const details = upTo(40, [...found, ...unclear].map(seenWords))
    if (found.length > 0)
      return fails(listWords(found.map(({ port, process }) => portWords({ protocol: 'tcp', port, process }))), details)
    const { ports, more } = seenPorts
    const dark = unclear.length + more
    return dark > 0
      ? unknown(say`of ${dark} of ${ports.length + more} ports`, details)
      : pass(nothing(kind, ports.length))
  }

/** What comes through although the rules say otherwise. */
export const openFromHere: FirewallCheck = {
  id: 'FW-open-from-here',
  severity: 'high',
  title: 'Ports answer from here that the rules drop',
  expected: 'no answer',
  rationale:
    'This machine got a connection to a port that the rules were read to drop for it. Either something else answers for that address (a load balancer, a port forwarded to another host, a proxy on this machine’s way), or the packet goes by a way that these rules do not see. Until it is known which, the rules do not protect what they seem to.',
  references: ['connect(2)', 'iptables(8)'],
  judge: seenAs('open'),
  noFix: 'find out who answers there: compare what the port says with what it says on the host itself',
}

/** What something else keeps out. */
export const shutFromHere: FirewallCheck = {
  id: 'FW-shut-from-here',
  severity: 'low',
  title: 'Ports do not answer from here that the rules let in',
  expected: 'an answer',
  rationale:
    'The port listens and the rules of this host let this machine in, but nothing answers: a filter stands on the way, such as a provider’s firewall, a router, or one before this machine. That may be wanted; it may also be all that protects the port, and the day it goes the port is open. What is not for everybody should be closed here as well.',
  references: ['connect(2)', 'iptables(8)'],
  judge: seenAs('shut'),
  noFix: 'O writes what a filter above this host has to let in; a adds a rule that closes the port here too',
}
