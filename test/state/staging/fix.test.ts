import { describe, expect, test } from 'vitest'
import type { Areas, Check } from '../../../src/services/model/area.ts'
import type { EditsByArea, FactsByArea } from '../../../src/services/model/areas.ts'
import type { RuleEdit } from '../../../src/services/model/firewall.ts'
import { say } from '../../../src/services/model/safe.ts'
import type { Kit } from '../../../src/state/kit.ts'
import { spaceHere, spaceOnFinding, toggleFix, whyNoFix } from '../../../src/state/staging/fix.ts'
import { filter } from '../../support/firewall-checks.ts'
import { cursorTo, type Keys, keysOf, type Options } from '../../support/headless.ts'
import { INPUT } from '../../support/plans.ts'
import { someTexts } from '../../support/probe-texts.ts'

const rules = (iptables: string): Options => ({ texts: { firewall: { ...someTexts().firewall, iptables } } })
async function onRules(iptables: string, text: string): Promise<Keys> {
  const bench = await keysOf(rules(iptables))
  await bench.press('2')
  cursorTo(bench, text)
  return bench
}

type FirewallCheck = Check<FactsByArea['firewall'], EditsByArea['firewall']>
const CHECK: FirewallCheck = {
  id: 'X-1',
  severity: 'low',
  title: 'one',
  expected: 'x',
  rationale: 'y',
  references: [],
  judge: () => ({ outcome: 'fail', observed: say`no` }),
}
const insert = (ruleId: string, text: string): RuleEdit => ({ kind: 'insert', at: INPUT, before: null, ruleId, text })

/** A console whose firewall has this one check, as what stages fixes sees it. */
async function withCheck(more: Partial<FirewallCheck>, options: Options = {}) {
  const bench = await keysOf({ ...rules(filter('-A INPUT -i lo -j ACCEPT')), ...options })
  const { kit } = bench.console.scope
  const check = { ...CHECK, ...more }
  const areas: Areas = { ...kit.areas, firewall: { ...kit.areas.firewall, checks: [check] } }
  const { id: checkId, severity, title, expected, rationale, references, noFix } = check
  const finding = {
    ...{ checkId, severity, title, expected, rationale, references, observed: say`no` },
    ...(check.fix ? { fixable: true } : {}),
    ...(noFix ? { noFix } : {}),
    area: 'firewall',
    outcome: 'fail',
  } as const
  const one: Kit = { ...kit, areas }
  return { ...bench, kit: one, finding, toggle: () => toggleFix(one, finding) }
}

const NOT_YET = 'no fix can be staged for this yet; Enter says what to do'

