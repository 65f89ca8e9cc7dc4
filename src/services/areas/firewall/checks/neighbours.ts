import { dotted } from '../../../model/addresses.ts'
import type { Around } from '../../../model/area.ts'
import type { Family, FirewallFacts, Interface } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Listener } from '../../../model/units.ts'
import { boundTo, portWords } from '../listening.ts'
import { cutNet, readNet } from '../shadow/conditions.ts'
import {
  type FirewallCheck,
  fails,
  listWords,
  noListeners,
  notApplicable,
  pass,
  ruleSetOf,
  UNREADABLE,
  upTo,
} from './about.ts'
import { publicPorts, reachedBy } from './open-ports.ts'
import { OWN_NETWORKS, type Sight, sightOf } from './sight.ts'

/** Ranges that providers give to their customers’ private networks (RFC 1918, RFC 6598, RFC 4193). */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].flatMap(
  (net) => readNet(net) ?? [],
)

/** A private network that the host is in, with the address of somebody else in it. */
export type Neighbourhood = {
  readonly device: string
  readonly network: string
  readonly own: string
  readonly neighbour: string
}

/** The private networks around a host. */
const neighbourhoods = (interfaces: readonly Interface[], family: Family): readonly Neighbourhood[] =>
  interfaces
    .filter((one) => !OWN_NETWORKS.test(one.name))
    .flatMap((one) =>
      one.addresses.flatMap(({ family: of, address, prefix }) => {
        const found = of === family ? neighbourOf(address, prefix) : null
        return found ? [{ device: one.name, own: address, ...found }] : []
      }),
    )

function neighbourOf(address: string, prefix: number): { readonly network: string; readonly neighbour: string } | null {
  const net = readNet(`${address}/${prefix}`)
  const self = readNet(address)
  if (!net || !self || !PRIVATE.some((one) => one.words.length === net.words.length && inside(one, net))) return null
  const most = net.words.length === 1 ? 32 : 128
  // A network of one or two addresses has nobody else in it, or its router alone.
  if (prefix > most - 2) return null
  const last = net.words.length - 1
  const offset = (self.words[last] as number) - (net.words[last] as number)
  // Not the first, which is the router’s more often than not, and not the host itself.
  const other = [2, 3].find((one) => one !== offset) as number
  const words = net.words.map((word, i) => (i === last ? word + other : word))
  return { network: `${textOf(net.words)}/${prefix}`, neighbour: textOf(words) }
}

const inside = (
  outer: { words: readonly number[]; bits: number },
  inner: { words: readonly number[]; bits: number },
): boolean =>
  inner.bits >= outer.bits && cutNet(inner.words, outer.bits).words.every((word, i) => word === outer.words[i])

function textOf(words: readonly number[]): string {
  if (words.length === 1) {
    const [word = 0] = words
    return dotted(word)
  }
  const groups = words.flatMap((word) => [Math.floor(word / 65536), word % 65536]).map((group) => group.toString(16))
  return groups.join(':').replace(/(?:^|:)0(?::0)+(?::|$)/, '::')
}

type Reach = { readonly of: Neighbourhood; readonly listener: Listener; readonly alone: boolean }

/**
 * What neighbours reach and others do not, or what only the policy lets in. What a rule opens to the whole world is open
 * to them as well, and is meant to be.
 */
function reaches(
  sight: Sight,
  family: Family,
  facts: FirewallFacts,
  host: HostFacts,
  around: Around,
): readonly Reach[] {
  return neighbourhoods(facts.network.interfaces, family).flatMap((of) =>
    publicPorts(family, around.listeners ?? []).flatMap((listener): readonly Reach[] => {
      const bound = boundTo(listener)
      if (bound !== null && bound !== of.own) return []
      const from = { address: of.neighbour, device: of.device }
      if (sight.reaches(family, from, listener)?.answer !== 'yes') return []
      const world = reachedBy(sight, family, listener)
      const alone = world === 'dropped'
      const meant = world === 'by a rule' || world === 'unsure' || listener.port === host.session.serverPort
      return alone || !meant ? [{ of, listener, alone }] : []
    }),
  )
}

/** Other tenants of the same private network, before whom no rule stands. */
export const neighbours = (family: Family): FirewallCheck => ({
  id: `FW-neighbours-${family}`,
  severity: 'medium',
  title: `IP${family} neighbours reach ports unfiltered`,
  expected: 'rules for the private network too',
  rationale:
    'A provider’s firewall stands between this host and the internet, and often not between it and other tenants of the same private network. What may be reached from there should be said by a rule here, and entered upstream as well.',
  references: ['RFC 1918', 'RFC 4193'],
  judge: (facts, host, around) => {
    if (!ruleSetOf(facts, family)) return UNREADABLE
    if (neighbourhoods(facts.network.interfaces, family).length === 0) return notApplicable(say`no private network`)
    if (!around.listeners) return noListeners(around)
    const found = reaches(sightOf(facts, host, around), family, facts, host, around)
    if (found.length === 0) return pass(say`they reach what everybody reaches`)
    return fails(listWords(found.map(({ listener }) => portWords(listener))), upTo(40, found.flatMap(linesOf)))
  },
  noFix: 'which of the neighbours are yours only you know: its detail has rules to begin with, a adds one',
})

function linesOf({ of, listener, alone }: Reach): readonly Safe[] {
  const network = safe(of.network)
  const who = alone ? say`reached by them alone` : say`reached by everybody, by the policy alone`
  const { protocol, port } = listener
  const over = safe(protocol)
  return [
    say`${safe(of.device)} ${network}: ${portWords(listener)}, ${who}`,
    say`    -s ${network} -i ${safe(of.device)} -p ${over} -m ${over} --dport ${port} -j DROP`,
  ]
}
