import { describe, expect, test } from 'vitest'
import { accessAnswer, askedWords, readAccessQuestion } from '../../../../src/services/areas/tcpwrappers/ask.ts'
import { tcpwrappersChecks } from '../../../../src/services/areas/tcpwrappers/checks.ts'
import { hostFacts } from '../../../support/plans.ts'
import { filesOf } from './some-files.ts'

describe('a question about TCP wrappers', () => {
  test.each([
    ['sshd 192.0.2.7', 'sshd', '192.0.2.7'],
    [' sshd  from 2001:db8::7 ', 'sshd', '2001:db8::7'],
    ['in.tftpd, [2001:db8::7]', 'in.tftpd', '2001:db8::7'],
  ])('reads %o', (line, daemon, client) => {
    expect(readAccessQuestion(line)).toEqual({ ok: true, value: { daemon, client } })
  })

  test.each([
    ['', 'a daemon and an address'],
    ['sshd', 'from which address'],
    ['sshd from', 'from which address'],
    ['sshd example.net', 'example.net is no address'],
    ['sshd 192.0.2.300', 'is no address'],
    ['ss:hd 192.0.2.7', 'A daemon is one name'],
    ['sshd 192.0.2.7 192.0.2.8', 'One daemon and one address'],
  ])('says of %o what is missing', (line, words) => {
    expect(readAccessQuestion(line)).toEqual({ ok: false, error: expect.stringContaining(words) })
  })
})

const answer = (allow: string | null, deny: string | null, client = '192.0.2.7') =>
  accessAnswer(filesOf(allow, deny), { daemon: 'sshd', client })

describe('its answer', () => {
  test('names the rule that decides, and its file', () => {
    expect(answer('sshd: 192.0.2.\n', 'ALL: ALL\n')).toEqual(['let in by /etc/hosts.allow, sshd: 192.0.2.'])
    expect(answer('sshd: 192.0.2.\n', 'ALL: ALL\n', '198.51.100.7')).toEqual(['kept out by /etc/hosts.deny, ALL: ALL'])
    expect(answer(null, null)).toEqual(['let in: no rule matches, and that lets in'])
  })

  test('is not sure of what rests on names', () => {
    expect(answer('sshd: .example.net\n', 'ALL: ALL\n')[0]).toMatch(
      /^depends on \/etc\/hosts\.allow, sshd: \.example\.net/,
    )
  })

  test('tells loudly what a rule runs', () => {
    expect(answer(null, 'ALL: ALL: spawn (/usr/bin/logger %c) &\n')).toEqual([
      'kept out by /etc/hosts.deny, ALL: ALL',
      'That rule runs a command on the server: spawn (/usr/bin/logger %c) &',
    ])
    expect(answer('sshd: ALL: twist /bin/echo no\n', null)[1]).toContain('twist /bin/echo no')
  })
})

describe('a rule that runs a command', () => {
  const judged = (allow: string | null, deny: string | null) =>
    tcpwrappersChecks.find(({ id }) => id === 'TW-command')?.judge(filesOf(allow, deny), hostFacts, { listeners: [] })

  test('is a finding, with the command, wherever it stands', () => {
    expect(judged(null, 'ALL: ALL: spawn (safe_finger -l @%h) &: deny\n')).toEqual({
      outcome: 'fail',
      observed: 'spawn (safe_finger -l @%h) &',
      details: ['/etc/hosts.deny, ALL: ALL: spawn (safe_finger -l @%h) &'],
    })
    expect(judged('sshd: 192.0.2.7: TWIST /bin/echo\n', 'sshd: ALL: aclexec /bin/check %a\n')).toEqual({
      outcome: 'fail',
      observed: '2 commands',
      details: [
        '/etc/hosts.allow, sshd: 192.0.2.7: TWIST /bin/echo',
        '/etc/hosts.deny, sshd: ALL: aclexec /bin/check %a',
      ],
    })
  })

  test('is none where no option says so, or libwrap never comes to it', () => {
    expect(judged('sshd: ALL: allow\n# a: b: spawn x\nsshd: spawn.example.net\n', null)?.outcome).toBe('pass')
    expect(judged(null, `${'x'.repeat(3000)}\nALL: ALL: spawn x\n`)?.outcome).toBe('pass')
  })
})

describe('whether anybody asks', () => {
  const facts = filesOf(null, null)
  test.each([
    [true, 'asks these files at every connection'],
    [false, 'built without libwrap'],
    [null, 'could not be read'],
  ])('an sshd that does so %o is told', (sshdAsks, words) => {
    expect(askedWords({ ...facts, sshdAsks }, 'sshd')).toContain(words)
  })

  test('is known of programs that run, and of others not', () => {
    const daemons = [
      { name: 'rpcbind', path: '/usr/sbin/rpcbind', asks: true },
      { name: 'vsftpd', path: '/usr/sbin/vsftpd', asks: false },
      { name: 'snmpd', path: '/usr/sbin/snmpd', asks: false },
      { name: 'snmpd', path: '/opt/sbin/snmpd', asks: null },
    ]
    const words = (daemon: string) => askedWords({ ...facts, daemons }, daemon)
    // Whether vsftpd asks is a setting of its own (tcp_wrappers), which nobody reads here.
    expect(words('rpcbind')).toContain('unless its own settings say otherwise')
    expect(words('vsftpd')).toContain('never asks')
    expect(words('snmpd')).toContain('could not be read')
    expect(words('in.telnetd')).toContain('No program of that name')
    expect(askedWords({ ...facts, daemons: null }, 'rpcbind')).toContain('could not be read')
  })
})
