import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withTable } from '../../../../../src/services/areas/firewall/builtin-chains.ts'
import { firewallChecks } from '../../../../../src/services/areas/firewall/checks/table.ts'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import type { Family, FamilyFacts, FirewallFacts, RuleSet } from '../../../../../src/services/model/firewall.ts'
import { safe, say } from '../../../../../src/services/model/safe.ts'
import type { Listener } from '../../../../../src/services/model/units.ts'
import { EVIL } from '../../../../support/hostile.ts'
import { firewallFacts, hostFacts } from '../../../../support/plans.ts'
import { restoreInput } from '../../../../support/rule-generator.ts'

const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const NAMES = ['INPUT', 'OUTPUT', 'FORWARD', 'constructor', '__proto__', 'DOCKER', 'f2b-sshd', 'DROP', EVIL] as const
const word = pick(
  ...'! -p -s -d -i -o -m -j -g tcp udp ipv6-icmp 22 1:2 0:99999 10.0.0.0/8 ::/0 lo eth+ conntrack --ctstate NEW --dport --dports limit hashlimit recent -j DNAT --to-destination 172.17.0.2:80 CT --helper ftp REDIRECT ACCEPT DROP "'.split(
    ' ',
  ),
  ...NAMES,
)
const text = fc.oneof(
  fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  fc.string({ unit: 'binary', maxLength: 60 }),
)
const rule = fc.record({ id: fc.string(), text, packets: pick(0, 1, Number.NaN, 2 ** 60), bytes: fc.constant(0) })
const chain = fc.record({
  name: pick(...NAMES),
  policy: pick(null, 'ACCEPT', 'DROP', EVIL),
  packets: fc.constant(0),
  bytes: fc.constant(0),
  rules: fc.array(rule, { maxLength: 6 }),
})
const table = fc.record({
  name: pick('filter', 'nat', 'raw', 'mangle', 'constructor'),
  chains: fc.array(chain, { maxLength: 5 }),
})
const wild = (family: Family): fc.Arbitrary<RuleSet> =>
  fc.array(table, { maxLength: 4 }).map((tables) => ({ family, tables }))
const real = (family: Family): fc.Arbitrary<RuleSet> =>
  restoreInput(family, 12).map((save) => withTable(parseRuleSet(family, save), 'filter'))
const family = (name: Family): fc.Arbitrary<FamilyFacts> =>
  fc.oneof(
    fc.oneof(wild(name), real(name)).map((ruleSet) => ({ state: 'present' as const, ruleSet })),
    fc.constant({ state: 'unreadable' as const, reason: say`no` }),
  )

const address = pick(
  '0.0.0.0',
  '[::]',
  '*',
  '127.0.0.1',
  '[::1]',
  '10.0.0.5',
  '[fe80::1]%eth0',
  '[::ffff:10.0.0.5]',
  '',
  EVIL,
)
const listener: fc.Arbitrary<Listener> = fc.record({
  protocol: pick('tcp' as const, 'udp' as const),
  address: address.map((one) => safe(one)),
  port: pick(22, 53, 80, 546, 68, 0, 65535),
  process: pick(null, safe(EVIL), safe('nginx')),
  pid: fc.constant(null),
  unit: fc.constant(null),
})
const ports = pick(0, 1, 22, 65535)
const scenes: fc.Arbitrary<{ readonly facts: FirewallFacts; readonly listeners: readonly Listener[] | null }> = fc
  .record({
    v4: family('v4'),
    v6: family('v6'),
    saved: fc.oneof(
      wild('v4').map((ruleSet) => ({ state: 'present' as const, ruleSet })),
      pick({ state: 'absent' as const }, { state: 'unknown' as const }),
    ),
    persistence: pick({ kind: 'none' as const }, { kind: 'loader' as const, v4: '/a', v6: '/b' }),
    addresses: fc.array(
      fc.record({
        family: pick<Family>('v4', 'v6'),
        address: pick('10.0.0.5', '192.168.1.1', 'fd00::1', 'fe80::1', 'nonsense', '255.255.255.255'),
        prefix: pick(0, 8, 24, 31, 32, 64, 128, 999),
      }),
    ),
    device: pick(null, 'eth0', EVIL),
    forwards: fc.boolean(),
    ftp: fc.array(
      fc.record({
        program: pick('vsftpd' as const),
        port: ports,
        passive: fc.option(fc.record({ from: ports, to: ports })),
      }),
      { maxLength: 2 },
    ),
    listeners: fc.option(fc.array(listener, { maxLength: 6 })),
    managers: fc.array(
      pick('ufw', 'fail2ban', 'firewalld', EVIL).map((one) => safe(one)),
      { maxLength: 3 },
    ),
  })
  .map((one) => ({
    listeners: one.listeners,
    facts: {
      ...firewallFacts(''),
      families: { v4: one.v4, v6: one.v6 },
      saved: { v4: one.saved, v6: one.saved },
      persistence: one.persistence,
      network: {
        interfaces: [{ name: one.device ?? 'eth1', addresses: one.addresses }],
        defaultInterface: { v4: one.device, v6: one.device },
        forwards: { v4: one.forwards, v6: one.forwards },
      },
      ftp: one.ftp,
      managers: one.managers,
    },
  }))

test('no facts make a check or a fix throw, and nothing of them gets to the screen as it is', () => {
  fc.assert(
    fc.property(scenes, ({ facts, listeners }) => {
      for (const check of firewallChecks) {
        const { observed, details } = check.judge(facts, hostFacts, { listeners })
        for (const line of [observed, ...(details ?? [])])
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
        check.fix?.(facts, hostFacts, { listeners })
      }
    }),
    { numRuns: 300 },
  )
}, 60_000)
