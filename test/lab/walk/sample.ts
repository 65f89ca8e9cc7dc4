// A packet as bytes for the kernel and as the question that the walk is asked.
import type { Packet } from '../../../src/services/areas/firewall/walk/packet.ts'
import type { Family } from '../../../src/services/model/firewall.ts'
import { devicesBetween, type End, type Flow, someEnds, type Way, wayBetween } from './flows.ts'
import type { Payload } from './frames.ts'
import { PORTS, type Start } from './people.ts'
import type { Random } from './random.ts'

export type Sample = {
  readonly family: Family
  readonly way: Way
  readonly start: Start
  readonly source: string
  readonly destination: string
  readonly payload: Payload
  readonly packet: Packet
}

/** What packets of one family are made from. */
export type Maker = {
  readonly random: Random
  readonly family: Family
  readonly flows: readonly Flow[]
  /** Ends that a packet had already: the next one between them might not be the first of its connection. */
  readonly used: Set<string>
}

/** The name of the family's ICMP. */
export const icmpOf = ({ family }: Pick<Maker, 'family'>): string => (family === 'v4' ? 'icmp' : 'ipv6-icmp')

/** Two ends for a packet that opens something; no two packets get the same. */
export function freshEnds({ random, family, used }: Maker): { from: End; to: End } {
  const { from, to } = someEnds(random, family, random.pick(['in', 'in', 'in', 'out', 'forward']))
  for (;;) {
    const source = random.chance(0.25) ? random.pick(PORTS) : 10_000 + random.number(50_000)
    const destination = random.chance(0.85) ? random.pick(PORTS) : 1 + random.number(65_000)
    const key = [`${from.address} ${source}`, `${to.address} ${destination}`].sort().join(' ')
    if (used.has(key)) continue
    used.add(key)
    return { from: { ...from, port: source }, to: { ...to, port: destination } }
  }
}

/** A packet between two ends, with all that can be known of it unless told otherwise. */
export function makeSample(
  { family }: Pick<Maker, 'family'>,
  ends: { readonly from: End; readonly to: End },
  payload: Payload,
  asked: Pick<Packet, 'protocol' | 'state'> & Partial<Packet>,
): Sample {
  const { from, to } = ends
  const ports = payload.kind === 'tcp' || payload.kind === 'udp' ? payload : null
  return {
    family,
    way: wayBetween(from, to),
    start: from.start,
    source: from.address,
    destination: to.address,
    payload,
    packet: {
      source: from.address,
      destination: to.address,
      sourcePort: ports?.sourcePort ?? null,
      destinationPort: ports?.destinationPort ?? null,
      ...devicesBetween(from, to),
      ...(payload.kind === 'icmp' ? { icmp: { type: payload.type, code: payload.code } } : {}),
      ...asked,
    },
  }
}

/** Leaves something of the question unknown, now and then. An interface that is not named is never the loopback one. */
export function hideSomething(random: Random, sample: Sample): Sample {
  const { packet } = sample
  if (packet.inInterface === 'lo' || packet.outInterface === 'lo' || !random.chance(0.12)) return sample
  const { reply: _reply, icmp: _icmp, ...rest } = packet
  const less = random.pick<Packet>([
    { ...packet, sourcePort: null },
    { ...packet, destinationPort: null },
    { ...packet, inInterface: null },
    { ...packet, outInterface: null },
    { ...packet, source: null },
    { ...packet, ...(packet.icmp ? { icmp: { type: packet.icmp.type, code: null } } : {}) },
    rest,
  ])
  return { ...sample, packet: less }
}
