import { describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../../../src/services/model/firewall.ts'
import type { FirewallItem } from '../../../../src/state/areas/firewall/items.ts'
import { firewallItems } from '../../../../src/state/areas/firewall/list.ts'
import { yourWayIn } from '../../../../src/state/areas/firewall/your-way-in.ts'
import { rulesWith } from '../../../support/make-plan.ts'
import { firewallFacts, hostFacts, INPUT, staged } from '../../../support/plans.ts'

const save = (...rules: readonly string[]) =>
  ['*filter', ':INPUT ACCEPT [0:0]', ':FORWARD ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ...rules, 'COMMIT', ''].join('\n')

const THREE = save('-A INPUT -i lo -j ACCEPT', '-A INPUT -p tcp --dport 22 -j ACCEPT', '-A INPUT -j DROP')

const idOf = (facts: FirewallFacts, place: number): string => {
  const v4 = facts.families.v4
  const rules = v4.state === 'present' ? v4.ruleSet.tables[0]?.chains[0]?.rules : []
  return rules?.[place - 1]?.id ?? ''
}

const listed = (facts: FirewallFacts, edits: readonly RuleEdit[]): readonly FirewallItem[] => {
  const rules = rulesWith(facts, 'v4', edits.map(staged))
  return rules ? firewallItems(rules, 'filter', [], hostFacts) : []
}

/** `number mark text` of each rule of INPUT. */
const rows = (facts: FirewallFacts, ...edits: readonly RuleEdit[]) =>
  listed(facts, edits)
    .filter((item) => item.kind === 'rule' && item.at.chain === 'INPUT')
    .map((item) => (item.kind === 'rule' ? `${item.number ?? '-'} ${item.mark ?? 'live'} ${item.rule.text}` : ''))

describe('the rows of the firewall pane', () => {
  const facts = firewallFacts(THREE)

  test('are the rules as iptables numbers them', () => {
    expect(rows(facts)).toEqual(['1 live -i lo -j ACCEPT', '2 live -p tcp --dport 22 -j ACCEPT', '3 live -j DROP'])
  })

  test('show a deleted rule where it stood, without a number', () => {
    expect(rows(facts, { kind: 'delete', at: INPUT, ruleId: idOf(facts, 2) })).toEqual([
      '1 live -i lo -j ACCEPT',
      '- deleted -p tcp --dport 22 -j ACCEPT',
      '2 live -j DROP',
    ])
  })

  test('show deleted rules at the top of a chain, in their order', () => {
    const gone = [1, 2].map((place): RuleEdit => ({ kind: 'delete', at: INPUT, ruleId: idOf(facts, place) }))
    expect(rows(facts, ...gone)).toEqual([
      '- deleted -i lo -j ACCEPT',
      '- deleted -p tcp --dport 22 -j ACCEPT',
      '1 live -j DROP',
    ])
  })

  test('show staged rules at their place', () => {
    const added: RuleEdit = { kind: 'insert', at: INPUT, before: idOf(facts, 3), ruleId: 'new', text: '-j LOG' }
    expect(rows(facts, added)[2]).toBe('3 added -j LOG')
    expect(rows(facts, added, { kind: 'move', at: INPUT, ruleId: 'new', before: null }).at(-1)).toBe('4 added -j LOG')
  })

  test('keep what is edited and moved in sight', () => {
    expect(rows(facts, { kind: 'replace', at: INPUT, ruleId: idOf(facts, 3), text: '-j REJECT' })[2]).toBe(
      '3 edited -j REJECT',
    )
    expect(rows(facts, { kind: 'move', at: INPUT, ruleId: idOf(facts, 3), before: idOf(facts, 1) })[0]).toBe(
      '1 moved -j DROP',
    )
  })

  test('leave out an edit that no longer fits, and name it as a conflict', () => {
    const lost: RuleEdit = { kind: 'delete', at: INPUT, ruleId: 'gone' }
    expect(rows(facts, lost)).toEqual(rows(facts))
    expect(rulesWith(facts, 'v4', [staged(lost)])?.conflicts).toHaveLength(1)
  })

  test("count the rules of other programs' chains instead of listing them", () => {
    const items = listed(firewallFacts(save(':f2b-sshd - [0:0]', '-A f2b-sshd -j RETURN')), [])
    const last = items.at(-1)
    expect(last?.kind === 'chain' && [last.chain.name, `${last.owner}`]).toEqual(['f2b-sshd', 'fail2ban'])
    expect(items.some((item) => item.kind === 'rule')).toBe(false)
  })

  test('number ten thousand rules without delay', () => {
    const many = firewallFacts(
      save(...Array.from({ length: 10_000 }, (_, at) => `-A INPUT -p tcp --dport ${at} -j DROP`)),
    )
    expect(rows(many, { kind: 'delete', at: INPUT, ruleId: idOf(many, 1) })).toHaveLength(10_000)
  })
})

describe('the rule you come in by', () => {
  const wayIn = (...rules: readonly string[]) => {
    const facts = firewallFacts(save(...rules)).families.v4
    return facts.state === 'present' ? yourWayIn(facts.ruleSet, hostFacts) : null
  }

  test('is the first that accepts a new connection to your port', () => {
    expect(wayIn('-A INPUT -p tcp --dport 80 -j ACCEPT', '-A INPUT -p tcp --dport 22 -j ACCEPT')).toMatchObject({
      sure: true,
    })
  })

  test('is unsure where a match can not be seen from here', () => {
    expect(wayIn('-A INPUT -p tcp --dport 22 -m limit --limit 1/s -j ACCEPT')).toMatchObject({ sure: false })
  })

  test('is none where a rule before it drops you', () => {
    expect(wayIn('-A INPUT -s 198.51.100.0/24 -j DROP', '-A INPUT -p tcp --dport 22 -j ACCEPT')).toBeNull()
  })
})
