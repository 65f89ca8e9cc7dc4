// Random packets of all kinds that conntrack tells apart.
import { firstState, type State, type TcpFlag } from '../../../src/services/areas/firewall/walk/packet.ts'
import type { Family } from '../../../src/services/model/firewall.ts'
import { type End, echo, echoId, type Flow, laterPayload, wayBetween } from './flows.ts'
import { datagram } from './frames.ts'
import { HOST_ADDRESSES, SIDES, STATIONS } from './people.ts'
import type { Random } from './random.ts'
import { freshEnds, hideSomething, icmpOf, type Maker, makeSample, type Sample } from './sample.ts'

/** Gives one packet after the other for one family. */
export function createSampler(random: Random, family: Family, flows: readonly Flow[]): () => Sample {
  const maker: Maker = { random, family, flows, used: new Set() }
  return () => hideSomething(random, random.weighed(KINDS)(maker))
}

type Kind = (maker: Maker) => Sample

const tcp = (maker: Maker, flags: readonly TcpFlag[], state: State, told: boolean): Sample => {
  const ends = freshEnds(maker)
  const ports = { sourcePort: ends.from.port, destinationPort: ends.to.port }
  const payload = { kind: 'tcp', ...ports, flags, sequence: 7, acknowledged: 0 } as const
  return makeSample(maker, ends, payload, { protocol: 'tcp', state, ...(told ? { tcpFlags: flags } : {}) })
}

const udp: Kind = (maker) => {
  const ends = freshEnds(maker)
  const payload = { kind: 'udp', sourcePort: ends.from.port, destinationPort: ends.to.port } as const
  return makeSample(maker, ends, payload, { protocol: 'udp', state: 'NEW' })
}

/** From the host to itself, asked about either on its way out or on its way in again. */
const within: Kind = (maker) => {
  const { random, family, used } = maker
  const { from: end } = freshEnds(maker)
  const from: End = { ...end, start: 'host', address: HOST_ADDRESSES[family][end.side] }
  const to: End = { ...from, address: HOST_ADDRESSES[family][random.pick(SIDES)], port: end.port + 1 }
  // Twice the same would be one connection, and be translated as the rules of that time had it.
  const key = `${from.address} ${from.port} ${to.address} ${to.port}`
  if (used.has(key)) return udp(maker)
  used.add(key)
  const inward = random.chance(0.5)
  const lo = { inInterface: inward ? 'lo' : null, outInterface: inward ? null : 'lo' }
  const payload = { kind: 'udp', sourcePort: from.port, destinationPort: to.port } as const
  return {
    ...makeSample(maker, { from, to }, payload, { protocol: 'udp', state: 'NEW', ...lo }),
    way: inward ? 'in' : 'out',
  }
}

/** Requests, answers to nothing, and to IPv6 hosts what neighbours say. */
const message: Kind = (maker) => {
  const { random, family, used } = maker
  const ends = freshEnds(maker)
  const types = family === 'v4' ? [8, 8, 8, 13, 0, 14] : [128, 128, 128, 129, 135, 136]
  // Neighbour discovery is not forwarded, so it is not a question about forwarding.
  const type = wayBetween(ends.from, ends.to) === 'in' ? random.pick(types) : echo(family, false).type
  // Above those of the flows, and never the same twice.
  const rest = Buffer.concat([echoId(10_000 + used.size), Buffer.alloc(20)])
  const protocol = icmpOf(maker)
  return makeSample(maker, ends, { kind: 'icmp', type, code: 0, rest }, { protocol, state: firstState(protocol, type) })
}

/** Without ports, so two addresses have one such connection for good. */
const other: Kind = (maker) => {
  const { random, used } = maker
  const ends = freshEnds(maker)
  const protocol = random.pick([50, 253])
  const key = [ends.from.address, ends.to.address].sort().concat(`${protocol}`).join(' ')
  if (used.has(key)) return udp(maker)
  used.add(key)
  return makeSample(maker, ends, { kind: 'other', protocol }, { protocol, state: 'NEW' })
}

/** Of a connection that is open. */
const later: Kind = (maker) => {
  const { random, flows } = maker
  const flow = random.pick(flows)
  const reply = random.chance(0.4)
  const payload = laterPayload(flow, reply, random.pick<readonly TcpFlag[]>([['ACK'], ['PSH', 'ACK']]))
  const protocol = flow.protocol === 'icmp' ? icmpOf(maker) : flow.protocol
  return makeSample(maker, endsOf(flow, reply), payload, { protocol, state: 'ESTABLISHED', reply })
}

const endsOf = (flow: Flow, reply: boolean) =>
  reply ? { from: flow.other, to: flow.opener } : { from: flow.opener, to: flow.other }

/** An error about a packet of a known connection, or about one that nobody knows. */
const error = (maker: Maker, known: boolean): Sample => {
  const { random, flows, family } = maker
  const flow = random.pick(flows.filter((one) => one.opener.start === 'host' || one.other.start === 'host'))
  // About what the other end sent, told by the host, or by a station about what the host sent.
  const reply = random.chance(0.5)
  const { from, to } = endsOf(flow, reply)
  const payload = known
    ? laterPayload(flow, reply, ['ACK'])
    : ({ kind: 'udp', sourcePort: 3, destinationPort: 4 } as const)
  const quoted = datagram({ source: from.address, destination: to.address, id: 1, payload })
  const rest = Buffer.concat([Buffer.alloc(4), quoted.subarray(0, family === 'v4' ? 28 : 48)])
  const [type = 0, code = 0] = random.pick(ERRORS[family]).split('/').map(Number)
  const address = to.start === 'host' ? to.address : random.pick([to.address, ...STATIONS[family][to.side]])
  const state = known ? 'RELATED' : 'INVALID'
  const ends = { from: { ...to, address }, to: from }
  return makeSample(maker, ends, { kind: 'icmp', type, code, rest }, { protocol: icmpOf(maker), state })
}

/** Types and codes, without those that would teach the host another size or way. */
const ERRORS = { v4: ['3/0', '3/1', '3/3', '11/0', '12/0'], v6: ['1/0', '1/3', '1/4', '3/0', '4/1'] } as const

const NONSENSE: readonly (readonly TcpFlag[])[] = [[], ['FIN', 'SYN'], ['SYN', 'ACK']]

const KINDS: readonly (readonly [weight: number, kind: Kind])[] = [
  [22, (maker) => tcp(maker, ['SYN'], 'NEW', maker.random.chance(0.3))],
  // Conntrack takes up connections in their middle (nf_conntrack_tcp_loose).
  [3, (maker) => tcp(maker, ['ACK'], 'NEW', true)],
  [3, (maker) => tcp(maker, maker.random.pick(NONSENSE), 'INVALID', true)],
  [14, udp],
  [9, message],
  [3, other],
  [3, within],
  [30, later],
  [5, (maker) => error(maker, true)],
  [3, (maker) => error(maker, false)],
]
