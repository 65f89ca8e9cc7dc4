import { describe, expect, test } from 'vitest'
import { rulesNaming } from '../../../../src/services/areas/firewall/naming.ts'
import { firewallFacts } from '../../../support/plans.ts'

const save = (rules: readonly string[]): string =>
  `*filter\n:INPUT ACCEPT [0:0]\n:f2b-sshd - [0:0]\n${rules.map((rule) => `${rule}\n`).join('')}COMMIT\n`
const naming = (rules: readonly string[], others: readonly number[] = [10022]): readonly string[] =>
  rulesNaming(firewallFacts(save(rules)), 22, others)

describe('a rule that names a port and not where sshd goes', () => {
  test.each([
    '-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd',
    '-A INPUT -p tcp -m multiport --dports 80,22,443 -j ACCEPT',
    '-A INPUT -p tcp -m tcp --dport 22 -m limit --limit 6/min -j ACCEPT',
    '-A INPUT -p tcp -m tcp --sport 22 -j LOG',
    '-A f2b-sshd -p tcp -m multiport --ports 22 -j DROP',
  ])('%s', (rule) => {
    expect(naming([rule])).toEqual([`v4 filter ${rule.split(' ')[1]}: ${rule.replace(/^-A \S+ /, '')}`])
  })

  test.each([
    '-A INPUT -p tcp -m tcp --dport 2222 -j ACCEPT',
    '-A INPUT -p tcp -m multiport --dports 220,122 -j ACCEPT',
    '-A INPUT -p tcp -m tcp --dport 1:1024 -j ACCEPT',
    '-A INPUT -p tcp -m multiport --dports 22,10022 -j f2b-sshd',
    '-A INPUT -m limit --limit 22/min -j ACCEPT',
    '-A INPUT -s 22.22.22.22/32 -j DROP',
  ])('is not %s', (rule) => {
    expect(naming([rule])).toEqual([])
  })

  test('is none that has a twin for the other port', () => {
    const twins = ['-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT', '-A INPUT -p tcp -m tcp --dport 10022 -j ACCEPT']
    expect(naming(twins)).toEqual([])
    expect(naming(twins, [2222])).toHaveLength(1)
  })

  test('is found in tables of nft(8) too, and nothing is said of what was not read', () => {
    const facts = firewallFacts(save([]))
    const chain = { name: 'f2b-chain', policy: null, packets: 0, bytes: 0, hook: null }
    const rule = (text: string) => ({ id: text, text, packets: 0, bytes: 0, statements: [] })
    const table = {
      ...{ family: 'inet', name: 'f2b-table', dormant: false, sets: new Map() },
      chains: [
        { ...chain, rules: [rule('tcp dport { 22, 80 } ip saddr @addr-set-sshd reject'), rule('tcp dport 2200 drop')] },
      ],
    }
    const { v4 } = facts.families
    if (v4.state !== 'present') throw new Error('no rules')
    const beside = [
      { kind: 'nft', table, insteadOf: null },
      { kind: 'unknown', reason: 'x', insteadOf: null },
    ] as never
    const { v6 } = facts.families
    if (v6.state !== 'present') throw new Error('no rules')
    // A table of both families stands beside both.
    const families = {
      v4: { ...v4, ruleSet: { ...v4.ruleSet, beside } },
      v6: { ...v6, ruleSet: { ...v6.ruleSet, beside } },
    }
    expect(rulesNaming({ ...facts, families }, 22, [10022])).toEqual([
      'table f2b-table f2b-chain: tcp dport { 22, 80 } ip saddr @addr-set-sshd reject',
    ])
  })
})
