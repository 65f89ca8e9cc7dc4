import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultsOf, ruleFault, typedFault } from '../../../../src/services/areas/tcpwrappers/fault.ts'
import { linesOf } from '../../../../src/services/areas/tcpwrappers/lines.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'

const typed = (text: string) => typedFault(text, bytesOf(text).length)

describe('a rule as it is typed', () => {
  test.each([
    'sshd: 192.0.2.7',
    'sshd vsftpd, in.tftpd: ALL EXCEPT 192.0.2.0/24 [2001:db8::]/64 .example.net 192.0.2. @admins /etc/hosts.ok',
    'ALL EXCEPT sshd: LOCAL, KNOWN, UNKNOWN, PARANOID : deny',
    'sshd@192.0.2.10: pat@192.0.2.7: severity auth.info : nice 5 : allow',
    'sshd: ALL: spawn (/usr/bin/logger %c) & : setenv A b : umask 022 : linger 3 : rfc931 : keepalive',
    'sshd: 192.0.2.0/255.255.255.0',
    'sshd: ALL: twist /bin/echo a\\: b',
  ])('is taken: %s', (text) => expect(typed(text)).toBeNull())

  test.each([
    ['', 'Type a rule'],
    ['# sshd: ALL', 'is a comment'],
    ['sshd 192.0.2.7', 'no colon'],
    [': 192.0.2.7', 'no daemon is named'],
    ['sshd:', 'no client is named'],
    ['EXCEPT sshd: ALL', 'nothing stands before EXCEPT'],
    ['sshd: ALL EXCEPT', 'nothing stands behind EXCEPT'],
    ['sshd: ALL \\', 'go on in the next line'],
    [`sshd: ${'a '.repeat(1100)}`, '2046 bytes'],
    ['sshd: 2001:db8::7', 'stands in brackets: [2001:db8::7]'],
    ['sshd: ::1', 'stands in brackets: [::1]'],
    ['/usr/sbin/sshd: ALL', 'without its path: sshd'],
    ['sshd: 192.0.2.300', '192.0.2.300 is no address'],
    ['sshd: 192.0.2.0/33', '192.0.2.0/33 is no address or network'],
    ['sshd: [192.0.2.7]', 'is no address'],
    ['sshd: 192.0.2.7/24', 'the network is 192.0.2.0/24'],
    ['sshd: 192.0.2.200/255.255.255.0', 'the network is 192.0.2.0/24'],
    ['sshd: ALL: denny', 'denny is no option'],
    ['sshd: ALL: deny: spawn x', 'deny has to be the last'],
    ['sshd: ALL: spawn', 'something has to follow spawn'],
    ['sshd: ALL: allow 3', 'nothing follows allow'],
    ['sshd: ALL: severity loud', 'severity can’t be loud'],
    ['sshd: ALL: umask 999', 'umask can’t be 999'],
    ['sshd: ALL: : allow', 'an option is empty'],
    ['sshd: ALL :', 'an option is empty'],
  ])('is refused in one sentence: %s', (text, words) => expect(typed(text)).toContain(words))

  test('of any text is one or the other', () => {
    fc.assert(fc.property(fc.string(), (text) => void ruleFault(text)))
  })
})

describe('the lines of a file', () => {
  const faults = (text: string, file: 'allow' | 'deny' = 'deny') =>
    faultsOf(file, linesOf(bytesOf(text))).map((one) => one?.word ?? null)

  test('that are rules, comments or blank are in order', () => {
    expect(faults('# a: b\n\n \t\nsshd: ALL \\\n EXCEPT 192.0.2.7\n')).toEqual([null, null, null, null])
  })

  test('that are meant as comments are none, as long as libwrap does not take them for rules', () => {
    expect(faults('  # mine\n# end', 'allow')).toEqual([null, null])
    expect(faults('  # mine: ALL EXCEPT\n# end')).toEqual(['odd', 'keeps all out'])
  })

  test('that libwrap skips, refuses or never reads say so', () => {
    expect(faults('sshd ALL\nsshd: ALL: foo\n# \\\nsshd: ALL\n# \\\n\n')).toEqual([
      'skipped',
      'refuses',
      'a comment',
      null,
    ])
    expect(faults(`#${'x'.repeat(2046)}\nsshd: ALL\n`)).toEqual(['keeps all out', 'never read'])
    expect(faults('sshd: ALL\nsshd: 192.0.2.7', 'allow')).toEqual([null, 'not read'])
  })
})
