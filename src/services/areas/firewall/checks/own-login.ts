import type { FirewallFacts } from '../../../model/firewall.ts'
import { type HostFacts, sessionFamily } from '../../../model/host.ts'
import { say } from '../../../model/safe.ts'
import { canonical } from '../baseline/addresses.ts'
import { findChain } from '../chain-text.ts'
import { interfaceWith } from '../network.ts'
import type { Direction } from '../walk/packet.ts'
import type { Walked } from '../walk/walk.ts'
import { type FirewallCheck, fails, pass, ruleSetOf, UNREADABLE, unknown } from './about.ts'
import { ESTABLISHED } from './default-deny.ts'
import { draftOn, filterRef } from './draft.ts'
import { decidedBy } from './rest.ts'
import { type Sight, sightOf, withRuleSet } from './sight.ts'

type Step = { readonly direction: Direction; readonly walked: Walked | null }

/** The interfaces that he may come in by: the one that answers go out by, and the one that has the address he came to. */
const devicesOf = (
  { network }: FirewallFacts,
  { session, sessionInterface }: HostFacts,
): readonly (string | null)[] => [
  ...new Set([sessionInterface, interfaceWith(network, session.serverAddress) ?? sessionInterface]),
]

/** The operator's next login from the first packet to its data, there and back. */
function loginSteps(sight: Sight, host: HostFacts, device = host.sessionInterface): readonly Step[] {
  const { clientAddress, serverAddress, serverPort } = host.session
  const family = sessionFamily(host)
  const from = { address: clientAddress, device }
  const { first, answer, inward, outward } = sight.flow(family, from, serverPort, 'tcp', serverAddress)
  return (
    [
      ['in', first],
      ['out', answer],
      ['in', inward],
      ['out', outward],
    ] as const
  ).map(([direction, packet]) => ({ direction, walked: sight.ask(family, direction, packet) }))
}

const dropped = (steps: readonly Step[]): Step | undefined => steps.find(({ walked }) => walked?.answer === 'no')

/** The rules as they are would not let in whoever reads this, once he is out. */
export const ownLogin: FirewallCheck = {
  id: 'FW-own-login',
  severity: 'critical',
  title: 'You are locked out: these rules drop your next login',
  expected: 'your next login passes',
  rationale:
    'This session goes on because it is open already. Whatever ends it (a lost link, a closed terminal, a reboot) leaves you outside. Somebody, or a program, has changed the rules since you came in. The fix accepts your address at your port before everything else.',
  references: ['iptables(8)'],
  judge: (facts, host, around) => {
    const family = sessionFamily(host)
    if (!ruleSetOf(facts, family)) return UNREADABLE
    const sight = sightOf(facts, host, around)
    const ways = devicesOf(facts, host).map((device) => loginSteps(sight, host, device))
    const steps = ways[0] ?? []
    const wrong = dropped(steps)
    // Where packets come in and go out by different ways it is not known which of the two these are.
    if (wrong && !ways.every(dropped)) return unknown(say`depends on the interface: ${where(facts, host, wrong)}`)
    if (wrong) return fails(say`dropped by ${where(facts, host, wrong)}`)
    const unsure = steps.find(({ walked }) => walked?.answer !== 'yes')
    if (!unsure) return pass(say`your next login passes`)
    // What was not read, or is too much to be walked, has no place.
    return unsure.walked?.at
      ? unknown(say`depends on ${where(facts, host, unsure)}`)
      : unknown(unsure.walked?.because ?? say`too many rules to be walked`)
  },
  fix: (facts, host, around) => {
    const family = sessionFamily(host)
    const base = ruleSetOf(facts, family)
    const me = canonical(host.session.clientAddress)
    if (!base || me?.family !== family) return null
    const draft = draftOn(base)
    const steps = (): readonly Step[] =>
      loginSteps(sightOf(withRuleSet(facts, family, draft.ruleSet()), host, around), host)
    const accepts = {
      in: [`-s ${me.text} -p tcp -m tcp --dport ${host.session.serverPort} -j ACCEPT`, 'INPUT'],
      out: [ESTABLISHED, 'OUTPUT'],
    } as const
    for (const direction of ['in', 'out'] as const) {
      if (!dropped(steps().filter((step) => step.direction === direction))) continue
      const [text, chain] = accepts[direction]
      const at = filterRef(family, chain)
      // Before all others: what bans addresses may have banned this one.
      draft.insert(at, text, findChain(base, at)?.rules[0]?.id ?? null)
    }
    return draft.edits().length > 0 && !dropped(steps()) ? draft.edits() : null
  },
  noFix: 'what drops it stands before the filter table’s rules, or is another program’s: its detail names it',
}

const where = (facts: FirewallFacts, host: HostFacts, { direction, walked }: Step) => {
  const chain = direction === 'in' ? say`INPUT` : say`OUTPUT`
  return say`${chain} ${decidedBy(facts, sessionFamily(host), direction, walked?.at ?? null)}`
}
