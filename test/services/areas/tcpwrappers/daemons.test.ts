import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { tcpwrappersChecks } from '../../../../src/services/areas/tcpwrappers/checks.ts'
import { daemonsOf, PROGRAMS } from '../../../../src/services/areas/tcpwrappers/daemons.ts'
import type { TcpwrappersFacts } from '../../../../src/services/areas/tcpwrappers/facts.ts'
import { hostFacts } from '../../../support/plans.ts'
import { filesOf } from './some-files.ts'

const RUNNING = ['asks /usr/sbin/rpcbind', 'without /usr/sbin/vsftpd', 'unread /usr/sbin/rpc.statd', 'all']
const factsOf = (
  allow: string | null,
  deny: string | null,
  rest: Partial<TcpwrappersFacts> = {},
): TcpwrappersFacts => ({
  ...filesOf(allow, deny),
  daemons: daemonsOf(RUNNING),
  ...rest,
})
const judged = (facts: TcpwrappersFacts) => {
  const check = tcpwrappersChecks.find(({ id }) => id === 'TW-no-effect')
  const { outcome, observed, details = [] } = check?.judge(facts, hostFacts, { listeners: [] }) ?? {}
  return [outcome, observed, ...details].join(' | ')
}

describe('the programs that run', () => {
  test('are called what they call themselves, and each is told once', () => {
    expect(daemonsOf(['asks /usr/sbin/rpcbind', ...RUNNING])).toEqual([
      { name: 'rpcbind', path: '/usr/sbin/rpcbind', asks: true },
      { name: 'vsftpd', path: '/usr/sbin/vsftpd', asks: false },
      { name: 'statd', path: '/usr/sbin/rpc.statd', asks: null },
    ])
  })

  test('of which two processes tell something else are not known', () => {
    expect(daemonsOf(['asks /usr/sbin/vsftpd', 'without /usr/sbin/vsftpd', 'all'])).toMatchObject([{ asks: null }])
  })

  test.each(['asks /usr/sbin/other', 'perhaps /usr/sbin/vsftpd', 'asks vsftpd', 'asks /a b/vsftpd', ''])(
    'are none of %j',
    (line) => expect(daemonsOf([line, 'all'])).toEqual([]),
  )
})

test('the probe looks for those of the table, and for no other', () => {
  const script = readFileSync('src/services/areas/tcpwrappers/probe.sh', 'utf8')
  const looked = [...script.matchAll(/\/usr\/\*\/([\w.]+)/g)].map(([, name]) => name)
  expect(looked.toSorted()).toEqual([...PROGRAMS].toSorted())
})

describe('a rule for a program', () => {
  test('that has no libwrap is a finding, whatever else is named, and no fix is made up', () => {
    expect(judged(factsOf('VSFTPD@192.0.2.10 : ALL\n', 'rpcbind, statd: ALL\n'))).toBe(
      'fail | vsftpd (/usr/sbin/vsftpd) without libwrap | built with libwrap: rpcbind (/usr/sbin/rpcbind)',
    )
    expect(judged(factsOf('sshd: ALL\n', null, { sshdAsks: false }))).toMatch(/^fail \| sshd without libwrap \| /)
    expect(tcpwrappersChecks.find(({ id }) => id === 'TW-no-effect')?.fix).toBeUndefined()
  })

  test('that nobody could look at is not known, and one that has it is as it should be', () => {
    expect(judged(factsOf(null, 'statd: ALL\n'))).toBe(
      'unknown | whether statd (/usr/sbin/rpc.statd) has libwrap could not be read',
    )
    expect(judged(factsOf('sshd: ALL\n', 'statd: ALL\n', { sshdAsks: null, daemons: [] }))).toMatch(
      /^unknown \| whether sshd/,
    )
    expect(judged(factsOf('sshd: ALL\n', 'rpcbind: ALL\n'))).toMatch(/^pass \| built with libwrap \| .*sshd, rpcbind/)
  })

  test('that does not run, of everybody, or with a program excepted, is none', () => {
    expect(judged(factsOf('ALL: ALL\n', 'in.tftpd snmpd: ALL\n'))).toMatch(/^notapplicable/)
    expect(judged(factsOf(null, 'ALL EXCEPT vsftpd: ALL\n'))).toMatch(/^notapplicable/)
    expect(judged(factsOf(null, 'vsftpd rpcbind EXCEPT rpcbind: ALL\n'))).toMatch(/^fail \| vsftpd/)
  })

  test('is no finding where it lets in the operator alone, which our own fix writes for an sshd that asks one day', () => {
    const own = `sshd: ${hostFacts.session.clientAddress}`
    const without = { sshdAsks: false }
    expect(judged(factsOf(`${own}\n`, 'ALL: ALL\n', without))).toMatch(/^notapplicable/)
    expect(judged(factsOf(null, `${own}\n`, without))).toMatch(/^fail/)
    expect(judged(factsOf(`${own} : deny\n`, null, without))).toMatch(/^fail/)
    expect(judged(factsOf(`${own}, 192.0.2.9\n`, null, without))).toMatch(/^fail/)
  })

  test('is not known where nobody saw what runs, and only where it is about one of the table', () => {
    const unseen = { daemons: daemonsOf(['without /usr/sbin/vsftpd']) }
    expect(unseen.daemons).toBeNull()
    expect(judged(factsOf('vsftpd: ALL\n', null, unseen))).toBe(
      'unknown | whether vsftpd has libwrap could not be read',
    )
    expect(judged(factsOf('in.ftpd: ALL\n', null, unseen))).toMatch(/^notapplicable/)
  })
})

test('the others are told where it is said what rules are good for', () => {
  const check = tcpwrappersChecks.find(({ id }) => id === 'TW-default-deny')
  const { details } = check?.judge(factsOf(null, null), hostFacts, { listeners: [] }) ?? {}
  expect(details).toEqual(expect.arrayContaining(['built with libwrap as well: rpcbind', 'without libwrap: vsftpd']))
})

test('that nobody saw them is told there as well', () => {
  const check = tcpwrappersChecks.find(({ id }) => id === 'TW-default-deny')
  const { details } = check?.judge(factsOf(null, null, { daemons: null }), hostFacts, { listeners: [] }) ?? {}
  expect(details).toContain('which other programs ask them could not be read')
})
