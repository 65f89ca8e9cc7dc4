import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchNftRule } from '../../../../../src/services/areas/firewall/nft/match.ts'
import { isOwnChain, isOwnRule } from '../../../../../src/services/areas/firewall/nft/own.ts'
import { readNftTable } from '../../../../../src/services/areas/firewall/nft/read.ts'
import { UNTOUCHED } from '../../../../../src/services/areas/firewall/walk/fate.ts'
import { NOTHING_KNOWN, type Packet, packetsOf } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { seenIn } from '../../../../../src/services/areas/firewall/walk/seen.ts'
import { type View, viewOf } from '../../../../../src/services/areas/firewall/walk/view.ts'
import { walk } from '../../../../../src/services/areas/firewall/walk/walk.ts'
import type { NftTable, RuleSet } from '../../../../../src/services/model/firewall.ts'
import { ACCEPT, DROP, dport, hooked, match, nftJson, rule, saddr } from '../../../../support/firewall-probes.ts'

const FIXTURES = join(import.meta.dirname, '../../../../fixtures/nft')
const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8')

const tableOf = (family: string, name: string, text: string): NftTable => {
  const table = readNftTable(family, name, text)
  if (!table) throw new Error('it is no table')
  return table
}

const packet = (more: Partial<Packet> = {}): Packet => ({
  ...packetsOf({
    protocol: 'tcp',
    client: '203.0.113.5',
    clientPort: 50_000,
    server: '192.0.2.10',
    serverPort: 80,
    interface: 'eth0',
  }).first,
  ...more,
})

/** As the chains of INPUT see it, with nothing done to it before. */
const asSeen = (one: Packet): View =>
  seenIn(viewOf(one, 'in', 'v4', NOTHING_KNOWN), { table: 'filter', chain: 'INPUT' }, UNTOUCHED, undefined)

