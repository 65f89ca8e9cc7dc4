import { familyOf } from '../../../model/addresses.ts'
import type { Around } from '../../../model/area.ts'
import type { Family, FirewallFacts, RuleEdit, RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { LEASE_PORTS, LEASES, leaseAnswers } from '../leases.ts'
import { listensIn } from '../listening.ts'
import { firstState } from '../walk/packet.ts'
import { ruleSetOf } from './about.ts'
import { behindJumps, type Draft, draftOn, filterRef, topOf } from './draft.ts'
import { establishedPasses, loopbackPasses, type Passes } from './passing.ts'
import { relevantWith } from './relevant.ts'
import { restIn } from './rest.ts'
import { ODD_PORT, type Sight, sightOf, trafficOf, withRuleSet } from './sight.ts'

export const LOOPBACK_IN = '-i lo -j ACCEPT'
export const LOOPBACK_OUT = '-o lo -j ACCEPT'
export const ESTABLISHED = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'

/**
 * ICMPv6 messages that must get in: errors, path MTU, ping, multicast queries, routers and neighbours (RFC 4890, 4.4.1).
 * Without the last two a host that drops the rest is no longer found on its own link.
 */
const ICMPV6_TYPES = [1, 2, 3, 4, 128, 130, 133, 134, 135, 136] as const

type Asking = {
  readonly facts: FirewallFacts
  readonly host: HostFacts
  readonly around: Around
  readonly family: Family
}

/**
 * Policy DROP on INPUT, with rules for what would be cut off by it and must not be: loopback, running connections, the
 * operator's way in, ICMPv6, leases. Null where he would be locked out even so.
 */
export function defaultDenyFix(
  family: Family,
  facts: FirewallFacts,
  host: HostFacts,
  around: Around,
): readonly RuleEdit[] | null {
  const whole = ruleSetOf(facts, family)
  if (!whole) return null
  const asking: Asking = { facts, host, around, family }
  const input = filterRef(family, 'INPUT')
  const anchor = topOf(whole, input)
  const behind = behindJumps(whole, input)
  // Every step is walked anew: of a long chain only what has a say is kept, and the rules that others go before.
  const base = relevantWith(whole, trafficOf(facts, host, around, LEASE_PORTS), new Set([anchor, behind]))
  const draft = draftOn(base)
  draft.policy(input, 'DROP')
  const [policy, ...none] = draft.edits()
  if (!policy || none.length > 0) return null
  const rules = draftOn(draft.ruleSet())
  const sight = (): Sight => sightOf(withRuleSet(facts, family, rules.ruleSet()), host, around, LEASE_PORTS)
  if (loopbackPasses(sight(), family, 'in') !== 'yes') rules.insert(input, LOOPBACK_IN, anchor)
  if (establishedPasses(sight(), family, 'in') !== 'yes') rules.insert(input, ESTABLISHED, anchor)
  keepWayIn(rules, asking, base, { anchor, behind })
  if (family === 'v6') keepIcmpv6(rules, anchor, sight)
  keepLeases(rules, asking, anchor, sight)
  if (locksOut(sight(), asking)) return null
  // A rule that lets everybody in does so whatever the policy is.
  const after = withRuleSet(facts, family, rules.ruleSet())
  if (restIn(after, sight(), family).state === 'open') return null
  return [...rules.edits(), policy]
}

/** Accepts new logins where the operator's would be dropped, or everybody's who could log in so far in this family. */
function keepWayIn(
  rules: Draft,
  { facts, host, around, family }: Asking,
  base: RuleSet,
  { anchor, behind }: { readonly anchor: string | null; readonly behind: string | null },
): void {
  const port = host.session.serverPort
  const passes = (ruleSet: RuleSet): Passes => {
    const sight = sightOf(withRuleSet(facts, family, ruleSet), host, around)
    return mine(host, family) ? operatorPasses(sight, host, family) : strangerPasses(sight, family, port)
  }
  if (!mine(host, family)) {
    const listens = around.listeners?.some((one) => one.port === port && listensIn(one, family)) ?? true
    if (!listens || passes(base) === 'no') return
  }
  const before = rules.ruleSet()
  if (passes(before) === 'yes') return
  const input = filterRef(family, 'INPUT')
  const text = `-p tcp -m tcp --dport ${port} -j ACCEPT`
  const trial = draftOn(before)
  trial.insert(input, text, behind)
  // A rule of the chain may drop him before the last of those jumps.
  rules.insert(input, text, passes(trial.ruleSet()) === 'no' ? anchor : behind)
}

export const mine = (host: HostFacts, family: Family): boolean => familyOf(host.session.clientAddress) === family

export function operatorPasses(sight: Sight, host: HostFacts, family: Family): Passes {
  const { clientAddress, serverAddress, serverPort } = host.session
  const from = { address: clientAddress, device: host.sessionInterface }
  const { first, inward } = sight.flow(family, from, serverPort, 'tcp', serverAddress)
  const answers = [first, inward].map((packet) => sight.ask(family, 'in', packet)?.answer ?? 'unsure')
  return answers.includes('no') ? 'no' : answers.includes('unsure') ? 'unsure' : 'yes'
}

export const strangerPasses = (sight: Sight, family: Family, port: number): Passes =>
  sight.ask(family, 'in', sight.flow(family, sight.stranger(family), port).first)?.answer ?? 'unsure'

function keepIcmpv6(rules: Draft, anchor: string | null, sight: () => Sight): void {
  for (const type of ICMPV6_TYPES) {
    const eyes = sight()
    const { first } = eyes.flow('v6', { ...eyes.stranger('v6'), address: 'fe80::1' }, ODD_PORT)
    const packet = {
      ...first,
      protocol: 'ipv6-icmp',
      icmp: { type, code: 0 },
      destinationPort: null,
      destination: null,
      // An error belongs to a connection; neighbour discovery is left alone by conntrack.
      state: type < 128 ? ('RELATED' as const) : firstState('ipv6-icmp', type),
    }
    if (eyes.ask('v6', 'in', packet)?.answer !== 'yes')
      rules.insert(filterRef('v6', 'INPUT'), `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`, anchor)
  }
}

/** An address that is leased must be renewed: the answer to a multicast request belongs to no connection. */
function keepLeases(rules: Draft, { around, family }: Asking, anchor: string | null, sight: () => Sight): void {
  const { server, client } = LEASES[family]
  const leases = around.listeners?.some((one) => one.protocol === 'udp' && one.port === client) ?? family === 'v6'
  if (!leases) return
  const eyes = sight()
  const from = family === 'v6' ? { ...eyes.stranger('v6'), address: 'fe80::1' } : eyes.stranger('v4')
  const packet = {
    ...eyes.flow(family, from, client, 'udp').first,
    sourcePort: server,
    destination: null,
  }
  if (eyes.ask(family, 'in', packet)?.answer === 'yes') return
  rules.insert(filterRef(family, 'INPUT'), leaseAnswers(family, 'server port'), anchor)
}

const locksOut = (sight: Sight, { host, family }: Asking): boolean =>
  mine(host, family) && operatorPasses(sight, host, family) === 'no'
