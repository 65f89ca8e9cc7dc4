import { ADDRESS_BITS, familyOf, inPrefix, readEnd } from '../../../model/addresses.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import type { Family, FirewallFacts, RuleSet } from '../../../model/firewall.ts'
import type { Session } from '../../../model/host.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { interfaceOf } from '../network.ts'
import { portNamed } from '../port-names.ts'
import { type Direction, familyOfPacket, type Packet, packetsOf } from './packet.ts'
import { protocolNumber, WITH_PORTS } from './protocols.ts'
import { type Walked, walk, worst } from './walk.ts'

/** What a question is read against: the host's addresses and port names, and the session for what is left out. */
export type Vantage = Pick<FirewallFacts, 'network' | 'portNames'> & { readonly session: Session }

/** A connection that is asked about. `port` null: any. */
export type Question = {
  readonly direction: Direction
  readonly family: Family
  readonly protocol: string
  readonly from: string
  readonly to: string
  readonly port: number | null
  /** Interfaces that the first packet comes in and goes out over, as addresses and default route tell; null: not known. */
  readonly inInterface: string | null
  readonly outInterface: string | null
}

const ICMP_ECHO: Readonly<Record<Family, number>> = { v4: 8, v6: 128 }
const hasPorts = (protocol: string): boolean => WITH_PORTS.has(protocolNumber(protocol) ?? -1)

/**
 * Reads a question as a person types it: `from 203.0.113.5 tcp 443`, `to 192.0.2.53 udp domain`, `198.51.100.7 ping`,
 * words in any order. Without `to` it is about a connection to this host, without `from` about one from it.
 */
export function readQuestion(line: string, vantage: Vantage): Result<Question, Safe> {
  const found: { from?: string; to?: string; protocol?: string; port?: string } = {}
  let next: 'from' | 'to' | 'port' | null = null
  for (const word of line.trim().split(/[\s,]+/)) {
    const known: 'from' | 'to' | 'port' | null = word === 'from' || word === 'to' || word === 'port' ? word : null
    if (known) next = known
    else if (next === 'port') [found.port, next] = [word, null]
    else if (next) [found[next], next] = [word, null]
    else if (readEnd(word) !== null) found.from ??= word
    else if (/^(ping|icmp|icmpv6)$/.test(word)) found.protocol = 'ping'
    else if (/^[a-z]+\/\w+$/.test(word)) [found.protocol, found.port] = word.split('/') as [string, string]
    else if (/^:?\d+$/.test(word)) found.port = word.replace(':', '')
    else if (protocolNumber(word) !== null) found.protocol = word
    else if (portOf(word, 'tcp', vantage) !== null || portOf(word, 'udp', vantage) !== null) found.port = word
    else if (word !== '') return fail(say`“${safe(word, 40)}” is no address, protocol or port.`)
  }
  if (next) return fail(say`${safe(next)} needs ${next === 'port' ? say`a port` : say`an address`} after it.`)
  return complete(found, vantage)
}

function complete(
  { from, to, protocol = 'tcp', port }: { from?: string; to?: string; protocol?: string; port?: string },
  vantage: Vantage,
): Result<Question, Safe> {
  if (from === undefined && to === undefined) return fail(say`Say from where (from 203.0.113.5) or to where.`)
  for (const end of [from, to])
    if (end !== undefined && readEnd(end) === null) return fail(say`“${safe(end, 60)}” is not an IP address.`)
  const family = familyOfPacket({ source: from ?? null, destination: to ?? null })
  if (
    family === null ||
    (from &&
      to &&
      familyOfPacket({ source: from, destination: null }) !== familyOfPacket({ source: to, destination: null }))
  )
    return fail(say`Both addresses must be of one family.`)
  const own = ownAddress(family, vantage)
  const source = from ?? own
  const destination = to ?? own
  if (source === null || destination === null) return fail(say`This host has no ${safe(family)} address.`)
  const number = port === undefined ? null : portOf(port, protocol, vantage)
  if (port !== undefined && number === null) return fail(say`“${safe(port, 40)}” is no port.`)
  if (port !== undefined && !hasPorts(protocol)) return fail(say`${safe(protocol)} has no ports.`)
  const [here, there] = [isLocal(source, vantage), isLocal(destination, vantage)]
  const direction: Direction = there ? 'in' : here ? 'out' : 'forward'
  const over = (address: string): string | null => (here && there ? 'lo' : interfaceTo(address, family, vantage))
  return ok({
    direction,
    family,
    protocol,
    from: source,
    to: destination,
    port: number,
    inInterface: direction === 'out' ? null : over(source),
    outInterface: direction === 'in' && !here ? null : over(destination),
  })
}

