// What is said of a client, held against tcpdmatch(8), which asks libwrap itself.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decide } from '../../src/services/areas/tcpwrappers/decide.ts'
import { bytesOf } from '../../src/services/model/file-bytes.ts'
import { up, whyNoLab } from './lab.ts'
import type { Server } from './server.ts'

const V4 = '192.0.2.3'
const V6 = '2001:db8::3'
/** A line of one byte more than libwrap reads. */
const LONG = `#${'x'.repeat(2046)}`

describe.skipIf(whyNoLab() !== null)('who is let in, as libwrap has it', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ packages: ['tcpd'] })
    // There is no resolver to ask for names: without this, each of them would be waited for.
    await server.must("sed -i 's/^hosts:.*/hosts: files/' /etc/nsswitch.conf; mkdir -p /root/wrapped")
  })
  afterAll(() => server?.down())

  /** What libwrap answers, and what is said of it. */
  const both = async (allow: string, deny: string, client: string) => {
    const wrote = Object.entries({ allow, deny }).map(
      ([name, text]) => `echo ${Buffer.from(text).toString('base64')} | base64 -d >hosts.${name}`,
    )
    const output = await server.must(`cd /root/wrapped; ${wrote.join('; ')}; tcpdmatch -d sshd ${client} 2>&1`)
    const truth = /^access: +(granted|denied|delegated)$/m.exec(output)?.[1]
    const { answer } = decide(
      { files: { allow: bytesOf(allow), deny: bytesOf(deny) }, sshdAsks: true, daemons: [] },
      'sshd',
      client,
    )
    return { truth: truth === 'granted' ? 'in' : truth === 'denied' ? 'out' : (truth ?? output), answer }
  }

  const FILES: readonly (readonly [allow: string, deny: string])[] = [
    ['', ''],
    ['', `sshd: ${V4}\n`],
    [`sshd: ${V4.replace(/\d+$/, '')}\n`, 'sshd: ALL\n'],
    [`sshd: ${V4}`, `sshd: ${V4}\n`],
    ['sshd: 192.0.2.0/255.255.255.0\n', 'sshd: ALL\n'],
    [`sshd ${V4}\n`, `SSHD: ${V4}\n`],
    ['', 'vsftpd: 192.0.2.1'],
    ['', 'vsftpd: 192.0.2.1 \\\n'],
    ['', 'vsftpd: 192.0.2.1 \\\n\n'],
    ['', `#${'x'.repeat(2045)}\n`],
    ['', `${LONG}\n`],
    ['', `#${'é'.repeat(1022)}\n`],
    ['', `#${'é'.repeat(1023)}\n`],
    ['', '# a NUL \0\n'],
    [`sshd: ALL\n${LONG}\n`, 'ALL: ALL\n'],
    [`${LONG}\nsshd: ALL\n`, 'ALL: ALL\n'],
    ['# \\\nsshd: ALL\n', 'ALL: ALL\n'],
    [`sshd: ${V4} : severity auth.info\n`, 'ALL: ALL\n'],
    [`sshd: ${V4} : umask 022 : allow\n`, 'ALL: ALL\n'],
    [`sshd: ${V4}/24\n`, 'ALL: ALL\n'],
    [`sshd: ${V4}/255.255.255.0\n`, 'ALL: ALL\n'],
    [`sshd: ${V4}/32\n`, 'ALL: ALL\n'],
    ['sshd: 0.0.0.0/0.0.0.0\n', 'ALL: ALL\n'],
    ['', `sshd: ${V4} : ALLOW\nALL: ALL\n`],
    ['', 'ALL EXCEPT sshd: ALL\n'],
    ['', `ALL: ALL EXCEPT 192.0.2. EXCEPT ${V4}\n`],
    ['ALL: ALL\n', 'ALL: ALL\n'],
    ['ALL: ALL\r\n', 'ALL: ALL\r\n'],
  ]
  test('is said of an IPv4 client', async () => {
    for (const [allow, deny] of FILES) {
      const { truth, answer } = await both(allow, deny, V4)
      expect([allow, deny, answer]).toEqual([allow, deny, truth])
    }
  })

  test.each([`[${V6}]`, '[2001:db8::]/64', `[${V6}]/64`, '[::]/0', '[2001:db8::]', '192.0.2.0/24'])(
    'is said of an IPv6 client by %s',
    async (word) => {
      const { truth, answer } = await both(`sshd: ${word}\n`, 'ALL: ALL\n', V6)
      expect(answer).toBe(truth)
    },
  )

  test('is never said otherwise, whatever stands there', async () => {
    const word = fc.constantFrom(
      ...'ALL all EXCEPT EXCEPT sshd vsftpd LOCAL KNOWN UNKNOWN PARANOID . ... * '.split(' '),
      ...[V4, `${V4}/24`, `${V4}/`, `${V4}/32`, '192.0.2.', '192.0.2', '192.0.2.*', '192.0.2.003', '192.', '0.0.0.0/0'],
      ...['192.0.2.0/33', '192.0.2.0/024', '192.0.2.0/255.255.255.1', '192.0.2.0/24/24', '192.0.2.2/31', '128.0.0.0/1'],
      ...[`[${V4}]`, '[192.0.2.0]/24', `[::ffff:${V4}]`, `[${V4}`, `${V4}]`, V6, `[${V6}]`, `[${V6}]/64`, `[${V6}/64]`],
      ...['[2001:db8::]/64', '[2001:db8::]/129', '[::]/0', '[2001:db8:*', '[fe80::1%eth0]', '[2001:DB8::3]', '@admins'],
      ...['/root/none', `pat@${V4}`, 'sshd@192.0.2.10', '.example.net', 'localhost', '255.255.255.255', 'é'],
    )
    const list = fc
      .array(fc.tuple(word, fc.constantFrom(' ', ', ', ',', '\t', ' \\\n ')), { minLength: 1, maxLength: 4 })
      .map((words) => words.flat().join(''))
    const option = fc.constantFrom(
      ...['allow', 'deny', 'DENY', 'allow 3', 'deny=3', 'nice', 'nice 5', 'nice 5 5', 'nice=x', 'severity info', ''],
      ...['severity auth.info', 'severity nonsense', 'severity', 'umask 022', 'umask zzz', 'umask', 'user nosuch'],
      ...[
        'group nosuch',
        'linger',
        'linger 3',
        'keepalive',
        'keepalive 3',
        'setenv A b',
        'banners /nowhere',
        'banners',
      ],
      ...['rfc931', 'rfc931 0', 'foo', 'spawn', 'spawn true', 'twist true', 'allow\r', 'a\\:b', 'allow '],
    )
    const line = fc.oneof(
      {
        weight: 2,
        arbitrary: fc.tuple(list, list, fc.array(option, { maxLength: 2 })).map((all) => all.flat().join(':')),
      },
      {
        weight: 8,
        arbitrary: fc.tuple(fc.constantFrom('sshd', 'SSHD', 'ALL', 'vsftpd'), word).map(([a, b]) => `${a}: ${b}`),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...['', '# a', ' # a', 'ALL', ':', 'sshd:', LONG, '\\', 'ss\0', '\0x', 'a\\\\']),
      },
    )
    const file = fc
      .tuple(fc.array(line, { maxLength: 4 }), fc.constantFrom('\n', '\n', '\n', '\n', '\n', ''))
      .map(([lines, end]) => (lines.length === 0 ? '' : lines.join('\n') + end))
    let sure = 0
    await fc.assert(
      fc.asyncProperty(file, file, fc.constantFrom(V4, V4, V6), async (allow, deny, client) => {
        const { truth, answer } = await both(allow, deny, client)
        if (answer === 'depends') return
        sure++
        expect(answer).toBe(truth)
      }),
      { numRuns: 400 },
    )
    // Nothing would be wrong of what always depends.
    expect(sure).toBeGreaterThan(60)
  })
})