describe.each(['1.0.6', '1.1.3'])('what nft %s prints', (version) => {
  const table = tableOf('inet', 't', fixture(`statements-${version}.json`))
  const rules = table.chains.flatMap((chain) => chain.rules)
  const said = (text: string, one: Partial<Packet> = {}) => {
    const found = rules.find((each) => each.text === text)
    if (!found) throw new Error(`no rule is ${text}: ${rules.map((each) => each.text).join('\n')}`)
    const { matches, target } = matchNftRule(found, table.sets, asSeen(packet(one)))
    return matches === 'no' ? 'no' : `${matches} ${target}`
  }

  test('is read with its hooks, sets and rules', () => {
    expect(table.chains.map(({ name, policy, hook }) => [name, policy, hook?.hook, hook?.priority])).toEqual([
      ['u', null, undefined, undefined],
      ['pre', 'ACCEPT', 'prerouting', -200],
      ['in', 'DROP', 'input', 0],
      ['nat', 'ACCEPT', 'prerouting', -100],
      ['post', 'ACCEPT', 'postrouting', 100],
    ])
    expect([...table.sets].map(([name, { changing }]) => [name, changing])).toEqual([
      ['a', false],
      ['b', true],
      ['i', false],
      ['c', false],
      ['m', false],
    ])
    expect(rules).toHaveLength(61)
  })

  test.each([
    ['tcp dport 22-23 accept', { destinationPort: 23 }, 'yes ACCEPT', { destinationPort: 24 }, 'no'],
    ['tcp dport != { 22, 80-90 } accept', { destinationPort: 91 }, 'yes ACCEPT', { destinationPort: 85 }, 'no'],
    ['tcp dport != { 22, 80-90 } accept', {}, 'no', { protocol: 'udp', destinationPort: 91 }, 'no'],
    ['tcp dport > 1024 accept', { destinationPort: 1025 }, 'yes ACCEPT', { destinationPort: 1024 }, 'no'],
    ['tcp dport vmap @m', { destinationPort: 22 }, 'yes ACCEPT', { destinationPort: 80 }, 'yes u'],
    ['tcp dport vmap { 1-5 : drop, 7 : accept, * : continue }', { destinationPort: 5 }, 'yes DROP', {}, 'yes null'],
    ['ip saddr != @a drop', {}, 'yes DROP', { source: '1.2.3.4' }, 'no'],
    ['ip saddr @i drop', { source: '1.2.3.77' }, 'yes DROP', { source: '5.5.5.10' }, 'no'],
    ['ip saddr @i drop', { source: '5.5.5.9' }, 'yes DROP', { source: '9.9.9.9' }, 'yes DROP'],
    ['ip saddr . tcp dport @c accept', { source: '1.2.3.4' }, 'yes ACCEPT', { source: '1.2.3.5' }, 'no'],
    ['ip6 saddr fe80::/10 accept', {}, 'no', { source: null }, 'no'],
    ['ct state established,related accept', { state: 'ESTABLISHED' }, 'yes ACCEPT', {}, 'no'],
    [
      'ct state vmap { invalid : drop, established : accept, new : continue }',
      {},
      'yes null',
      { state: 'INVALID' },
      'yes DROP',
    ],
    ['ct status dnat accept', {}, 'no', { state: 'ESTABLISHED' }, 'maybe ACCEPT'],
    ['iifname eth* accept', {}, 'yes ACCEPT', { inInterface: 'lo' }, 'no'],
    ['iifname { a, b* } accept', { inInterface: 'br0' }, 'yes ACCEPT', {}, 'no'],
    ['tcp flags syn accept', {}, 'yes ACCEPT', { tcpFlags: ['ACK'] }, 'no'],
    ['tcp dport 99 limit rate 5/second accept', { destinationPort: 99 }, 'maybe ACCEPT', {}, 'no'],
    ['meta mark 5 accept', {}, 'maybe ACCEPT', { protocol: 'udp' }, 'maybe ACCEPT'],
    ['meta l4proto != tcp accept', {}, 'no', { protocol: 'udp' }, 'yes ACCEPT'],
    ['tcp dport 7 reject with tcp reset', { destinationPort: 7 }, 'yes REJECT', {}, 'no'],
    ['tcp dport 8080 meta mark set 5', { destinationPort: 8080 }, 'yes MARK', {}, 'no'],
    ['tcp dport 81 redirect {"port":82}', { destinationPort: 81 }, 'yes REDIRECT', {}, 'no'],
    ['ip saddr vmap { 10.0.0.0/8 : goto u, 11.0.0.1 : drop }', { source: '10.9.9.9' }, 'yes u', {}, 'no'],
  ] as const)('is matched: %s', (text, one, first, other, second) => {
    const found = rules.find((each) => each.text === text)
      ? text
      : [...rules].find((each) => sorted(each.text) === sorted(text))?.text
    expect([said(found ?? text, one), said(found ?? text, other)]).toEqual([first, second])
  })

  test('of iptables’ making is told from what is nft’s own', () => {
    const own = tableOf('ip', 'filter', fixture(`iptables-${version}.json`))
    for (const chain of own.chains) {
      expect(isOwnChain('filter', chain)).toBe(true)
      for (const one of chain.rules) expect(isOwnRule(one.statements), one.text).toBe(true)
    }
    const foreign = rules.filter((one) => !isOwnRule(one.statements))
    expect(foreign.length).toBeGreaterThan(rules.length * 0.6)
  })
})

/** Sets have no order of their own. */
const sorted = (text: string): string => [...text].toSorted().join('')

