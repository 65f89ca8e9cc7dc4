import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, decideRest } from '../../../../src/services/areas/tcpwrappers/decide.ts'
import { rulesOf } from '../../../../src/services/areas/tcpwrappers/rules.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'
import { filesOf } from './some-files.ts'

const answer = (allow: string | null, deny: string | null, client = '198.51.100.20'): string =>
  decide(filesOf(allow, deny), 'sshd', client).answer

describe('who is let in', () => {
  test.each([
    ['without files everybody', null, null, 'in'],
    ['whom hosts.allow names, whatever hosts.deny says', 'sshd: 198.51.100.20\n', 'ALL: ALL\n', 'in'],
    ['not whom hosts.deny names', null, 'sshd: 198.51.100.20\n', 'out'],
    ['whom neither names', 'vsftpd: ALL\n', 'sshd: 192.0.2.1\n', 'in'],
    ['by the first rule that matches', 'sshd: 198.51.100.0/24 : deny\nsshd: ALL\n', null, 'out'],
    ['by the option allow in hosts.deny', null, 'ALL: 198.51.100.20 : allow\nALL: ALL\n', 'in'],
    ['by a part of an address', 'ALL: 198.51.\n', 'ALL: ALL\n', 'in'],
    ['not by a part of another address', 'ALL: 198.5.\n', 'ALL: ALL\n', 'out'],
    ['by a mask in dots', 'ALL: 198.51.100.0/255.255.255.0\n', 'ALL: ALL\n', 'in'],
    ['not by an odd network', 'ALL: 198.51.101.0/24\n', 'ALL: ALL\n', 'out'],
    ['all but those excepted', null, 'ALL: ALL EXCEPT 198.51.100.0/24\n', 'in'],
    ['who is excepted from an exception', null, 'ALL: ALL EXCEPT 198.51.100. EXCEPT 198.51.100.20\n', 'out'],
    ['in a list with commas and blanks', 'vsftpd, sshd : 192.0.2.1 ,198.51.100.20\n', 'ALL: ALL\n', 'in'],
    ['by a rule over two lines', 'sshd: 192.0.2.1, \\\n  198.51.100.20\n', 'ALL: ALL\n', 'in'],
    ['whatever the case of words', 'SSHD: all\n', 'all: All\n', 'in'],
    ['not by a comment', '#sshd: ALL\n', 'ALL: ALL\n', 'out'],
    ['not by a last line without its end', 'sshd: ALL', 'ALL: ALL\n', 'out'],
    ['nobody by a hosts.deny whose last line has no end', null, '# mine', 'out'],
    ['nobody by a hosts.deny that ends in a line that goes on', null, 'vsftpd: x \\\n', 'out'],
    ['nobody by a hosts.deny with a line that is too long', null, `#${'x'.repeat(2046)}\nvsftpd: x\n`, 'out'],
    ['by a rule before a line that is too long', `sshd: ALL\n#${'x'.repeat(2046)}\n`, 'ALL: ALL\n', 'in'],
    ['not by a rule behind one', `#${'x'.repeat(2046)}\nsshd: ALL\n`, 'ALL: ALL\n', 'out'],
    ['as libwrap’s own options say', 'sshd: ALL : severity auth.info\n', 'ALL: ALL\n', 'in'],
    ['as nobody knows with an option that there is not', 'sshd: ALL : foo\n', 'ALL: ALL\n', 'depends'],
    ['not by a comment that goes on', '# \\\nsshd: ALL\n', 'ALL: ALL\n', 'out'],
    ['not by a line without a colon', 'sshd ALL\n', 'ALL: ALL\n', 'out'],
    ['by a comma more', 'sshd: , 198.51.100.20,\n', 'ALL: ALL\n', 'in'],
    ['not by an address with the prefix of its network', 'sshd: 198.51.100.20/24\n', 'ALL: ALL\n', 'out'],
    ['not by an address with the mask of its network', 'sshd: 198.51.100.20/255.255.255.0\n', 'ALL: ALL\n', 'out'],
    ['by an address alone', 'sshd: 198.51.100.20/32\n', 'ALL: ALL\n', 'in'],
    ['by half of all addresses', 'sshd: 128.0.0.0/1\n', 'ALL: ALL\n', 'in'],
    ['by a mask for all', 'sshd: 0.0.0.0/0.0.0.0\n', 'ALL: ALL\n', 'in'],
    ['as nobody knows by a prefix of no length', 'sshd: 0.0.0.0/0\n', 'ALL: ALL\n', 'depends'],
    ['as nobody knows by too long a prefix', 'sshd: 198.51.100.0/33\n', 'ALL: ALL\n', 'depends'],
    ['as nobody knows by a mask with holes', 'sshd: 198.51.100.0/255.255.0.255\n', 'ALL: ALL\n', 'depends'],
    ['as nobody knows by an IPv4 address in brackets', 'sshd: [198.51.100.20]\n', 'ALL: ALL\n', 'depends'],
    ['nobody by a hosts.deny with a line of too many bytes', null, `#${'é'.repeat(1023)}\n`, 'out'],
    ['by a hosts.deny with a line of just enough', null, `#${'é'.repeat(1022)}\n`, 'in'],
    ['nobody by a hosts.deny with a NUL in it', null, '# \0\n', 'out'],
    ['as options before the last one allow', 'sshd: ALL : umask 022 : allow\n', 'ALL: ALL\n', 'in'],
    ['as nobody knows with an option whose argument is none', 'sshd: ALL : umask zzz\n', 'ALL: ALL\n', 'depends'],
    ['as nobody knows with a severity that there is not', 'sshd: ALL : severity loud\n', 'ALL: ALL\n', 'depends'],
    ['as nobody knows with allow before the last', 'sshd: ALL : deny : allow\n', 'ALL: ALL\n', 'depends'],
    ['as nobody knows with an argument to allow', 'sshd: ALL : allow 3\n', 'ALL: ALL\n', 'depends'],
    ['as names say', 'sshd: .example.net\n', 'ALL: ALL\n', 'depends'],
    ['as a resolver says', 'ALL: LOCAL\n', 'ALL: ALL\n', 'depends'],
    ['as a netgroup says', 'sshd: @admins\n', 'ALL: ALL\n', 'depends'],
    ['as a file says', 'sshd: /etc/hosts.ok\n', 'ALL: ALL\n', 'depends'],
    ['as a user’s own machine says', 'sshd: pat@198.51.100.20\n', 'ALL: ALL\n', 'depends'],
    ['as another program says', 'sshd: ALL : twist /bin/echo no\n', null, 'depends'],
  ])('is %s', (_name, allow, deny, expected) => {
    expect(answer(allow, deny)).toBe(expected)
  })

  test('an IPv6 address stands in brackets, with a prefix behind them', () => {
    expect(answer('sshd: [2001:db8::]/32\n', 'ALL: ALL\n', '2001:db8::7')).toBe('in')
    expect(answer('sshd: [2001:db8::7]\n', 'ALL: ALL\n', '2001:db8::7')).toBe('in')
    expect(answer('sshd: [2001:db8::8]\n', 'ALL: ALL\n', '2001:db8::7')).toBe('out')
    expect(answer('sshd: 0.0.0.0/0\n', 'ALL: ALL\n', '2001:db8::7')).toBe('out')
  })

  test('the rule that decides is told', () => {
    expect(decide(filesOf('ALL: 192.0.2.1\n', 'ALL: ALL\n'), 'sshd', '198.51.100.20').by).toMatchObject({
      file: 'deny',
      rule: { daemons: ['ALL'], clients: ['ALL'] },
    })
  })
})

