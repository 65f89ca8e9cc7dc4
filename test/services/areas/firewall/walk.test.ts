import { expect, test } from 'vitest'
import type { Packet } from '../../../../src/services/areas/firewall/match.ts'
import { walk } from '../../../../src/services/areas/firewall/walk.ts'
import { ruleSetOf } from '../../../support/rule-sets.ts'

const packet: Packet = {
  source: '198.51.100.20',
  sourcePort: null,
  destination: '192.0.2.10',
  destinationPort: 22,
  inInterface: 'eth0',
  outInterface: null,
  state: 'NEW',
}
const input = (policy: string, ...rules: string[]) =>
  ruleSetOf(
    `*filter\n:INPUT ${policy} [0:0]\n:OUTPUT ACCEPT [0:0]\n:mine - [0:0]\n:gate - [0:0]\n${rules.map((rule) => `-A ${rule}\n`).join('')}COMMIT\n`,
  )
const asks = (set: ReturnType<typeof input>, over: Partial<Packet> = {}) =>
  walk(set, 'in', { ...packet, ...over }).answer

test.each<[string, string[], string]>([
  ['DROP', [], 'no'],
  ['ACCEPT', [], 'yes'],
  ['ACCEPT', ['INPUT -p tcp -m tcp --dport 22 -j DROP'], 'no'],
  ['DROP', ['INPUT -p tcp -m tcp --dport 22 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -p tcp -m tcp --dport 23 -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -p tcp -m tcp --dport 20:30 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -p tcp -m multiport --dports 80,22 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -s 198.51.100.0/24 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT ! -s 198.51.100.0/24 -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -s 198.51.100.0/255.255.255.0 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -i lo -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -i eth+ -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -m conntrack --ctstate NEW -p tcp --dport 22 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -j mine', 'mine -p tcp -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -j mine', 'mine -j RETURN', 'INPUT -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -g mine', 'mine -p udp -j ACCEPT', 'INPUT -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -j mine', 'mine -g gate', 'gate -p udp -j DROP', 'INPUT -j ACCEPT'], 'yes'],
  ['ACCEPT', ['INPUT -j LOG', 'INPUT -p tcp -j REJECT --reject-with tcp-reset'], 'no'],
  ['ACCEPT', ['INPUT -m recent --update --seconds 60 --name x -j DROP'], 'unsure'],
  ['ACCEPT', ['INPUT -m set --match-set bad src -j DROP', 'INPUT -p tcp -j ACCEPT'], 'unsure'],
  ['DROP', ['INPUT -m limit --limit 3/min -j ACCEPT'], 'unsure'],
  ['DROP', ['INPUT -m limit --limit 3/min -j ACCEPT', 'INPUT -j ACCEPT'], 'yes'],
  ['ACCEPT', ['INPUT -p tcp --sport 1024: -j DROP'], 'unsure'],
  ['DROP', ['INPUT -j SOMETHINGNEW'], 'unsure'],
  ['DROP', ['INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT'], 'yes'],
])('policy %s with %j: a new login %s', (policy, rules, answer) => {
  expect(asks(input(policy, ...rules))).toBe(answer)
})

test('a running session passes where only established packets do', () => {
  const set = input('DROP', 'INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT')
  expect(asks(set, { state: 'ESTABLISHED', sourcePort: 50022 })).toBe('yes')
})

test('the deciding rule is named with its place', () => {
  expect(walk(input('ACCEPT', 'INPUT -i lo -j ACCEPT', 'INPUT -p tcp --dport 22 -j DROP'), 'in', packet).because).toBe(
    'filter INPUT rule 2: -p tcp --dport 22 -j DROP',
  )
  expect(walk(input('DROP'), 'in', packet).because).toBe('filter INPUT policy DROP')
})

test('a v4 rule never matches a v6 packet and a broken one never throws', () => {
  expect(asks(input('DROP', 'INPUT -s 198.51.100.20/32 -j ACCEPT'), { source: '2001:db8::7' })).toBe('no')
  expect(asks(input('DROP', 'INPUT -s 198.51.100.999/99 -j ACCEPT'))).toBe('unsure')
})

test('a raw table that drops is seen before the filter table accepts', () => {
  const set = ruleSetOf(
    '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 22 -j DROP\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n',
  )
  expect(asks(set)).toBe('no')
})