/** Puts a question in words, everything that was filled in said: `203.0.113.5 → 192.0.2.10 tcp 443, in over eth0`. */
export function questionWords({ from, to, protocol, port, inInterface, outInterface }: Question): Safe {
  const what = port === null ? safe(protocol) : say`${safe(protocol)} ${port}`
  const way = [inInterface && `in over ${inInterface}`, outInterface && `out over ${outInterface}`].filter(Boolean)
  return say`${safe(from)} → ${safe(to)} ${what}${safe(way.length > 0 ? `, ${way.join(', ')}` : '', 60)}`
}

/** One step of a connection, and whether it passes. */
export type Leg = { readonly title: Safe; readonly walked: Walked }

/** Walks a connection through a rule set: its first packet, what answers it, and what follows in either direction. */
export function ask(ruleSet: RuleSet, question: Question, network: FirewallFacts['network']): readonly Leg[] {
  const { direction, family, protocol, from, to, port, inInterface, outInterface } = question
  const flow = packetsOf({
    protocol: protocol === 'ping' ? (family === 'v4' ? 'icmp' : 'ipv6-icmp') : protocol,
    client: from,
    clientPort: null,
    server: to,
    serverPort: port,
    interface: null,
    ...(protocol === 'ping' ? { icmp: { type: ICMP_ECHO[family], code: 0 } } : {}),
  })
  const localAddresses = network.interfaces.flatMap((one) => one.addresses.map(({ address }) => address))
  const pass = (packet: Packet, way: Direction, comes: string | null, goes: string | null): Walked => {
    const seen = { ...packet, inInterface: way === 'out' ? null : comes, outInterface: way === 'in' ? null : goes }
    return walk(ruleSet, way, seen, { localAddresses })
  }
  // What the host sends itself leaves by OUTPUT and comes back by INPUT.
  const there = direction === 'in' && outInterface !== null ? (['out', 'in'] as const) : [direction]
  const back = there.length === 2 ? there : there.map((way) => OPPOSITE[way])
  const forth = (packet: Packet): Walked => worst(there.map((way) => pass(packet, way, inInterface, outInterface)))
  const answering = (packet: Packet): Walked =>
    worst(back.map((way) => pass(packet, way, outInterface ?? inInterface, inInterface ?? outInterface)))
  return [
    { title: say`first packet`, walked: forth(flow.first) },
    { title: say`its answer`, walked: answering(flow.answer) },
    { title: say`what follows`, walked: worst([forth(flow.inward), answering(flow.outward)]) },
  ]
}

const OPPOSITE: Readonly<Record<Direction, Direction>> = { in: 'out', out: 'in', forward: 'forward' }

const inNetwork = (text: string, address: string, prefix: number): boolean => {
  const [one, base] = [readEnd(text), readEnd(address)]
  return one !== null && base !== null && inPrefix(base, prefix, one)
}

const addressesOf = ({ network }: Vantage) =>
  network.interfaces.flatMap((one) => one.addresses.map((address) => ({ ...address, name: one.name })))

const isLocal = (text: string, vantage: Vantage): boolean =>
  addressesOf(vantage).some(({ address, name, prefix, family }) =>
    // All of 127/8 is the host's own.
    inNetwork(text, address, name === 'lo' ? prefix : ADDRESS_BITS[family]),
  ) || text === vantage.session.serverAddress

/** The address a connection of that family ends at when none is named: the session's, else the first global one. */
function ownAddress(family: Family, vantage: Vantage): string | null {
  const { serverAddress } = vantage.session
  if (familyOf(serverAddress) === family) return serverAddress
  const mine = addressesOf(vantage).filter((one) => one.family === family && one.name !== 'lo')
  return (mine.find((one) => !/^fe80:/i.test(one.address)) ?? mine[0])?.address ?? null
}

/** The interface whose network an address lies in, else that of the default route; null when neither is known. */
const interfaceTo = (text: string, family: Family, { network }: Vantage): string | null =>
  interfaceOf(network, text) ?? network.defaultInterface[family]

function portOf(word: string, protocol: string, { portNames }: Vantage): number | null {
  if (/^\d{1,5}$/.test(word)) return Number(word) < 65_536 ? Number(word) : null
  const named = portNamed(word, protocol, portNames)
  return named === null ? null : Number(named)
}
