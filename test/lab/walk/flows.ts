// Connections that are opened while all rules are open, so that conntrack knows them when there are others.
import type { TcpFlag } from '../../../src/services/areas/firewall/walk/packet.ts'
import type { Family } from '../../../src/services/model/firewall.ts'
import type { Payload } from './frames.ts'
import { DEVICES, HOST_ADDRESSES, PORTS, SIDES, type Side, STATIONS, type Start } from './people.ts'
import type { Random } from './random.ts'

/** An end of a connection: where it is, and whether that is the host itself. */
export type End = { readonly start: Start; readonly side: Side; readonly address: string; readonly port: number }

export type Flow = {
  readonly family: Family
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  readonly opener: End
  readonly other: End
}

export type Way = 'in' | 'out' | 'forward'

/** The two ends of something that goes that way; ports are the caller's to choose. */
export function someEnds(random: Random, family: Family, way: Way): { from: Omit<End, 'port'>; to: Omit<End, 'port'> } {
  const side = random.pick(SIDES)
  const far: Side = side === 'east' ? 'west' : 'east'
  const station = (at: Side) => ({ start: at, side: at, address: random.pick(STATIONS[family][at]) })
  const host = { start: 'host' as const, side, address: HOST_ADDRESSES[family][random.chance(0.85) ? side : far] }
  if (way === 'forward') return { from: station(side), to: station(far) }
  return way === 'in' ? { from: station(side), to: host } : { from: host, to: station(side) }
}

/** Connections of all kinds, no two with the same ends. */
export const someFlows = (random: Random, family: Family, count: number): readonly Flow[] =>
  Array.from({ length: count }, (_, i) => {
    const way = random.weighed<Way>([
      [5, 'in'],
      [3, 'out'],
      [3, 'forward'],
    ])
    const { from, to } = someEnds(random, family, way)
    const protocol = random.weighed<Flow['protocol']>([
      [6, 'tcp'],
      [3, 'udp'],
      [2, 'icmp'],
    ])
    // Low ones for flows, so that no other packet of the test is taken for one of theirs.
    return { family, protocol, opener: { ...from, port: 2000 + i }, other: { ...to, port: random.pick(PORTS) } }
  })

/** One packet of a connection after its opening, from its opener or against it. */
export const laterPayload = (flow: Flow, reply: boolean, flags: readonly TcpFlag[]): Payload =>
  payload(flow, reply, flags, 1)

function payload(flow: Flow, reply: boolean, flags: readonly TcpFlag[], step: 0 | 1): Payload {
  const [from, to] = reply ? [flow.other, flow.opener] : [flow.opener, flow.other]
  if (flow.protocol === 'udp') return { kind: 'udp', sourcePort: from.port, destinationPort: to.port }
  if (flow.protocol === 'icmp') return { kind: 'icmp', ...echo(flow.family, reply), rest: echoId(flow.opener.port) }
  const mine = (reply ? 900_000 : 100_000) + step
  const theirs = reply ? 100_001 : 900_001
  const acknowledged = flags.includes('ACK') ? theirs : 0
  return { kind: 'tcp', sourcePort: from.port, destinationPort: to.port, flags, sequence: mine, acknowledged }
}

export const echo = (family: Family, reply: boolean): { type: number; code: number } => ({
  type: family === 'v4' ? (reply ? 0 : 8) : reply ? 129 : 128,
  code: 0,
})

/** Identifier and sequence number of an echo: conntrack's ports of it. */
export const echoId = (id: number): Buffer => Buffer.from([id >> 8, id & 255, 0, 1])

/** What has to be sent, in this order, to open a connection: for tcp the three packets of the handshake. */
export function opening(flow: Flow): readonly { readonly reply: boolean; readonly payload: Payload }[] {
  const steps: readonly (readonly [reply: boolean, flags: readonly TcpFlag[], step: 0 | 1])[] = [
    [false, ['SYN'], 0],
    [true, ['SYN', 'ACK'], 0],
    [false, ['ACK'], 1],
  ]
  return steps
    .slice(0, flow.protocol === 'tcp' ? 3 : 2)
    .map(([reply, flags, step]) => ({ reply, payload: payload(flow, reply, flags, step) }))
}

/** The interface of the host on the way of a packet between two ends; null where it has none. */
export const devicesBetween = (from: End | Omit<End, 'port'>, to: End | Omit<End, 'port'>) => ({
  inInterface: from.start === 'host' ? null : DEVICES[from.side],
  outInterface: to.start === 'host' ? null : DEVICES[to.side],
})

export const wayBetween = (from: Omit<End, 'port'>, to: Omit<End, 'port'>): Way =>
  from.start === 'host' ? 'out' : to.start === 'host' ? 'in' : 'forward'
