import { describe, expect, test } from 'vitest'
import type { UnitsFacts } from '../../../../src/services/model/units.ts'
import { firewallItems } from '../../../../src/state/areas/firewall/list.ts'
import { ruleAbout, ruleContext } from '../../../../src/state/areas/firewall/rule-about.ts'
import { initialReadings, withReading } from '../../../../src/state/slices/readings.ts'
import { listener } from '../../../support/listeners.ts'
import { rulesWith } from '../../../support/make-plan.ts'
import { firewallFacts, hostFacts, insertFirst, staged } from '../../../support/plans.ts'

const save = (...counts: readonly number[]) =>
  `*filter\n:INPUT ACCEPT [0:0]\n${[
    '-p tcp -m tcp --dport 22 -j ACCEPT',
    '-p tcp -m tcp --dport 80 -j ACCEPT',
    '-j DROP',
    '-s 192.0.2.1/32 -j ACCEPT',
  ]
    .map((text, at) => `[${counts[at] ?? 0}:0] -A INPUT ${text}`)
    .join('\n')}\nCOMMIT\n`

const units: UnitsFacts = {
  manager: 'systemd',
  units: [],
  strayListeners: [listener('tcp', '*', 22, 'sshd')],
  whyNoListeners: null,
}

/** What is said of the rules of INPUT, ten seconds after they were read before. */
function about(before: string | null, now: string, changes: Parameters<typeof rulesWith>[2] = []) {
  const facts = firewallFacts(now)
  const context = ruleContext(
    facts,
    units,
    before === null ? null : { facts: firewallFacts(before), readAt: 0 },
    10_000,
  )
  const rules = rulesWith(facts, 'v4', changes)
  const items = rules ? firewallItems(rules, 'filter', [], hostFacts, context) : []
  return items.flatMap((item) => (item.kind === 'rule' ? [ruleAbout(item)] : []))
}

describe('a rule', () => {
  test('is shadowed, for nobody, or lets somebody in', () => {
    expect(about(null, save()).map(({ shadowedBy, idle, serves }) => [shadowedBy, idle, serves])).toEqual([
      [null, false, 'sshd'],
      [null, true, null],
      [null, false, null],
      [3, false, null],
    ])
  })

  test('is judged as it is staged', () => {
    const facts = firewallFacts(save())
    const found = about(null, save(), [staged(insertFirst(facts, '-p tcp -j DROP'))])
    expect(found.map((one) => one.shadowedBy)).toEqual([null, 1, 1, null, 4])
  })

  test('has a rate where it was read before and its counter did not begin anew', () => {
    expect(about(save(0, 10, 100), save(120, 10, 7)).map((one) => one.rate)).toEqual([12, 0, null, 0])
    expect(about(null, save(5)).map((one) => one.rate)).toEqual([null, null, null, null])
  })
})

test('the reading before is kept, and the same one judged anew is not mistaken for it', () => {
  const read = (facts: ReturnType<typeof firewallFacts>, readAt: number) =>
    ({ state: 'present', facts, readAt }) as const
  const [first, second] = [read(firewallFacts(save(1)), 1), read(firewallFacts(save(2)), 2)]
  const once = withReading(initialReadings(['firewall']), 'firewall', first, [])
  expect(once.rulesBefore).toBeNull()
  const again = withReading(once, 'firewall', first, [])
  expect(again.rulesBefore).toBeNull()
  const twice = withReading(again, 'firewall', second, [])
  expect(twice.rulesBefore).toBe(first)
  const lost = withReading(twice, 'firewall', { state: 'unread' }, [])
  expect(withReading(lost, 'firewall', read(firewallFacts(save(3)), 3), []).rulesBefore).toBe(second)
})
