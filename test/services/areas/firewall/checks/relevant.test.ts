import fc from 'fast-check'
import { expect, test } from 'vitest'
import { relevant, type Traffic } from '../../../../../src/services/areas/firewall/checks/relevant.ts'
import { packetsOf } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { walk } from '../../../../../src/services/areas/firewall/walk/walk.ts'
import type { Family, RuleSet } from '../../../../../src/services/model/firewall.ts'

const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

const PEOPLE: Readonly<Record<Family, readonly string[]>> = {
  v4: ['93.184.216.34', '10.3.0.5', '10.3.0.2', '198.51.100.20'],
  v6: ['2606:2800:220:1::1', 'fd00::5', 'fd00::2', '2001:db8::20'],
}
const NETWORKS: Readonly<Record<Family, readonly string[]>> = {
  v4: [
    '93.184.216.34/32',
    '93.184.0.0/16',
    '10.3.0.0/24',
    '10.3.0.2/32',
    '203.0.113.9/32',
    '0.0.0.0/1',
    '10.9.0.0/16',
    '192.0.2.0/255.255.255.0',
    'nonsense',
  ],
  v6: [
    '2606:2800:220:1::1/128',
    'fd00::/64',
    'fd00::2/128',
    '2001:db8::/32',
    '2001:db9::/32',
    '::/1',
    'ff02::1/128',
    'nonsense',
  ],
}
const PORTS = [22, 80, 3306]
const asked = (family: Family): Traffic => ({
  sources: PEOPLE[family],
  neighbours: [{ address: family === 'v4' ? '10.3.0.5' : 'fd00::5', prefix: family === 'v4' ? 24 : 64 }],
  ports: new Set(PORTS),
})

/** Rules of which most concern somebody else, so that a long chain is not decided by its first few. */
const rule = (family: Family): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 6, arbitrary: pick('-s 203.0.113.8/32', '-s 2001:db9::8/128') },
        { weight: 3, arbitrary: pick(...NETWORKS[family]).map((net) => `-s ${net}`) },
        { weight: 1, arbitrary: pick('', '! -s 203.0.113.0/24') },
      ),
      pick(
        '-p tcp -m tcp --dport 8080',
        '-p tcp -m tcp --dport 22',
        '-p tcp -m tcp --dport 80:90',
        '-p tcp -m tcp ! --dport 22',
        '-p tcp -m tcp --dport 9000:',
        '-p tcp -m comment --comment " --dport 9 " -m tcp --dport 22',
        '-p udp -m udp --dport 53',
        '-p tcp -m multiport --dports 22,9',
      ),
      pick('-j ACCEPT', '-j DROP', '-j LOG', '-m limit --limit 1/sec -j ACCEPT'),
    )
    .map((parts) => parts.filter((part) => part !== '').join(' '))

test('what is left out of a long chain changes no answer about the packets asked for', () => {
  const cases = pick<Family>('v4', 'v6').chain((family) =>
    fc.record({
      family: fc.constant(family),
      texts: fc.array(rule(family), { minLength: 401, maxLength: 450, size: 'max' }),
      start: fc.nat(400),
      policy: pick('ACCEPT', 'DROP'),
      redirect: fc.boolean(),
    }),
  )
  fc.assert(
    fc.property(cases, ({ family, texts, start, policy, redirect }) => {
      // The rules before `start` are somebody else's, so that the later ones get their turn.
      const other = family === 'v4' ? '-s 203.0.113.8/32 -j DROP' : '-s 2001:db9::8/128 -j DROP'
      const rules = texts.map((text, at) => ({ id: `${at}`, text: at < start ? other : text, packets: 0, bytes: 0 }))
      const chain = (name: string, of: typeof rules, its: string) => ({
        name,
        policy: its,
        packets: 0,
        bytes: 0,
        rules: of,
      })
      const to = { id: 'nat', text: '-p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080', packets: 0, bytes: 0 }
      const ruleSet: RuleSet = {
        family,
        tables: [
          { name: 'filter', chains: [chain('INPUT', rules, policy)] },
          { name: 'nat', chains: [chain('PREROUTING', redirect ? [to] : [], 'ACCEPT')] },
        ],
      }
      const less = relevant(ruleSet, asked(family))
      expect(less.tables[0]?.chains[0]?.rules.length).toBeLessThanOrEqual(rules.length)
      for (const client of PEOPLE[family])
        for (const serverPort of PORTS) {
          const server = PEOPLE[family][1] as string
          const { first } = packetsOf({
            protocol: 'tcp',
            client,
            clientPort: null,
            server,
            serverPort,
            interface: 'eth0',
          })
          const [all, few] = [walk(ruleSet, 'in', first), walk(less, 'in', first)]
          expect([few.answer, few.at?.ruleId]).toEqual([all.answer, all.at?.ruleId])
        }
    }),
    { numRuns: 150 },
  )
})
