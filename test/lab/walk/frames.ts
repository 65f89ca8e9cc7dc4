// Packets as bytes: Ethernet, IPv4 and IPv6, and what is carried by them.
import ipaddr from 'ipaddr.js'
import type { TcpFlag } from '../../../src/services/areas/firewall/walk/packet.ts'

export type Payload =
  | {
      readonly kind: 'tcp'
      readonly sourcePort: number
      readonly destinationPort: number
      readonly flags: readonly TcpFlag[]
      readonly sequence: number
      readonly acknowledged: number
    }
  | { readonly kind: 'udp'; readonly sourcePort: number; readonly destinationPort: number }
  | { readonly kind: 'icmp'; readonly type: number; readonly code: number; readonly rest: Buffer }
  | { readonly kind: 'other'; readonly protocol: number }

export type Datagram = {
  readonly source: string
  readonly destination: string
  /** IPv4's identification, or IPv6's flow label: what the observer knows the packet by. Not 0. */
  readonly id: number
  readonly payload: Payload
}

const FLAGS: Readonly<Record<TcpFlag, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 }

/** An IPv4 or IPv6 packet, checksums and all. */
export function datagram({ source, destination, id, payload }: Datagram): Buffer {
  const from = Buffer.from(ipaddr.parse(source).toByteArray())
  const to = Buffer.from(ipaddr.parse(destination).toByteArray())
  const v6 = from.length === 16
  const protocol = protocolOf(payload, v6)
  const body = bodyOf(payload)
  sum(
    body,
    payload,
    Buffer.concat([from, to, Buffer.from([0, 0, body.length >> 8, body.length & 255, 0, 0, 0, protocol])]),
    v6,
  )
  const header = Buffer.alloc(v6 ? 8 : 12)
  if (v6) {
    header.writeUInt32BE((6 << 28) + id, 0)
    header.writeUInt16BE(body.length, 4)
    header[6] = protocol
    // What neighbour discovery must have (RFC 4861), and nobody else minds.
    header[7] = 255
    return Buffer.concat([header, from, to, body])
  }
  header[0] = 0x45
  header.writeUInt16BE(20 + body.length, 2)
  header.writeUInt16BE(id, 4)
  header[8] = 64
  header[9] = protocol
  header.writeUInt16BE(checksum(Buffer.concat([header, from, to])), 10)
  return Buffer.concat([header, from, to, body])
}

/** A datagram in an Ethernet frame between two stations. */
export const frame = (packet: Buffer, fromMac: string, toMac: string): Buffer =>
  Buffer.concat([
    Buffer.from(`${toMac}${fromMac}`.replaceAll(':', ''), 'hex'),
    Buffer.from((packet[0] ?? 0) >> 4 === 6 ? [0x86, 0xdd] : [0x08, 0x00]),
    packet,
  ])

const protocolOf = (payload: Payload, v6: boolean): number =>
  payload.kind === 'other' ? payload.protocol : { tcp: 6, udp: 17, icmp: v6 ? 58 : 1 }[payload.kind]

function bodyOf(payload: Payload): Buffer {
  if (payload.kind === 'other') return Buffer.alloc(16, 1)
  const body = Buffer.alloc(payload.kind === 'tcp' ? 20 : 8)
  if (payload.kind === 'icmp') {
    body[0] = payload.type
    body[1] = payload.code
    return Buffer.concat([body.subarray(0, 4), payload.rest])
  }
  body.writeUInt16BE(payload.sourcePort, 0)
  body.writeUInt16BE(payload.destinationPort, 2)
  if (payload.kind === 'udp') {
    body.writeUInt16BE(8, 4)
    return body
  }
  body.writeUInt32BE(payload.sequence, 4)
  body.writeUInt32BE(payload.acknowledged, 8)
  body[12] = 0x50
  body[13] = payload.flags.reduce((bits, flag) => bits | FLAGS[flag], 0)
  body.writeUInt16BE(64_000, 14)
  return body
}

const SUM_AT = { tcp: 16, udp: 6, icmp: 2 } as const

function sum(body: Buffer, payload: Payload, pseudo: Buffer, v6: boolean): void {
  if (payload.kind === 'other') return
  const over = payload.kind === 'icmp' && !v6 ? body : Buffer.concat([pseudo, body])
  body.writeUInt16BE(checksum(over) || 0xffff, SUM_AT[payload.kind])
}

/** The Internet checksum (RFC 1071). */
function checksum(bytes: Buffer): number {
  let total = 0
  for (let i = 0; i < bytes.length; i += 2) total += ((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0)
  while (total > 0xffff) total = (total & 0xffff) + (total >> 16)
  return ~total & 0xffff
}