describe('Space on a finding', () => {
  test('stages its fix, known by its finding, and takes exactly that back', async () => {
    const bench = await onRules(filter(), 'FW-default-deny-v4')
    await bench.press('a')
    await bench.type('-p tcp --dport 8443 -j ACCEPT')
    await bench.press('Enter')
    cursorTo(bench, 'FW-default-deny-v4')
    await bench.press('Space')
    expect(bench.said()).toBe('Staged: 4 changes; s shows them')
    const { changes } = bench.console.store.getState().staging
    expect(changes.slice(1).map(({ id, origin }) => `${id} ${origin}`)).toEqual(
      [1, 2, 3, 4].map((at) => `fix:FW-default-deny-v4:${at} finding`),
    )
    await bench.press('Space')
    expect(bench.said()).toBe('Unstaged: the fix is taken back.')
    expect(bench.staged()).toEqual([expect.stringContaining('8443')])
    await bench.press('u', 'u')
    expect(bench.staged()).toHaveLength(1)
  })

  test('stages a fix again that was taken back, under the same names', async () => {
    const bench = await onRules(filter(), 'FW-default-deny-v4')
    await bench.press('Space')
    const before = bench.console.store.getState().staging.changes
    await bench.press('Space', 'Space')
    expect(bench.console.store.getState().staging.changes).toEqual(before)
  })

  test('says what it stages where that is one change', async () => {
    const bench = await onRules(filter('INPUT DROP', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'), 'FW-loopback-v4')
    await bench.press('Space')
    expect(bench.said()).toBe('Staged: v4 filter INPUT 1 + -i lo -j ACCEPT')
  })

  test('stages nothing of it twice, be it staged by another or by hand', async () => {
    const bench = await onRules('', 'FW-default-deny-v4')
    await bench.press('Space')
    const { length } = bench.staged()
    cursorTo(bench, 'FW-empty-v4')
    await bench.press('Space')
    expect([bench.staged().length, bench.said()]).toEqual([
      length,
      'Space (stage fix): what is staged mends it already.',
    ])
  })

  test('says where there is nothing to fix by a key', async () => {
    const bench = await onRules(filter('INPUT DROP', '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'), 'FW-ssh-source-v4')
    await bench.press('Space')
    expect(bench.said()).toContain('only you know from where you log in')
    await bench.press('1', 'Space')
    expect(bench.said()).toContain("its files can't be changed from here: sshd did not say which files it reads")
    await bench.press('3', 'G', 'Space')
    expect(bench.said()).toContain('Space (stage fix): no finding is about it')
    expect(bench.staged()).toEqual([])
  })

  test('says so where there is nothing under the cursor, and why nothing may be staged', async () => {
    const bench = await keysOf()
    await bench.press('1', '/')
    await bench.type('no such thing')
    await bench.press('Enter', 'Space')
    expect(bench.said()).toBe('Space (stage fix): there is nothing under the cursor.')
    const looking = await keysOf({ readOnly: true })
    await looking.press('Space')
    expect(looking.said()).toContain('--read-only')
  })
})

describe('a fix', () => {
  const edits: readonly RuleEdit[] = [insert('a', '-j A'), insert('b', '-j B')]
  const fix = () => edits

  test('of which a part does not fit is not staged at all, and says why', async () => {
    const bench = await withCheck({
      fix: () => [insert('a', '-j A'), { kind: 'delete', at: INPUT, ruleId: 'gone' }],
    })
    expect(bench.toggle()).toBe('it does not fit what is staged: the rule is gone')
    expect([bench.staged(), bench.said()]).toEqual([[], ''])
  })

  test('wants only what is missing', async () => {
    const lo = 'v4/filter/INPUT/-i lo -j ACCEPT'
    const some = await withCheck({ fix: () => [insert(lo, '-i lo -j ACCEPT'), insert('b', '-j B')] })
    expect(some.toggle()).toBeNull()
    expect(some.staged()).toEqual(['v4 filter INPUT 2 + -j B'])
    const none = await withCheck({ fix: () => [insert(lo, '-i lo -j ACCEPT')] })
    expect(none.toggle()).toBe('what is staged mends it already')
  })

  test('is asked on what is staged, and not where that passes', async () => {
    const seen: number[] = []
    const bench = await withCheck({
      fix: (facts, _host, { listeners }) => {
        const { v4 } = facts.families
        seen.push(v4.state === 'present' ? (v4.ruleSet.tables[0]?.chains[0]?.rules.length ?? 0) : -1)
        expect(listeners?.length).toBeGreaterThan(0)
        return edits
      },
    })
    await bench.press('2')
    cursorTo(bench, '-i lo')
    await bench.press('x')
    expect(bench.toggle()).toBeNull()
    expect(seen).toEqual([0])
    const passing = await withCheck({ fix, judge: () => ({ outcome: 'pass', observed: say`yes` }) })
    expect(passing.toggle()).toBe('what is staged mends it already')
    expect(passing.staged()).toEqual([])
  })

  test.each([
    ['has none', {}, NOT_YET],
    ['has none, and knows why', { noFix: 'mend it yourself' }, 'mend it yourself'],
    ['finds none', { fix: (): null => null }, NOT_YET],
    ['finds nothing to do', { fix: () => [] }, NOT_YET],
    [
      'finds none, and knows why',
      { fix: (): null => null, noFix: 'you would be locked out' },
      'you would be locked out',
    ],
  ])('of a check that %s is refused with the reason', async (_name, more, reason) => {
    const bench = await withCheck(more)
    expect(bench.toggle()).toBe(reason)
    expect(bench.staged()).toEqual([])
  })

  test('of another program’s rules is refused with its own way', async () => {
    const bench = await withCheck({ fix }, { texts: { firewall: { ...someTexts().firewall, managers: 'ufw' } } })
    expect(bench.toggle()).toContain("these rules are ufw's")
  })

  test('of an area that was not read, or has no such check, is none', async () => {
    const unread = await withCheck({ fix }, { texts: { firewall: undefined as never } })
    expect(unread.toggle()).toBe(NOT_YET)
    const bench = await withCheck({ fix })
    expect(toggleFix(bench.kit, { ...bench.finding, checkId: 'X-2' })).toBe(NOT_YET)
    expect(toggleFix(bench.kit, { ...bench.finding, outcome: 'unknown' })).toBe(
      'it could not be judged; Enter says why',
    )
    expect(toggleFix(bench.kit, { ...bench.finding, area: 'securelog' })).toBe(NOT_YET)
    const { host: _, ...connection } = bench.console.store.getState().connection
    bench.console.store.setState({ connection: { ...connection, host: null } })
    expect(bench.toggle()).toBe(NOT_YET)
    expect(bench.staged()).toEqual([])
  })

  test('that is staged can be taken back whatever has become of its finding', async () => {
    const bench = await withCheck({ fix })
    bench.toggle()
    const passed = { ...bench.finding, outcome: 'pass' } as const
    expect(whyNoFix(bench.kit, passed)).toBeNull()
    const now = spaceOnFinding(bench.kit, passed)
    expect('run' in now && now.run()).toBeNull()
    expect(bench.staged()).toEqual([])
    expect(spaceOnFinding(bench.kit, passed)).toEqual({ why: 'it is as it should be' })
  })
})

test('a finding of a pane without keys of its own is fixed by the key of every pane', async () => {
  const bench = await keysOf()
  await bench.press('2')
  cursorTo(bench, 'FW-default-deny-v4')
  const now = spaceHere(bench.console.scope.kit)
  expect('run' in now && now.run()).toBeNull()
  expect(bench.staged().length).toBeGreaterThan(0)
})
