import { describe, expect, test } from 'vitest'
import { applyEdits } from '../../../../src/services/areas/firewall/edits.ts'
import { shutOut } from '../../../../src/services/areas/firewall/shut-out.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { factsOfScene, filter, type Scene } from '../../../support/firewall-checks.ts'
import { hostFacts } from '../../../support/plans.ts'

const v4 = filter('INPUT DROP', '-A INPUT -i lo -j ACCEPT', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT')

function rulesAfter(source: string, scene: Scene = { v4 }): readonly string[] | string {
  const made = shutOut(factsOfScene(scene), hostFacts, source)
  if (!made.ok) return made.error
  const [first] = made.value
  const one = factsOfScene(scene).families[first?.at.family ?? 'v4']
  if (one.state !== 'present') return 'unreadable'
  const table = applyEdits(one.ruleSet, made.value).after.tables.find(({ name }) => name === 'filter')
  return table?.chains.find(({ name }) => name === 'INPUT')?.rules.map(({ text }) => text) ?? []
}

describe('an address that is shut out', () => {
  test('is dropped before any rule that lets it in', () => {
    expect(rulesAfter('203.0.113.7')).toEqual([
      '-s 203.0.113.7/32 -j DROP',
      '-i lo -j ACCEPT',
      '-p tcp -m tcp --dport 22 -j ACCEPT',
    ])
    expect(rulesAfter('203.0.113.0/24')[0]).toBe('-s 203.0.113.0/24 -j DROP')
    expect(rulesAfter('::ffff:203.0.113.7')[0]).toBe('-s 203.0.113.7/32 -j DROP')
  })

  test('of IPv6 is dropped by the rules of that family', () => {
    const v6 = filter('INPUT DROP', '-A INPUT -i lo -j ACCEPT')
    expect(rulesAfter('2001:db8::7%eth0', { v6 })).toEqual(['-s 2001:db8::7/128 -j DROP', '-i lo -j ACCEPT'])
    expect(rulesAfter('2001:db8:1::/64', { v6 })[0]).toBe('-s 2001:db8:1::/64 -j DROP')
  })

  test('is behind what fail2ban bans already', () => {
    const banned = filter(':f2b-sshd', '-A INPUT -j f2b-sshd', '-A INPUT -i lo -j ACCEPT', '-A f2b-sshd -j RETURN')
    expect(rulesAfter('203.0.113.7', { v4: banned })).toEqual([
      '-j f2b-sshd',
      '-s 203.0.113.7/32 -j DROP',
      '-i lo -j ACCEPT',
    ])
  })

  test.each([
    ['the operator’s own', hostFacts.session.clientAddress],
    ['a network that he is in', hostFacts.session.clientAddress.replace(/\d+$/, '0/24')],
  ])('is never %s', (_, source) => {
    expect(rulesAfter(source)).toBe(`you come from there yourself: ${hostFacts.session.clientAddress}`)
  })

  test.each([
    ['no address', 'tty1', 'tty1 is no address'],
    ['dropped by a rule already', '203.0.113.7', 'a rule drops all that comes from 203.0.113.7/32 already'],
  ])('gets no rule where it is %s', (_, source, expected) => {
    const dropped = filter('INPUT ACCEPT', '-A INPUT -s 203.0.113.7/32 -j DROP')
    expect(rulesAfter(source, { v4: dropped })).toBe(expected)
  })

  test('is left to the program that owns the rules', () => {
    expect(rulesAfter('203.0.113.7', { v4, facts: { managers: [say`ufw`] } } as Scene)).toContain("ufw's")
  })
})
