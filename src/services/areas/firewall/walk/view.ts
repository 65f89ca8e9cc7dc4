import { type Address, isLoopback, readEnd, same } from '../../../model/addresses.ts'
import type { Family } from '../../../model/firewall.ts'
import type { IpSets } from '../../../model/ip-sets.ts'
import { edgesOf } from './addresses.ts'
import type { Answer } from './answer.ts'
import type { Burst, Direction, Known, Packet, State, TcpFlag } from './packet.ts'
import { protocolNumber } from './protocols.ts'

/** The name of an interface, null when not known, `none` where a hook has no such interface at all. */
export type Device = { readonly name: string } | null | 'none'

/** Bits as in the tcp header: which flags are set, and of which that is known. */
export type Flags = { readonly set: number; readonly known: number }

/** The ends of a connection; null for what is not known. */
export type Ends = {
  readonly source: Address | null
  readonly sourcePort: number | null
  readonly destination: Address | null
  readonly destinationPort: number | null
}

/** The end that a DNAT rule means, and the words in which it says so. */
export type SentOn = { readonly option: string; readonly address: Address | null; readonly port: number | null }

/** A packet as the rules of one hook see it: what has been read and worked out once instead of at every rule. */
export type View = Ends & {
  readonly family: Family
  readonly direction: Direction
  readonly protocol: number | null
  readonly icmp: { readonly type: number | null; readonly code: number | null }
  readonly flags: Flags
  readonly inDevice: Device
  readonly outDevice: Device
  /** Whether it is, or may be although nobody named the interface, on its way from the host to itself. */
  readonly maybeLoopback: boolean
  /** All states that it may be in here. */
  readonly states: readonly State[]
  /** The ends as the packet that opened the connection had them, before any translation. */
  readonly opened: Ends
  readonly reply: boolean | null
  /** Whether it comes from outside, where nobody can have marked it. */
  readonly fromOutside: boolean
  /** Marks of the packet and of its connection; null where they are not known, as before a hook is asked. */
  readonly mark: 0 | null
  readonly connectionMark: 0 | null
  /** Whether the destination of a connection's first packet has been translated on its way here. */
  readonly translated: Answer
  /** What the packet is the last of, when a rule's limit is asked about. */
  readonly burst: Burst | null
  /** Where a DNAT rule will send it on to; null where none will, or has done so already. */
  readonly sentOnTo: SentOn | null
  readonly localAddresses: readonly Address[] | null
  /** First and last addresses of the host's networks, which may be broadcast ones; null where they are not known. */
  readonly edges: readonly Address[] | null
  readonly sets: IpSets | null
}

export const FLAG_BITS: Readonly<Record<TcpFlag, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 }
export const ALL_FLAGS = 63

/** Ends of which nothing is known. */
export const UNKNOWN: Ends = { source: null, sourcePort: null, destination: null, destinationPort: null }

/** Makes the view of a packet before any rule has changed it, in a hook that knows both interfaces. */
export function viewOf(packet: Packet, direction: Direction, family: Family, known: Known): View {
  const { protocol, state } = packet
  const ends: Ends = {
    source: readEnd(packet.source),
    sourcePort: packet.sourcePort,
    destination: readEnd(packet.destination),
    destinationPort: packet.destinationPort,
  }
  const localAddresses = known.localAddresses?.map(readEnd).filter((address) => address !== null) ?? null
  const reply = packet.reply ?? (state === 'NEW' ? false : null)
  const maybeLoopback = direction !== 'forward' && (overLoopback(packet) || isToItself(ends, localAddresses))
  return {
    ...ends,
    family,
    direction,
    protocol: typeof protocol === 'number' ? protocol : protocolNumber(protocol),
    icmp: packet.icmp ?? { type: null, code: null },
    flags: flagsOf(packet),
    inDevice: direction === 'out' ? 'none' : deviceOf(packet.inInterface),
    outDevice: direction === 'in' ? 'none' : deviceOf(packet.outInterface),
    maybeLoopback,
    states: [state],
    opened: openedBy(state, reply, ends),
    reply,
    // What the host itself sends may have been marked by whoever sends it (SO_MARK of socket(7)).
    fromOutside: direction !== 'out' && !maybeLoopback,
    mark: null,
    connectionMark: null,
    translated: 'maybe',
    burst: known.burst ?? null,
    sentOnTo: packet.sentOnTo ? { ...packet.sentOnTo, address: readEnd(packet.sentOnTo.address) } : null,
    localAddresses,
    edges: known.localNetworks?.flatMap(edgesOf) ?? null,
    sets: known.sets ?? null,
  }
}

const deviceOf = (name: string | null): Device => (name === null ? null : { name })

/** A packet of a running connection has ACK set and, carrying data, often PSH; the one that opens it has SYN alone. */
function flagsOf({ tcpFlags, state }: Packet): Flags {
  if (tcpFlags) return { set: tcpFlags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0), known: ALL_FLAGS }
  if (state === 'NEW' || state === 'RELATED') return { set: FLAG_BITS.SYN, known: ALL_FLAGS }
  if (state === 'ESTABLISHED') return { set: FLAG_BITS.ACK, known: ALL_FLAGS & ~FLAG_BITS.PSH }
  return { set: 0, known: 0 }
}

const overLoopback = ({ inInterface, outInterface }: Packet): boolean => inInterface === 'lo' || outInterface === 'lo'

/** Nobody else's packets come from a host's own address, and none of them from the loopback addresses. */
function isToItself({ source, destination }: Ends, localAddresses: readonly Address[] | null): boolean {
  if (isLoopback(source) || isLoopback(destination)) return true
  if (source === null || destination === null) return false
  if (same(source, destination)) return true
  const isLocal = (address: Address) => localAddresses?.some((local) => same(local, address)) ?? false
  return isLocal(source) && isLocal(destination)
}

/** Whether it comes, or may come, from the host itself over the loopback interface. */
export const mayBeWithin = ({ direction, maybeLoopback }: View): boolean => direction === 'in' && maybeLoopback

/**
 * What conntrack has on record as the opener's ends. Where a running connection was opened to may have been translated,
 * and a related packet may be an error whose record is that of another connection.
 */
function openedBy(state: State, reply: boolean | null, ends: Ends): Ends {
  if (state === 'NEW') return ends
  if (state === 'ESTABLISHED' && reply === false)
    return { ...UNKNOWN, source: ends.source, sourcePort: ends.sourcePort }
  return UNKNOWN
}
