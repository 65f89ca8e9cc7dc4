import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chainText, findChain } from '../../../src/services/areas/firewall/chain-text.ts'
import { touchedChains } from '../../../src/services/areas/firewall/delta.ts'
import { applyEdits } from '../../../src/services/areas/firewall/edits.ts'
import { ruleEditsOf } from '../../../src/services/areas/firewall/fold.ts'
import { parseRuleSet } from '../../../src/services/areas/firewall/parse.ts'
import { type FactsByArea, type StagedChange, stagedIn } from '../../../src/services/model/areas.ts'
import type { FamilyFacts, RuleEdit, RuleSet } from '../../../src/services/model/firewall.ts'
import { type Safe, say } from '../../../src/services/model/safe.ts'
import { RECORD_VERSION, type TransactionRecord } from '../../../src/services/model/transaction.ts'
import type { Unit } from '../../../src/services/model/units.ts'
import { undoOf } from '../../../src/services/planning/undo.ts'
import { AREAS } from '../../../src/state/areas/table.ts'
import { someSshd, someUnits } from '../../support/make-plan.ts'
import { someRecord } from '../../support/past.ts'
import { firewallFacts, textChange } from '../../support/plans.ts'
import { ruleSetOf, saveText } from '../../support/rule-sets.ts'

const CHAINS = ['INPUT', 'FORWARD', 'OUTPUT', 'f2b-sshd'] as const
const TEXTS = ['-p tcp -m tcp --dport 22 -j ACCEPT', '-j DROP', '-p tcp -m tcp --dport 8443 -j ACCEPT'] as const

