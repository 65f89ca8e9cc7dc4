import type { Family, FirewallFacts } from '../../../model/firewall.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { chainAt } from '../beside.ts'
import type { Direction, Packet } from '../walk/packet.ts'
import type { Place } from '../walk/place.ts'
import type { Walked } from '../walk/walk.ts'
import { ruleSetOf } from './about.ts'
import { CLIENT_PORT, type From, type Sight } from './sight.ts'

/** What becomes of packets that no rule is about, and what decides it. */
export type Rest = { readonly state: 'open' | 'closed' | 'unsure'; readonly because: Safe }

const PROTOCOLS = ['tcp', 'udp'] as const

/** What a stranger's packets to a port that no rule names meet on the way in. */
export const restIn = (facts: FirewallFacts, sight: Sight, family: Family): Rest =>
  restOf(facts, sight, family, 'in', knocks(sight, family))

/** What they meet on their way through the host, into the networks behind it and out again. */
export const restThrough = (facts: FirewallFacts, sight: Sight, family: Family): Rest =>
  restOf(
    facts,
    sight,
    family,
    'forward',
    knocks(sight, family).flatMap((packet) =>
      behind(facts, family).map((to) => ({ ...packet, destination: to.address, outInterface: to.device })),
    ),
  )

/** What the host's own packets meet that no rule is about. */
export const restOut = (facts: FirewallFacts, sight: Sight, family: Family): Rest =>
  restOf(facts, sight, family, 'out', leaving(sight, family))

/** First packets of connections from strangers, by tcp and udp, by every interface they may come in by. */
export const knocks = (sight: Sight, family: Family): readonly Packet[] =>
  PROTOCOLS.flatMap((over) => sight.strangers(family).map((from) => knock(sight, family, from, over)))

/** First packets of connections from the host to them. */
export const leaving = (sight: Sight, family: Family): readonly Packet[] =>
  knocks(sight, family).map((packet) => ({
    ...packet,
    source: packet.destination,
    destination: packet.source,
    inInterface: null,
    outInterface: packet.inInterface,
  }))

/** The first packet of a connection as a client would open it, from a port of his own. */
const knock = (sight: Sight, family: Family, from: From, over: 'tcp' | 'udp'): Packet => ({
  ...sight.flow(family, from, sight.oddPort(family), over).first,
  sourcePort: CLIENT_PORT,
})

/** Somebody in each network around, and somebody far away. */
function behind({ network }: FirewallFacts, family: Family): readonly From[] {
  const near = network.interfaces
    .filter((one) => one.name !== 'lo' && one.name !== network.defaultInterface[family])
    .flatMap((one) => {
      const found = one.addresses.find((address) => address.family === family)
      return found ? [{ address: neighbourOf(found.address), device: one.name }] : []
    })
  return [...near, { address: FAR[family], device: network.defaultInterface[family] }]
}

/** An address of iana.org. */
const FAR: Readonly<Record<Family, string>> = { v4: '192.0.43.8', v6: '2001:500:88:200::8' }

/** The address beside one: in all but the smallest networks it is another host's. */
const neighbourOf = (address: string): string =>
  address.includes(':')
    ? address.replace(/[0-9a-f]*$/i, (last) => ((Number.parseInt(last || '0', 16) ^ 6) & 0xffff).toString(16))
    : address.replace(/\d+$/, (last) => String(Number(last) ^ 6))

function restOf(
  facts: FirewallFacts,
  sight: Sight,
  family: Family,
  direction: Direction,
  packets: readonly Packet[],
): Rest {
  const answers = packets.map((packet) => sight.ask(family, direction, packet))
  const found = (answer: Walked['answer']) => answers.find((walked) => walked?.answer === answer)
  const open = found('yes')
  if (open) return { state: 'open', because: decidedBy(facts, family, direction, open.at) }
  const unsure = found('unsure')
  if (unsure) return { state: 'unsure', because: say`depends on ${decidedBy(facts, family, direction, unsure.at)}` }
  if (answers.includes(null)) return { state: 'unsure', because: say`too many rules to be walked` }
  const closed = found('no')
  return { state: 'closed', because: decidedBy(facts, family, direction, closed?.at ?? null) }
}

const CHAINS: Readonly<Record<Direction, string>> = { in: 'INPUT', out: 'OUTPUT', forward: 'FORWARD' }

/** What decides (null: the policy), by its place in the rules as they are: the walk may have left some out. */
export function decidedBy(facts: FirewallFacts, family: Family, direction: Direction, at: Place | null): Safe {
  const ruleSet = ruleSetOf(facts, family)
  const home = CHAINS[direction]
  const place = at ?? { table: 'filter', chain: home, ruleNumber: 'policy' as const, ruleId: null }
  const chain = ruleSet && chainAt(ruleSet, place)
  const name =
    place.table === 'filter' && place.chain === home ? say`` : say`${safe(place.table)} ${safe(place.chain)} `
  if (place.ruleId === null) return say`${name}policy ${safe(chain?.policy ?? 'ACCEPT')}`
  const index = chain?.rules.findIndex((rule) => rule.id === place.ruleId) ?? -1
  const rule = chain?.rules[index]
  return rule ? say`${name}rule ${index + 1}: ${safe(rule.text, 60)}` : say`${name}rule`
}
