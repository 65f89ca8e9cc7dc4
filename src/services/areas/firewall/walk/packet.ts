import { familyOf } from '../../../model/addresses.ts'
import type { Family } from '../../../model/firewall.ts'
import type { IpSets } from '../../../model/ip-sets.ts'
import { ICMP, ICMPV6, protocolNumber } from './protocols.ts'

/** What conntrack thinks of a packet (iptables-extensions(8), conntrack). */
export type State = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED'

export type TcpFlag = 'FIN' | 'SYN' | 'RST' | 'PSH' | 'ACK' | 'URG'

/**
 * A whole, ordinary packet as one end's firewall sees it: no fragment, no extension headers before what it carries, sent
 * by an address that somebody has, in a frame to this host alone, and not marked before it meets the rules. null means
 * not known: an ephemeral port, "from anywhere", an unnamed interface, which is taken for any but the loopback one
 * unless the addresses are the host's own.
 *
 * A packet of a running connection has the addresses that the filter table sees, which for a translated one is after
 * the translation on the way in and before it on the way out.
 */
export type Packet = {
  /** A name of /etc/protocols or a number: `tcp`, `udp`, `icmp`, `ipv6-icmp`, `esp`, 253. */
  readonly protocol: string | number
  readonly source: string | null
  readonly sourcePort: number | null
  readonly destination: string | null
  readonly destinationPort: number | null
  /** Type and code of an ICMP or ICMPv6 message; what is left out is not known. */
  readonly icmp?: { readonly type: number | null; readonly code: number | null }
  /** Exactly the flags that are set. Without it a new connection's packet has SYN alone, a running one's has ACK. */
  readonly tcpFlags?: readonly TcpFlag[]
  readonly inInterface: string | null
  readonly outInterface: string | null
  readonly state: State
  /**
   * For a packet to the host's own address that a DNAT rule sends on: that rule's `--to-destination`, and the end it means.
   * It is asked about on its way through (`forward`), and `outInterface` is the one behind which that end is.
   */
  readonly sentOnTo?: { readonly option: string; readonly address: string; readonly port: number | null }
  /** Whether it goes against the direction in which its connection was opened; left out when not known. */
  readonly reply?: boolean
}

/** To the host itself, from it, or through it. */
export type Direction = 'in' | 'out' | 'forward'

/**
 * New connections of one address within a time, all of them held open; `lists` are those that rules put the address on
 * meanwhile (iptables-extensions(8), recent --set).
 */
export type Burst = { readonly connections: number; readonly seconds: number; readonly lists: ReadonlySet<string> }

/** What is known about the host besides its rules. */
export type Known = {
  /** All addresses of all its interfaces, or null when not known. */
  readonly localAddresses: readonly string[] | null
  /** The same with the lengths of their networks' parts (`192.0.2.10/24`); left out when not known. */
  readonly localNetworks?: readonly string[]
  /** Asks about the last packet of a burst instead of one that comes alone. */
  readonly burst?: Burst
  /** The sets that rules may name; a rule set that has them brings them along. */
  readonly sets?: IpSets
}

export const NOTHING_KNOWN: Known = { localAddresses: null }

/** Requests that open an entry in conntrack's table: echo, timestamp, information, address mask; echo, node query. */
const OPENING: Readonly<Record<number, ReadonlySet<number>>> = {
  [ICMP]: new Set([8, 13, 15, 17]),
  [ICMPV6]: new Set([128, 139]),
}
/** Multicast listeners and neighbours, which conntrack leaves alone (nf_conntrack_proto_icmpv6.c). */
const LEFT_ALONE: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 137, 143])

/**
 * The state of a packet that no connection is known for: NEW, but an ICMP message only opens one when it is a request.
 * An error or an answer that belongs to nothing is INVALID; neighbour discovery is UNTRACKED.
 */
export function firstState(protocol: string | number, icmpType: number | null): State {
  const number = typeof protocol === 'number' ? protocol : protocolNumber(protocol)
  const opening = number === null ? undefined : OPENING[number]
  if (!opening || icmpType === null || opening.has(icmpType)) return 'NEW'
  return number === ICMPV6 && LEFT_ALONE.has(icmpType) ? 'UNTRACKED' : 'INVALID'
}

/** A connection as seen from one of its ends; null where not known, or where it is any. */
export type Flow = {
  readonly protocol: string | number
  /** Whoever opens it. */
  readonly client: string | null
  readonly clientPort: number | null
  readonly server: string | null
  readonly serverPort: number | null
  readonly icmp?: { readonly type: number | null; readonly code: number | null }
  /** The interface of this host that the connection goes over. */
  readonly interface: string | null
}

/**
 * The packets of a connection that is opened to this host: the first one, what answers it, and what follows in either
 * direction. For tcp these are SYN, SYN+ACK and data.
 */
export function packetsOf(flow: Flow): {
  readonly first: Packet
  readonly answer: Packet
  readonly inward: Packet
  readonly outward: Packet
} {
  const { protocol, icmp } = flow
  const inward: Packet = {
    protocol,
    source: flow.client,
    sourcePort: flow.clientPort,
    destination: flow.server,
    destinationPort: flow.serverPort,
    ...(icmp ? { icmp } : {}),
    inInterface: flow.interface,
    outInterface: null,
    state: 'ESTABLISHED',
    reply: false,
  }
  const outward: Packet = {
    protocol,
    source: flow.server,
    sourcePort: flow.serverPort,
    destination: flow.client,
    destinationPort: flow.clientPort,
    // An echo reply; what else answers a message is not known.
    ...(icmp ? { icmp: { type: ANSWERS[icmp.type ?? -1] ?? null, code: icmp.code } } : {}),
    inInterface: null,
    outInterface: flow.interface,
    // The host's half of the handshake already belongs to an established connection, as conntrack sees it.
    state: 'ESTABLISHED',
    reply: true,
  }
  return {
    first: { ...inward, state: firstState(protocol, icmp?.type ?? null) },
    answer: icmp ? outward : { ...outward, tcpFlags: ['SYN', 'ACK'] },
    inward,
    outward,
  }
}

const ANSWERS: Readonly<Record<number, number>> = { 8: 0, 13: 14, 15: 16, 17: 18, 128: 129, 139: 140 }

/** The family of the rule set that a packet between these addresses meets; null when neither can be read. */
export const familyOfPacket = ({ source, destination }: Pick<Packet, 'source' | 'destination'>): Family | null =>
  familyOf(source ?? '') ?? familyOf(destination ?? '')
