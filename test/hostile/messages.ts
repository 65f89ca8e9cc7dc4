// Messages of the SSH protocol (RFC 4250 to 4256) as a hostile server sends them: too long, too often, out of turn.

import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type { Connection } from 'ssh2'

type Protocol = {
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number
      readonly alloc: (size: number) => Buffer
      readonly finalize: (packet: Buffer, force?: boolean) => Buffer
    }
  }
  readonly channelData: (channel: number, data: Buffer) => void
  readonly channelExtData: (channel: number, data: Buffer, type: number) => void
}
type Inner = { readonly _protocol: Protocol; readonly _sock: Socket }
const { sendPacket } = createRequire(import.meta.url)('ssh2/lib/protocol/utils.js') as {
  sendPacket: (protocol: Protocol, packet: Buffer, bypass?: boolean) => boolean
}

export const inner = (client: Connection): Inner => client as unknown as Inner

/** Sends one message under the connection's keys, whatever state it is in. */
export function send(client: Connection, payload: Buffer): void {
  const { _protocol: protocol } = inner(client)
  const { write } = protocol._packetRW
  const packet = write.alloc(payload.length)
  payload.copy(packet, write.allocStart)
  sendPacket(protocol, write.finalize(packet), true)
}

/** What may wait in this process before more is sent. Bytes. */
const AHEAD = 1 << 20

/** Calls `once` again and again, as fast as the client reads, until the connection or `stop` ends it. Gives how often. */
export function flood(
  client: Connection,
  once: () => void,
): { readonly stop: () => void; readonly count: () => number } {
  const { _sock: socket } = inner(client)
  let stopped = false
  let count = 0
  const more = (): void => {
    while (!stopped && !socket.destroyed && socket.writableLength < AHEAD) {
      try {
        once()
      } catch {
        stopped = true
      }
      count += 1
      if (count % 500 === 0) break
    }
    if (!stopped && !socket.destroyed) setImmediate(more)
  }
  more()
  return {
    stop: () => {
      stopped = true
    },
    count: () => count,
  }
}

const u32 = (value: number): Buffer => {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(value >>> 0)
  return four
}
const text = (value: string | Buffer): Buffer => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)])
const message = (type: number, ...parts: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from([type]), ...parts])
const yes = Buffer.from([1])
const no = Buffer.from([0])
const LONG = 'x'.repeat(30_000)
const HOSTILE = `\u001b]0;pwned\u0007\u001b[2J${LONG}`

/** By name; each may be sent at any time. */
export const MESSAGES: Readonly<Record<string, Buffer>> = {
  'a disconnect with a long description': message(1, u32(2), text(HOSTILE), text('')),
  ignore: message(2, text(LONG)),
  'ignore, tiny': message(2, text('')),
  unimplemented: message(3, u32(7)),
  debug: message(4, yes, text(HOSTILE), text('')),
  'service accept': message(6, text('ssh-userauth')),
  'extension info': message(
    7,
    u32(1_000),
    ...Array.from({ length: 1_000 }, (_, at) => text(`ext${at}`)).flatMap((one) => [one, one]),
  ),
  'a broken key exchange': message(20, Buffer.alloc(16), text('nothing'), u32(0xffffffff)),
  'new keys': message(21),
  failure: message(51, text('publickey,password'), no),
  'failure with a thousand methods': message(
    51,
    text(Array.from({ length: 1_000 }, (_, at) => `m${at}`).join(',')),
    yes,
  ),
  banner: message(53, text(HOSTILE), text('')),
  'banner, tiny': message(53, text('.'), text('')),
  'a request for answers': message(60, text('n'), text(HOSTILE), text(''), u32(1), text('Password:'), no),
  'a request for four billion answers': message(60, text('n'), text('i'), text(''), u32(0xffffffff), text('Code:'), no),
  'a request without prompts': message(60, text('n'), text('i'), text(''), u32(0)),
  'a global request': message(80, text('nonsense@hostile'), yes, text(LONG)),
  'host keys': message(
    80,
    text('hostkeys-00@openssh.com'),
    yes,
    ...Array.from({ length: 300 }, () => text(Buffer.concat([text('ssh-ed25519'), text('k'.repeat(32))]))),
  ),
  'request success': message(81),
  'request failure': message(82),
  'a channel to us': message(
    90,
    text('forwarded-tcpip'),
    u32(7),
    u32(1 << 30),
    u32(1 << 15),
    text('a'),
    u32(1),
    text('b'),
    u32(2),
  ),
  'an x11 channel': message(90, text('x11'), u32(8), u32(1 << 30), u32(1 << 15), text('a'), u32(1)),
  'confirmation of no channel': message(91, u32(77), u32(1), u32(1 << 30), u32(1 << 15)),
  'window for no channel': message(93, u32(77), u32(0xffffffff)),
  'data for no channel': message(94, u32(77), text(LONG)),
  'data for the first channel': message(94, u32(0), text(LONG)),
  'one byte for the first channel': message(94, u32(0), text('x')),
  'errors for the first channel': message(95, u32(0), u32(1), text(LONG)),
  'window for the first channel': message(93, u32(0), u32(0xffffffff)),
  'an exit status for the first channel': message(98, u32(0), text('exit-status'), no, u32(0)),
  'an exit signal for the first channel': message(
    98,
    u32(0),
    text('exit-signal'),
    no,
    text('KILL'),
    no,
    text(HOSTILE),
    text(''),
  ),
  'an end of the first channel': message(96, u32(0)),
  'a success for the first channel': message(99, u32(0)),
  'a failure for the first channel': message(100, u32(0)),
  'an unknown message': message(200, text(LONG)),
}