test('a number in place of a daemon may be the port that the client came to', () => {
  const at = (deny: string, port?: number) => decide(filesOf(null, deny), 'sshd', '198.51.100.20', port).answer
  expect([at('22: ALL\n', 22), at('22: ALL\n', 10022), at('22: ALL\n')]).toEqual(['depends', 'in', 'depends'])
  expect(decideRest(filesOf(null, '22: ALL\n')).answer).toBe('in')
})

describe('whom no rule names', () => {
  test.each([
    ['without files', null, null, 'in', null],
    ['by ALL: ALL', null, '# mine\nvsftpd: x\nall : All\n', 'out', 'deny'],
    ['by ALL: ALL with somebody excepted', null, 'ALL: ALL EXCEPT 192.0.2.1\n', 'out', 'deny'],
    ['but not if hosts.allow has it first', 'ALL: ALL\n', 'ALL: ALL\n', 'in', 'allow'],
    ['nor behind a rule that allows all', null, 'ALL: ALL : allow\nALL: ALL\n', 'in', 'deny'],
    ['by a rule of hosts.allow that denies', 'sshd: 192.0.2.1\nALL: ALL : deny\n', null, 'out', 'allow'],
    ['not by a rule for one daemon or one client', 'ALL: LOCAL\n', 'sshd: ALL\nALL: 192.0.2.0/24\n', 'in', null],
    ['by a file that can’t be read to its end', null, '# mine', 'out', 'deny'],
    ['as nobody knows by a prefix of no length', null, 'ALL: 0.0.0.0/0\n', 'depends', 'deny'],
    ['as nobody knows by a pattern', 'ALL: *\n', 'ALL: ALL\n', 'depends', 'allow'],
    ['as nobody knows by whom a name is known of', 'ALL: KNOWN\n', 'ALL: ALL\n', 'depends', 'allow'],
    ['as nobody knows by a rule for one of the server’s addresses', null, 'ALL@192.0.2.1: ALL\n', 'depends', 'deny'],
  ])('%s', (_name, allow, deny, expected, by) => {
    const rest = decideRest(filesOf(allow, deny))
    expect([rest.answer, rest.by?.file ?? null]).toEqual([expected, by])
  })
})

test('no text makes the parser throw, and what is no rule is none', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const { daemons, clients } of rulesOf(bytesOf(text)).rules)
        expect([...daemons, ...clients].join('')).not.toMatch(/\s/)
    }),
  )
  expect(rulesOf(bytesOf(`sshd: ${'x'.repeat(2040)}\nsshd: ALL\n`))).toMatchObject({ rules: [{}, {}], broken: false })
})
