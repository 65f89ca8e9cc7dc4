import { expect, test } from 'vitest'
import type { FirewallFacts } from '../../../../src/services/model/firewall.ts'
import { besideTables, isReadOnly } from '../../../../src/state/areas/firewall/beside-list.ts'
import { firewallItems } from '../../../../src/state/areas/firewall/list.ts'
import { yourWayIn } from '../../../../src/state/areas/firewall/your-way-in.ts'
import { filter } from '../../../support/firewall-checks.ts'
import {
  ACCEPT,
  DROP,
  dport,
  factsOfProbe,
  hooked,
  nftJson,
  probeText,
  rule,
} from '../../../support/firewall-probes.ts'
import { rulesWith } from '../../../support/make-plan.ts'
import { hostFacts } from '../../../support/plans.ts'

const FILTER = filter('-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT')

const rulesOf = (facts: FirewallFacts) => {
  const rules = rulesWith(facts, 'v4', [])
  if (!rules) throw new Error('the rules could not be read')
  return rules
}

/** What the pane lists, a line an item. */
const listed = (facts: FirewallFacts, table: string) =>
  firewallItems(rulesOf(facts), table, [], hostFacts).map((item) =>
    item.kind === 'beside' ? `${item.as} ${item.number ?? ''} ${item.text} | ${item.tail}` : item.kind,
  )

test('tables of nft’s are listed with hooks and priorities, and can’t be changed', () => {
  const facts = factsOfProbe(
    probeText({
      iptables: FILTER,
      native: 'table inet mine\ntable netdev door',
      'nft inet mine': nftJson('inet', 'mine', [
        { chain: { name: 'web' } },
        hooked('in', 'input', 10, 'drop'),
        rule('in', dport({ set: [22, 80] }), { counter: { packets: 7, bytes: 8 } }, ACCEPT),
        rule('web', DROP),
      ]),
      'nft netdev door': nftJson('netdev', 'door', [
        hooked('d', 'ingress', -5, 'accept', { dev: 'eth0' }),
        rule('d', DROP),
      ]),
    }),
  )
  const { beside } = rulesOf(facts).base
  expect(besideTables(beside)).toEqual(['nft inet mine', 'nft netdev door'])
  expect(listed(facts, 'nft inet mine')).toEqual([
    'chain  web | ',
    'rule 1 drop | 0',
    'chain  in | input at 10, policy DROP',
    'rule 1 tcp dport { 22, 80 } counter accept | 7',
  ])
  expect(listed(facts, 'nft netdev door')[0]).toBe('chain  d | ingress at -5 on eth0, policy ACCEPT')
  expect(listed(facts, 'filter')).toContain('rule')
  expect([isReadOnly(beside, 'nft inet mine'), isReadOnly(beside, 'filter')]).toEqual([true, false])
})

test('tables of the other backend are listed under its name', () => {
  const facts = factsOfProbe(
    probeText({ iptables: FILTER, 'other-iptables': filter('-A INPUT -p tcp -j DROP'), 'other-iptables-status': '0' }),
  )
  expect(listed(facts, 'legacy filter').slice(0, 2)).toEqual([
    'chain  INPUT | policy ACCEPT',
    'rule 1 -p tcp -j DROP | 0',
  ])
  const { after } = rulesOf(facts)
  expect(yourWayIn(after, hostFacts)?.sure).toBe(false)
  expect(yourWayIn({ ...after, beside: [] }, hostFacts)?.sure).toBe(true)
})

test('what was not read is said above every table, and what stands in a table’s place is listed there', () => {
  const facts = factsOfProbe(
    probeText({
      iptables: FILTER,
      managers: 'firewalld',
      'native-status': 'absent',
    }),
  )
  expect(listed(facts, 'filter')[0]).toContain('unread  not read: firewalld filters with nftables')
  const native = factsOfProbe(
    probeText({
      native: 'table ip filter',
      'nft ip filter': nftJson('ip', 'filter', [hooked('input', 'input', 0, 'drop'), rule('input', dport(22), ACCEPT)]),
      iptables: filter(),
    }),
  )
  expect(listed(native, 'filter')).toEqual(['chain  input | input at 0, policy DROP', 'rule 1 tcp dport 22 accept | 0'])
  expect(isReadOnly(rulesOf(native).base.beside, 'filter')).toBe(true)
  const incompatible = factsOfProbe(
    probeText({ iptables: "# Table `filter' is incompatible, use 'nft' tool.", 'native-status': 'absent' }),
  )
  expect(listed(incompatible, 'filter')).toEqual([expect.stringContaining("iptables-save can't print")])
})
