import { describe, expect, test } from 'vitest'
import { firewallChecks } from '../../../../../src/services/areas/firewall/checks/table.ts'
import type { Finding } from '../../../../../src/services/model/area.ts'
import { say } from '../../../../../src/services/model/safe.ts'
import { findingItems } from '../../../../../src/state/lists/finding-list.ts'
import { filter, fixed, fixOf, said } from '../../../../support/firewall-checks.ts'
import { hostFacts } from '../../../../support/plans.ts'

const SSH = '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'
const EST = '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const session = { ...hostFacts.session, clientAddress: '2001:db8::20', serverAddress: '2001:db8::10' }

describe('the operator’s own next login', () => {
  test.each<[string, readonly string[], string]>([
    ['no rules', [], 'pass: your next login passes'],
    ['a rule for it', ['INPUT DROP', EST, SSH], 'pass: your next login passes'],
    ['a policy alone', ['INPUT DROP', EST], 'fail: dropped by INPUT policy DROP'],
    [
      'a rule against him',
      [EST, '-A INPUT -s 198.51.100.20/32 -j DROP', SSH],
      'fail: dropped by INPUT rule 2: -s 198.51.100.20/32 -j DROP',
    ],
    [
      'a chain against him',
      [':bad', EST, '-A INPUT -j bad', SSH, '-A bad -s 198.51.100.0/24 -j REJECT'],
      'fail: dropped by INPUT filter bad rule 1: -s 198.51.100.0/24 -j REJECT',
    ],
    [
      'answers that do not get out',
      [SSH, 'OUTPUT DROP', '-A OUTPUT -p udp -j ACCEPT'],
      'fail: dropped by OUTPUT policy DROP',
    ],
    [
      'data that does not get in',
      ['INPUT DROP', '-A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT'],
      'fail: dropped by INPUT policy DROP',
    ],
    [
      'a set',
      ['-A INPUT -m set --match-set bad src -j DROP'],
      'unknown: depends on INPUT rule 1: -m set --match-set bad src -j DROP',
    ],
  ])('with %s', (_, rules, words) => {
    expect(said('FW-own-login', { v4: filter(...rules) })).toBe(words)
  })

  test('is asked about in the family that he came by', () => {
    const scene = { v4: filter('INPUT DROP'), host: { session, sessionInterface: 'eth0' } }
    expect(said('FW-own-login', scene)).toMatch(/^pass/)
    expect(said('FW-own-login', { ...scene, v6: filter('INPUT DROP') })).toMatch(/^fail/)
    const mapped = { ...hostFacts.session, clientAddress: '::ffff:198.51.100.20', serverAddress: '::ffff:192.0.2.10' }
    expect(said('FW-own-login', { v4: filter('INPUT DROP'), host: { session: mapped } })).toMatch(/^fail/)
  })

  test('is unknown where he may have come in by another interface than answers go out by', () => {
    const v4 = filter('INPUT DROP', EST, '-A INPUT -i eth0 -p tcp -m tcp --dport 22 -j ACCEPT')
    expect(said('FW-own-login', { v4, host: { sessionInterface: 'wg0' } })).toMatch(
      /^unknown: depends on the interface/,
    )
    expect(said('FW-own-login', { v4: filter('INPUT DROP'), host: { sessionInterface: 'wg0' } })).toMatch(/^fail/)
  })

  test('is let in by the fix, and nobody else', () => {
    const v4 = filter('INPUT DROP', EST)
    expect(fixed('FW-own-login', { v4 })).toEqual([
      'policy DROP',
      '-s 198.51.100.20/32 -p tcp -m tcp --dport 22 -j ACCEPT',
      EST.replace('-A INPUT ', ''),
    ])
    expect(fixed('FW-own-login', { v4: filter(SSH, 'OUTPUT DROP') }, 'OUTPUT')).toEqual([
      'policy DROP',
      '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ])
  })

  test('has no fix where something else drops it', () => {
    const raw = '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 198.51.100.0/24 -j DROP\nCOMMIT\n'
    expect(said('FW-own-login', { v4: raw })).toMatch(/^fail: dropped by INPUT raw PREROUTING rule 1/)
    expect(fixOf('FW-own-login', { v4: raw })).toBeNull()
  })

  test('stands above every other finding', () => {
    const findings = firewallChecks.map(
      (check): Finding => ({ ...check, checkId: check.id, area: 'firewall', outcome: 'fail', observed: say`x` }),
    )
    expect(findingItems(findings.toReversed())[0]?.finding.checkId).toBe('FW-own-login')
  })
})