/** One random step: where, what, and two places that are taken modulo the length of the chain. */
const step = fc.record({
  chain: fc.constantFrom(...CHAINS),
  kind: fc.constantFrom('insert', 'replace', 'delete', 'move', 'policy'),
  one: fc.nat(20),
  two: fc.nat(20),
  text: fc.constantFrom(...TEXTS),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function editOf({ chain, kind, one, two, text }: Step, now: RuleSet, newId: string): RuleEdit | null {
  const at = { family: 'v4', table: 'filter', chain } as const
  const rules = findChain(now, at)?.rules ?? []
  const ruleId = rules[one % Math.max(1, rules.length)]?.id
  const before = rules[two % (rules.length + 1)]?.id ?? null
  if (kind === 'policy') return chain === 'f2b-sshd' ? null : { kind, at, policy: one % 2 ? 'DROP' : 'ACCEPT' }
  if (kind === 'insert') return { kind, at, before, ruleId: newId, text }
  if (!ruleId) return null
  if (kind === 'replace') return { kind, at, ruleId, text }
  if (kind === 'delete') return { kind, at, ruleId }
  return before === ruleId ? null : { kind: 'move', at, ruleId, before }
}

/** The rule set after random steps, as a kernel would give it back: with ids of its own. */
function changed(base: RuleSet, steps: readonly Step[]): RuleSet {
  return steps.reduce((now, one, at) => {
    const edit = editOf(one, now, `new-${at}`)
    return edit ? applyEdits(now, [edit]).after : now
  }, base)
}

const recordOf = (before: RuleSet, after: RuleSet): TransactionRecord => {
  const touches = touchedChains(before, after)
  return someRecord('7f3a', {
    rules: [{ family: 'v4', touches, before: chainText(before, touches), after: chainText(after, touches) }],
  })
}

let ids = 0
/** Undoes on these rules and units; null: they can't be read. */
const undo = (
  record: TransactionRecord,
  now: RuleSet | null,
  units: readonly Unit[] | null = [],
): Undone & { readonly changes: readonly StagedChange[] } => {
  const family: FamilyFacts = now ? { state: 'present', ruleSet: now } : { state: 'unreadable', reason: say`no root` }
  const facts: Partial<FactsByArea> = {
    firewall: { ...firewallFacts(''), families: { v4: family, v6: family } },
    sshd: someSshd,
    ...(units ? { units: { ...someUnits([]), units } } : {}),
  }
  const { changes, remarks } = undoOf(
    AREAS,
    record,
    (id) => facts[id] ?? null,
    () => `back-${++ids}`,
  )
  return { changes, edits: changes.map(({ edit }) => edit), remarks }
}
type Undone = { readonly edits: readonly StagedChange['edit'][]; readonly remarks: readonly Safe[] }
const undone = (record: TransactionRecord, now: RuleSet): RuleSet => {
  const edits = ruleEditsOf(stagedIn(undo(record, now).changes, 'firewall'))
  const { after, conflicts } = applyEdits(now, edits)
  expect(conflicts).toEqual([])
  return after
}

const ALL = CHAINS.map((chain) => ({ table: 'filter', chain }))
const rulesOf = (set: RuleSet, chain: string): readonly string[] =>
  findChain(set, { table: 'filter', chain })?.rules.map((rule) => rule.text) ?? []

describe('undoing a transaction', () => {
  test('gives the chains back as they were, whatever was edited', () => {
    fc.assert(
      fc.property(saveText, fc.array(step, { maxLength: 8 }), (save, steps) => {
        const before = ruleSetOf(save)
        const after = changed(before, steps)
        const record = recordOf(before, after)
        expect(chainText(undone(record, after), ALL)).toBe(chainText(before, ALL))
        expect(undo(record, after).remarks).toEqual([])
      }),
    )
  })

  test('leaves alone what others added since, and puts the rest back in its old order', () => {
    fc.assert(
      fc.property(
        saveText,
        fc.array(step, { maxLength: 6 }),
        fc.array(fc.tuple(fc.constantFrom(...CHAINS), fc.nat(20)), { maxLength: 5 }),
        (save, steps, others) => {
          const before = ruleSetOf(save)
          const after = changed(before, steps)
          const foreign = (at: number): string => `-s 192.0.2.${at}/32 -j ACCEPT`
          const now = others.reduce((set, [chain, place], at) => {
            const at4 = { family: 'v4', table: 'filter', chain } as const
            const rules = findChain(set, at4)?.rules ?? []
            const anchor = rules[place % (rules.length + 1)]?.id ?? null
            const edit: RuleEdit = { kind: 'insert', at: at4, before: anchor, ruleId: `o${at}`, text: foreign(at) }
            return applyEdits(set, [edit]).after
          }, after)
          const end = undone(recordOf(before, after), now)
          const isForeign = (text: string): boolean => text.startsWith('-s 192.0.2.')
          for (const chain of CHAINS) {
            expect(rulesOf(end, chain).filter((text) => !isForeign(text))).toEqual(rulesOf(before, chain))
            expect(rulesOf(end, chain).filter(isForeign)).toEqual(rulesOf(now, chain).filter(isForeign))
          }
        },
      ),
    )
  })
})

const chains = (...rules: readonly string[]): RuleSet =>
  parseRuleSet('v4', `*filter\n:INPUT ACCEPT [0:0]\n${rules.map((rule) => `-A INPUT ${rule}\n`).join('')}COMMIT\n`)
const INPUT = { family: 'v4', table: 'filter', chain: 'INPUT' } as const

describe('what no longer fits', () => {
  test('a rule that was added and is gone since is said to be gone', () => {
    const { edits, remarks } = undo(recordOf(chains('-i lo -j ACCEPT'), chains('-i lo -j ACCEPT', '-j DROP')), chains())
    expect(edits).toEqual([])
    expect(remarks).toEqual(['v4 filter INPUT: rule -j DROP is no longer there.'])
  })

  test('a rule that was taken away and stands there again is not put there twice', () => {
    const { edits, remarks } = undo(recordOf(chains('-j DROP'), chains()), chains('-j DROP'))
    expect(edits).toEqual([])
    expect(remarks).toEqual(['v4 filter INPUT: rule -j DROP is there again already.'])
  })

  test('a rule whose follower is gone goes before the next one left, and says so', () => {
    const before = chains('-p udp -j DROP', '-p tcp -j ACCEPT', '-j LOG')
    const { edits, remarks } = undo(recordOf(before, chains('-p tcp -j ACCEPT', '-j LOG')), chains('-j LOG'))
    expect(edits).toMatchObject([{ kind: 'insert', before: 'v4/filter/INPUT/-j LOG', text: '-p udp -j DROP' }])
    expect(remarks[0]).toContain('Look at the order')
  })

  test('a chain that is gone, and rules that can’t be read, are said so', () => {
    const record = recordOf(chains('-j DROP'), chains())
    expect(undo(record, { family: 'v4', tables: [] }).remarks).toEqual([
      'The chain v4 filter INPUT is no longer there.',
    ])
    expect(undo(record, null).remarks[0]).toContain("can't be read")
  })

  test('a policy that is back already is left alone', () => {
    const record = someRecord('x', {
      rules: [{ family: 'v4', touches: [INPUT], before: '*filter INPUT ACCEPT\n', after: '*filter INPUT DROP\n' }],
    })
    expect(undo(record, chains())).toMatchObject({
      edits: [],
      remarks: ['v4 filter INPUT: the policy is ACCEPT again already.'],
    })
  })
})

describe('undoing files and units', () => {
  const record = (more: Partial<TransactionRecord>): TransactionRecord => someRecord('x', more)
  const unit = (active: string, boot: string): Unit => ({
    name: 'avahi-daemon.service',
    description: say``,
    active: active as never,
    sub: say``,
    boot: boot as never,
    listeners: [],
  })

  test('a record of a newer release is not undone, and of the first one is', () => {
    const files = [textChange('/etc/ssh/x', 'new\n', 'old\n')]
    const { edits, remarks } = undo(record({ files, version: RECORD_VERSION + 1 }), null)
    expect(edits).toEqual([])
    expect(remarks).toEqual([expect.stringMatching(/^Nothing of it is undone here: a newer release of hardtui/)])
    for (const version of [1, RECORD_VERSION]) expect(undo(record({ files, version }), null).edits).toHaveLength(1)
  })

  test.each([
    ['that was changed gets its old text', 'new\n', 'old\n'],
    ['that was made is removed', 'new\n', null],
    ['that was removed is written again', null, 'old\n'],
  ])('a file %s', (_name, text, was) => {
    expect(undo(record({ files: [textChange('/etc/ssh/x', text, was)] }), null).edits).toEqual([
      { kind: 'file', ...textChange('/etc/ssh/x', was, text) },
    ])
  })

  test.each([
    ['stop', 'disable', ['active', 'enabled'], ['inactive', 'disabled'], ['start', 'enable']],
    ['start', 'enable', ['inactive', 'disabled'], ['active', 'enabled'], ['stop', 'disable']],
    ['stop', 'mask', ['active', 'enabled'], ['inactive', 'masked'], ['start', 'unmask']],
    [null, 'unmask', ['inactive', 'masked'], ['inactive', 'disabled'], [null, 'mask']],
    ['stop', null, ['active', 'enabled'], ['failed', 'enabled'], ['start', null]],
  ] as const)('a unit that was told to %s and %s is told the opposite', (run, boot, was, now, back) => {
    const change = { unit: 'avahi-daemon.service', run, boot, was: { run: was[0], boot: was[1] } }
    expect(undo(record({ units: [change] }), null, [unit(now[0], now[1])]).edits).toEqual([
      {
        kind: 'unit',
        unit: 'avahi-daemon.service',
        run: back[0],
        boot: back[1],
        was: { run: now[0], boot: now[1] },
      },
    ])
  })

  test.each([
    ['is as it was already', [unit('active', 'enabled')], 'is as it was already'],
    ['is gone', [], 'is no longer there'],
    ['can’t be read', null, "can't be read"],
  ] as const)('a unit that %s is left alone, in words', (_name, units, words) => {
    const was = { run: 'active', boot: 'enabled' }
    const change = { unit: 'avahi-daemon.service', run: 'stop', boot: 'disable', was } as const
    const { edits, remarks } = undo(record({ units: [change] }), null, units)
    expect(edits).toEqual([])
    expect(remarks[0]).toContain(words)
  })

  test('a state that no verb makes is said so', () => {
    const change = {
      unit: 'avahi-daemon.service',
      run: null,
      boot: 'enable',
      was: { run: 'active', boot: 'static' },
    } as const
    expect(undo(record({ units: [change] }), null, [unit('active', 'enabled')]).remarks[0]).toContain('No verb')
  })
})

describe('undoing a transaction of several areas', () => {
  const record = someRecord('x', {
    rules: [{ family: 'v4', touches: [INPUT], before: '*filter INPUT ACCEPT\n', after: '*filter INPUT DROP\n' }],
    files: [
      textChange('/etc/ssh/sshd_config', 'new\n', 'old\n'),
      textChange('/etc/modules-load.d/hardtui-ftp.conf', 'x\n', null),
      textChange('/etc/motd', 'hello\n', null),
    ],
    units: [{ unit: 'cups.service', run: 'stop', boot: null, was: { run: 'active', boot: 'enabled' } }],
  })
  const stopped: Unit = {
    name: 'cups.service',
    description: say``,
    active: say`inactive`,
    sub: say``,
    boot: say`enabled`,
    listeners: [],
  }
  const facts: Partial<FactsByArea> = {
    firewall: firewallFacts('*filter\n:INPUT DROP [0:0]\nCOMMIT\n'),
    sshd: someSshd,
    units: { ...someUnits([]), units: [stopped] },
  }
  const undoneWith = (known: Partial<FactsByArea>, of = record) => {
    let number = 0
    return undoOf(
      AREAS,
      of,
      (id) => known[id] ?? null,
      () => `id-${++number}`,
    )
  }

  test('is staged as the server takes it: rules with their files, then files, then units', () => {
    const { changes, remarks } = undoneWith(facts)
    expect(changes.map(({ id, area, target, summary, origin }) => [id, area, `${target} ${summary}`, origin])).toEqual([
      ['id-1', 'firewall', 'v4 filter INPUT policy DROP → ACCEPT', 'operator'],
      ['id-2', 'firewall', '/etc/modules-load.d/hardtui-ftp.conf removed again', 'operator'],
      ['id-3', 'sshd', '/etc/ssh/sshd_config back to the text it had before', 'operator'],
      ['id-4', 'units', 'cups.service start', 'operator'],
    ])
    expect(remarks).toEqual(['/etc/motd is not changed by this release of hardtui: change it back by hand.'])
  })

  test('says what of it can’t be read now, and stages the rest', () => {
    const { changes, remarks } = undoneWith({ units: facts.units as FactsByArea['units'] })
    expect(changes.map(({ area }) => area)).toEqual(['units'])
    expect(remarks).toEqual([
      "The v4 rules can't be read: nothing of them is undone.",
      "What it changed can't be read on this host now: press R, and try again.",
      "What it changed can't be read on this host now: press R, and try again.",
      '/etc/motd is not changed by this release of hardtui: change it back by hand.',
    ])
  })

  test('asks no area about what is not its own', () => {
    expect(undoneWith({}, someRecord('x'))).toEqual({ changes: [], remarks: [] })
    const units = someRecord('x', { units: record.units })
    expect(undoneWith({}, units).remarks).toEqual(["The services can't be read: cups.service stays as it is."])
    expect(undoneWith({ units: facts.units as FactsByArea['units'] }, units).remarks).toEqual([])
  })
})