describe('a table of nft’s', () => {
  const beside = (family: string, objects: Parameters<typeof nftJson>[2]): RuleSet => ({
    family: 'v4',
    tables: [],
    beside: [{ kind: 'nft', table: tableOf(family, 'x', nftJson(family, 'x', objects)), insteadOf: null }],
  })
  const answer = (ruleSet: RuleSet, one: Partial<Packet> = {}) => walk(ruleSet, 'in', packet(one)).answer

  test('lets through what every one of its chains lets through', () => {
    const first = [hooked('a', 'input', -5, 'accept'), rule('a', ACCEPT)]
    expect(answer(beside('inet', first))).toBe('yes')
    expect(answer(beside('inet', [...first, hooked('b', 'input', 5, 'drop')]))).toBe('no')
    expect(answer(beside('inet', [hooked('b', 'forward', 5, 'drop')]))).toBe('yes')
  })

  test('asks the door of a device for that device alone, and for none that is not named for sure', () => {
    const door = (more: object) => [hooked('a', 'ingress', 0, 'accept', { ...more }), rule('a', DROP)]
    expect(answer(beside('netdev', door({ dev: 'eth0' })))).toBe('no')
    expect(answer(beside('netdev', door({ dev: ['eth0', 'eth1'] })))).toBe('no')
    expect(answer(beside('netdev', door({ dev: 'eth1' })))).toBe('yes')
    expect(answer(beside('netdev', door({})))).toBe('unsure')
    expect(answer(beside('netdev', door({ dev: 'eth0' })), { inInterface: null })).toBe('unsure')
  })

  test('before conntrack knows no state but invalid, and while it looks any', () => {
    const state = (priority: number, name: string) => [
      hooked('a', 'prerouting', priority, 'accept'),
      rule('a', match({ ct: { key: 'state' } }, name, 'in'), DROP),
    ]
    expect(answer(beside('inet', state(-300, 'new')))).toBe('yes')
    expect(answer(beside('inet', state(-300, 'invalid')))).toBe('no')
    expect(answer(beside('inet', state(-199, 'new')))).toBe('no')
    expect(answer(beside('inet', state(-200, 'new')))).toBe('unsure')
  })

  test('may do anything where a statement is not known, also to a packet that is dropped later', () => {
    const strange = [hooked('a', 'prerouting', -150, 'accept'), rule('a', { tproxy: { port: 5 } })]
    expect(answer(beside('inet', strange))).toBe('unsure')
    expect(answer(beside('inet', [...strange, hooked('b', 'input', 0, 'drop')]))).toBe('unsure')
    expect(answer(beside('inet', [hooked('a', 'input', 0, 'accept'), rule('a', dport(81), { flow: {} }, DROP)]))).toBe(
      'yes',
    )
  })

  test('goes on after a statement that fails, and stops before those behind it', () => {
    const rules = [
      hooked('a', 'input', 0, 'drop'),
      rule('a', dport(81), { queue: {} }),
      rule('a', saddr('203.0.113.5'), ACCEPT),
    ]
    expect(answer(beside('ip', rules))).toBe('yes')
    expect(answer(beside('ip', rules), { source: null })).toBe('unsure')
  })

  test('with a port that is sent on is asked about that port later', () => {
    const rules = [
      { chain: { name: 'n', type: 'nat', hook: 'prerouting', prio: -100, policy: 'accept' } },
      rule('n', dport(80), { redirect: { port: 8080 } }),
      hooked('b', 'input', 0, 'accept'),
      rule('b', dport(8080), DROP),
    ]
    expect(answer(beside('inet', rules))).toBe('no')
    // In the kernel's order, whichever stands first in the table.
    expect(answer(beside('inet', [...rules.slice(2), ...rules.slice(0, 2)]))).toBe('no')
    expect(answer(beside('inet', rules), { destinationPort: 81 })).toBe('yes')
  })

  test('with a rule that does two things at once may do anything', () => {
    const mark = { mangle: { key: { meta: { key: 'mark' } }, value: 5 } }
    const rules = (...does: readonly object[]) => [hooked('a', 'input', 0, 'accept'), rule('a', ...(does as never[]))]
    expect(answer(beside('inet', rules(mark)))).toBe('yes')
    expect(answer(beside('inet', rules(mark, DROP)))).toBe('unsure')
    expect(answer(beside('inet', rules(mark, dport(81), DROP)))).toBe('yes')
  })

  test.each(['__proto__', 'constructor', 'toString'])('words called %s are words', (name) => {
    const own = JSON.parse(`{"${name}": ""}`)
    for (const expr of [[{ match: { op: '==', left: {}, right: own } }], [own]])
      expect(
        readNftTable(
          'inet',
          'x',
          nftJson('inet', 'x', [hooked('a', 'input', 0, 'accept'), { rule: { chain: 'a', handle: 1, expr } }]),
        ),
      ).not.toBeNull()
  })

  test('whatever is in it, makes nothing throw', () => {
    const json = fc.jsonValue({ maxDepth: 4 })
    const statement = fc.dictionary(
      fc.constantFrom('match', 'vmap', 'jump', 'mangle', 'xt', 'drop', 'limit', 'x'),
      json,
      { maxKeys: 2 },
    )
    const left = fc.oneof(
      json,
      fc.constant({ payload: { protocol: 'tcp', field: 'dport' } }),
      fc.constant({ ct: { key: 'state' } }),
    )
    const matching = fc.record({ match: fc.record({ op: fc.constantFrom('==', '!=', 'in', '<'), left, right: json }) })
    fc.assert(
      fc.property(fc.array(fc.oneof(statement, matching), { maxLength: 4 }), (expr) => {
        const objects = [hooked('a', 'input', 0, 'accept'), { rule: { chain: 'a', handle: 1, expr } }]
        const table = readNftTable('inet', 'x', nftJson('inet', 'x', objects))
        if (table) walk({ family: 'v4', tables: [], beside: [{ kind: 'nft', table, insteadOf: null }] }, 'in', packet())
      }),
      { numRuns: 500 },
    )
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readNftTable('inet', 'x', text)))
  })
})
