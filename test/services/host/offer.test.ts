import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOffer } from '../../../src/services/host/offer.ts'
import type { HostFacts } from '../../../src/services/model/host.ts'
import { connect, serversOfTests, value } from './answers.ts'

const list = (names: readonly string[]): Buffer => {
  const text = Buffer.from(names.join(','), 'latin1')
  const size = Buffer.alloc(4)
  size.writeUInt32BE(text.length)
  return Buffer.concat([size, text])
}
type Ten = readonly (readonly string[])[]

/** A packet of RFC 4253, section 6, with an SSH_MSG_KEXINIT of ten lists in it. */
function packet(lists: Ten, { padding = 7, message = 20 } = {}): Buffer {
  const tail = Buffer.concat([...lists.map(list), Buffer.alloc(5)])
  const payload = Buffer.concat([Buffer.from([message]), Buffer.alloc(16, 0xff), tail])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(1 + payload.length + padding)
  head[4] = padding
  return Buffer.concat([head, payload, Buffer.alloc(padding, 0xee)])
}
const said = (lists: Ten, before = 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n', more = {}): Buffer =>
  Buffer.concat([Buffer.from(before, 'latin1'), packet(lists, more)])

const LISTS: Ten = [
  ['curve25519-sha256', 'ext-info-s', 'kex-strict-s-v00@openssh.com'],
  ['rsa-sha2-512', 'ssh-ed25519'],
  ['aes256-ctr', 'aes128-ctr'],
  ['aes256-ctr', '3des-cbc'],
  ['hmac-sha2-256'],
  ['hmac-sha1'],
  ['none'],
  ['none'],
  [],
  [],
]
const READ = {
  kex: ['curve25519-sha256'],
  hostKey: ['rsa-sha2-512', 'ssh-ed25519'],
  cipher: ['aes256-ctr', 'aes128-ctr', '3des-cbc'],
  mac: ['hmac-sha2-256', 'hmac-sha1'],
}

describe('what a server offers', () => {
  it('is read behind its version, whatever it writes before that, and for both directions', () => {
    expect(readOffer(said(LISTS))).toEqual(READ)
    expect(readOffer(said(LISTS, 'Welcome\r\nto SSH-land\r\nSSH-2.0-dropbear\n'))).toEqual(READ)
  })

  it('is waited for until all of it is there, whatever the pieces that it comes in', () => {
    const whole = said(LISTS)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(readOffer(whole.subarray(0, length))).toBeNull()
      }),
    )
    expect(readOffer(Buffer.concat([whole, Buffer.from('more')]))).toEqual(READ)
  })

  it.each<[what: string, bytes: Buffer]>([
    ['another message', said(LISTS, undefined, { message: 2 })],
    ['a packet that is too long', Buffer.from('SSH-2.0-x\n\x00\x0f\xff\xff\x04\x14', 'latin1')],
    ['lists that are longer than the packet', said([['x'.repeat(50)]], undefined, { padding: 60 })],
    ['words without end', Buffer.alloc(70_000, 'a')],
  ])('is not taken from %s', (_what, bytes) => {
    expect(readOffer(bytes)).toBe('none')
  })

  it('never throws, and never waits for ever, whatever is sent', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = readOffer(Buffer.concat([Buffer.from('SSH-2.0-x\n'), bytes, Buffer.alloc(40_000)]))
        expect(read).not.toBeNull()
      }),
    )
  })
})

const { up, also } = serversOfTests()

it('is told with the facts of a host, of its last two logins, the newest first', async () => {
  const server = await up()
  const host = await connect(server.target())
  also(host.close)
  const read = async (): Promise<HostFacts> => {
    const heard: HostFacts[] = []
    value(await host.probe([], { facts: (now) => void heard.push(now), output: () => {} }))
    return heard[0] as HostFacts
  }
  const first = (await read()).offers ?? []
  expect(first).toHaveLength(1)
  // The server is ssh2's own: what it can do is what it offers.
  expect(first[0]?.kex).toContain('curve25519-sha256')
  expect(first[0]?.kex.join()).not.toContain('kex-strict')
  expect(first[0]?.hostKey).toEqual(['ssh-ed25519'])
  expect(first[0]?.cipher).toContain('aes256-gcm@openssh.com')
  expect(first[0]?.mac).toContain('hmac-sha2-256')
  for (const _ of [1, 2]) value(await host.proveFreshLogin()).close()
  const later = (await read()).offers ?? []
  expect(later).toHaveLength(2)
  expect(later[0]?.at).toBeGreaterThanOrEqual(later[1]?.at ?? 0)
})
