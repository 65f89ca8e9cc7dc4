import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import { shadowsIn } from '../../../../../src/services/areas/firewall/shadow.ts'
import { matchRule } from '../../../../../src/services/areas/firewall/walk/match.ts'
import { NOTHING_KNOWN, type Packet } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { viewOf } from '../../../../../src/services/areas/firewall/walk/view.ts'
import { walk } from '../../../../../src/services/areas/firewall/walk/walk.ts'
import type { Chain, Family, RuleSet } from '../../../../../src/services/model/firewall.ts'

const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const maybe = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), text)
const not = fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constant('! ') })

/** Few values, so that rules and packets meet often. */
const network: Readonly<Record<Family, fc.Arbitrary<string>>> = {
  v4: pick('192.0.2.7/32', '192.0.2.0/24', '192.0.0.0/16', '0.0.0.0/0', '198.51.100.0/25', '192.0.2.0/255.255.255.0'),
  v6: pick('2001:db8::7/128', '2001:db8::/64', '2001:db8::/32', '::/0', 'fe80::/10', '2001:db8::/ffff:ffff::'),
}
const ports = pick('22', '80', '1:1024', '22:80', '81', ':22', '1024:')
const lists = pick('22,80', '22', '80:90,22', '1:65535', '443')
const states = pick('NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID', 'NEW,INVALID,UNTRACKED', 'UNTRACKED')

const withNot = (option: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(not, value).map(([no, one]) => `${no}${option} ${one}`)

const more = fc.oneof(
  fc.tuple(pick('conntrack --ctstate', 'state --state'), not, states).map(([module, no, one]) => {
    const [name, option] = module.split(' ')
    return `-m ${name} ${no}${option} ${one}`
  }),
  fc
    .tuple(states, pick('192.0.2.7', '2001:db8::7'))
    .map(([one, address]) => `-m conntrack --ctstate ${one} --ctorigsrc ${address}`),
  pick(
    '-m conntrack --ctorigsrc 192.0.2.7',
    '-m conntrack --ctdir REPLY',
    '-m limit --limit 5/min',
    '-m comment --comment "-p udp -j DROP"',
  ),
  pick(
    '-m mark --mark 0x1',
    '-m string --string "-s 192.0.2.0/24" --algo bm',
    '-m iprange --src-range 192.0.2.0-192.0.2.9',
    '-m somethingnew --x -p tcp',
  ),
)

const protocol = fc.oneof(
  fc.constant(''),
  pick(
    '-p tcp',
    '-p udp',
    '! -p tcp',
    '-p 6',
    '-p icmp',
    '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN',
    '-p ipv6-icmp',
  ),
  fc
    .tuple(pick('tcp', 'udp'), pick('--dport', '--sport'), not, ports)
    .map(([p, o, no, at]) => `-p ${p} -m ${p} ${no}${o} ${at}`),
  fc
    .tuple(pick('tcp', 'udp'), not, ports, not, ports)
    .map(([p, a, x, b, y]) => `-p ${p} -m ${p} ${a}--sport ${x} ${b}--dport ${y}`),
  fc
    .tuple(pick('tcp', 'udp'), pick('--dports', '--sports', '--ports'), not, lists)
    .map(([p, o, no, at]) => `-p ${p} -m multiport ${no}${o} ${at}`),
  pick(
    '-p icmp -m icmp --icmp-type 8',
    '-p icmp -m icmp --icmp-type any',
    '-p icmp -m icmp --icmp-type 3/1',
    '-p ipv6-icmp -m icmp6 --icmpv6-type 128',
  ),
)

const target = pick('-j ACCEPT', '-j DROP', '-j REJECT', '-g mine', '-j RETURN', '-j LOG', '-j mine', '')

const rule = (family: Family): fc.Arbitrary<string> =>
  fc
    .tuple(
      maybe(withNot('-s', network[family])),
      maybe(withNot('-d', network[family])),
      maybe(withNot('-i', pick('eth0', 'eth+', 'lo', 'eth1'))),
      protocol,
      fc.array(more, { maxLength: 2 }),
      target,
    )
    .map((parts) =>
      parts
        .flat()
        .filter((part) => part !== '')
        .join(' '),
    )

const packet = (family: Family): fc.Arbitrary<Packet> => {
  const address =
    family === 'v4'
      ? pick('192.0.2.7', '192.0.2.9', '192.0.9.9', '203.0.113.1')
      : pick('2001:db8::7', '2001:db8::9', '2001:db8:9::1', '2001:9::1')
  const port = pick(1, 22, 80, 81, 85, 443, 1024, 60_000)
  return fc
    .record({
      protocol: pick('tcp', 'udp', 'icmp', 'ipv6-icmp', 'esp'),
      source: address,
      sourcePort: port,
      destination: address,
      destinationPort: port,
      type: pick(0, 3, 8, 128, 135),
      code: pick(0, 1),
      inInterface: pick('eth0', 'eth1', 'wlan0'),
      state: pick('NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'),
    })
    .map(({ type, code, ...rest }) => {
      const withPorts = rest.protocol === 'tcp' || rest.protocol === 'udp'
      return {
        ...rest,
        outInterface: null,
        ...(withPorts ? {} : { sourcePort: null, destinationPort: null }),
        ...(rest.protocol.includes('icmp') ? { icmp: { type, code } } : {}),
      } as Packet
    })
}

const chainOf = (texts: readonly string[]): Chain => ({
  name: 'INPUT',
  policy: 'ACCEPT',
  packets: 0,
  bytes: 0,
  rules: texts.map((text, at) => ({ id: `${at}`, text, packets: 0, bytes: 0 })),
})

const cases = pick<Family>('v4', 'v6').chain((family) =>
  fc.record({
    family: fc.constant(family),
    texts: fc.array(rule(family), { minLength: 2, maxLength: 12 }),
    packets: fc.array(packet(family), { minLength: 12, maxLength: 12 }),
  }),
)

test('whatever packet a shadowed rule matches, the earlier one matches for certain', () => {
  let found = 0
  fc.assert(
    fc.property(cases, ({ family, texts, packets }) => {
      const chain = chainOf(texts)
      for (const [at, by] of shadowsIn({ name: 'filter', chains: [chain] }, chain)) {
        found++
        expect(by).toBeLessThan(at)
        for (const one of packets) {
          const view = viewOf(one, 'in', family, NOTHING_KNOWN)
          const [earlier, later] = [matchRule(texts[by] as string, view), matchRule(texts[at] as string, view)]
          if (later.matches === 'yes') expect(`${earlier.matches} ${texts[by]} | ${texts[at]}`).toMatch(/^yes/)
          // What hangs on things unseen hangs on them for the earlier rule too, or takes the packet anyway.
          if (earlier.matches === 'no') expect(later.matches).toBe('no')
        }
      }
    }),
    { numRuns: 3000 },
  )
  expect(found).toBeGreaterThan(300)
})

test('without its shadowed rules a rule set lets the same packets in', () => {
  fc.assert(
    fc.property(cases, ({ family, texts, packets }) => {
      const chain = chainOf(texts.filter((text) => !text.includes('mine')))
      const shadows = shadowsIn({ name: 'filter', chains: [chain] }, chain)
      const setOf = (rules: Chain['rules']): RuleSet => ({
        family,
        tables: [{ name: 'filter', chains: [{ ...chain, rules }] }],
      })
      const without = setOf(chain.rules.filter((_, at) => !shadows.has(at)))
      for (const one of packets) {
        const [all, less] = [walk(setOf(chain.rules), 'in', one), walk(without, 'in', one)]
        // A rule that may meet a packet makes the walk unsure; without it there may be nothing left to be unsure of.
        if (all.answer !== 'unsure') expect(less.answer).toBe(all.answer)
      }
    }),
    { numRuns: 1500 },
  )
})

test('no text makes it throw', () => {
  const word = pick(
    ...'! -p -s -d -i -o -f -m -j -g tcp udp 22 1:2 10.0.0.0/8 ::/0 conntrack --ctstate NEW --dport --dports --ports --tcp-flags SYN any multiport comment --comment " \\ constructor __proto__ ACCEPT'.split(
      ' ',
    ),
  )
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.array(word, { maxLength: 10 }).map((words) => words.join(' ')),
          fc.string({ unit: 'binary' }),
        ),
        { maxLength: 8 },
      ),
      (texts) => {
        const chain = chainOf(texts)
        shadowsIn({ name: 'filter', chains: [chain] }, chain)
      },
    ),
  )
})

test('it finds what is shadowed among rules as the kernel prints them', () => {
  const save =
    '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n'
  const table = parseRuleSet('v4', save).tables[0] as RuleSet['tables'][number]
  expect([...shadowsIn(table, table.chains[0] as Chain)]).toEqual([[1, 0]])
})
