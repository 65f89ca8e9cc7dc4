import { describe, expect, test } from 'vitest'
import { firewallEditing } from '../../../src/services/areas/firewall/editing.ts'
import { ruleEditsOf } from '../../../src/services/areas/firewall/fold.ts'
import type { StagedChange } from '../../../src/services/model/areas.ts'
import { stagedIn } from '../../../src/services/model/areas.ts'
import type { RuleEdit } from '../../../src/services/model/firewall.ts'
import type { UnitChange } from '../../../src/services/model/step.ts'
import {
  changesFrom,
  merge,
  stageAll,
  stageChange as stageOne,
  unstage as takeBack,
} from '../../../src/services/planning/staging.ts'
import { AREAS } from '../../../src/state/areas/table.ts'
import { firewallFacts, INPUT, staged, stagedFile, stagedUnit, textChange } from '../../support/plans.ts'

const insert = (ruleId: string, before: string | null = null, text = '-j ACCEPT'): RuleEdit => ({
  kind: 'insert',
  at: INPUT,
  before,
  ruleId,
  text,
})
const remove = (ruleId: string): RuleEdit => ({ kind: 'delete', at: INPUT, ruleId })
const replace = (ruleId: string, text: string): RuleEdit => ({ kind: 'replace', at: INPUT, ruleId, text })
const move = (ruleId: string, before: string | null): RuleEdit => ({ kind: 'move', at: INPUT, ruleId, before })
const policy = (to: 'ACCEPT' | 'DROP'): RuleEdit => ({ kind: 'policy', at: INPUT, policy: to })

const stageChange = (changes: readonly StagedChange[], added: StagedChange): readonly StagedChange[] =>
  stageAll(AREAS, changes, [added])
const unstage = (changes: readonly StagedChange[], id: string) => takeBack(AREAS, changes, [id])
const editsOf = (changes: readonly StagedChange[]) => ruleEditsOf(stagedIn(changes, 'firewall'))

/** The changes left after staging these one after the other. */
const stagedTogether = (...edits: readonly RuleEdit[]) =>
  edits.reduce<readonly StagedChange[]>((changes, edit) => stageChange(changes, staged(edit)), [])

describe('staging one change on top of another', () => {
  test('a rule that was only staged and is deleted again leaves nothing behind', () => {
    expect(editsOf(stagedTogether(insert('new'), remove('new')))).toEqual([])
  })

  test('what was to stand before it then stands where it stood', () => {
    expect(editsOf(stagedTogether(insert('new', 'r1'), insert('other', 'new'), remove('new')))).toEqual([
      insert('other', 'r1'),
    ])
  })

  test('editing a staged rule changes what is inserted', () => {
    expect(editsOf(stagedTogether(insert('new'), replace('new', '-j DROP')))).toEqual([insert('new', null, '-j DROP')])
  })

  test('a second edit of a rule replaces the first', () => {
    expect(editsOf(stagedTogether(replace('r1', '-j A'), replace('r1', '-j B')))).toEqual([replace('r1', '-j B')])
  })

  test('deleting a rule makes its other changes pointless', () => {
    expect(editsOf(stagedTogether(replace('r1', '-j A'), move('r1', null), remove('r1')))).toEqual([remove('r1')])
  })

  test('moving on moves once', () => {
    expect(editsOf(stagedTogether(move('r1', 'r3'), move('r1', 'r4')))).toEqual([move('r1', 'r4')])
  })

  test('a chain has one policy', () => {
    expect(editsOf(stagedTogether(policy('DROP'), policy('ACCEPT')))).toEqual([policy('ACCEPT')])
  })
})

const file = (text: string | null, was: string | null): StagedChange => ({
  ...stagedFile(textChange('/etc/x', text, was)),
  id: `file ${text} ${was}`,
})
const was = { run: 'active', boot: 'enabled' }
const unit = (run: UnitChange['run'], boot: UnitChange['boot']): StagedChange => ({
  ...stagedUnit({ unit: 'cups.service', run, boot, was }),
  id: `unit ${run} ${boot}`,
})
const together = (...changes: readonly StagedChange[]) =>
  changes.reduce<readonly StagedChange[]>(stageChange, [staged(remove('r1'))]).slice(1)

describe('staging files and units', () => {
  test('a file staged twice has the last text, over what was read first', () => {
    expect(together(file('one', 'old'), file('two', 'one'))).toMatchObject([{ edit: { text: 'two', was: 'old' } }])
  })

  test('a file staged back to what it was leaves nothing behind', () => {
    expect(together(file('one', 'old'), file('old', 'one'))).toEqual([])
    expect(together(file('one', null), file(null, 'one'))).toEqual([])
  })

  test('a unit staged twice has both verbs, the last of each', () => {
    expect(together(unit('stop', null), unit(null, 'disable'))).toMatchObject([
      { edit: { run: 'stop', boot: 'disable', was } },
    ])
    expect(together(unit('restart', 'disable'), unit('stop', 'mask'))).toMatchObject([
      { edit: { run: 'stop', boot: 'mask' } },
    ])
  })

  test('a unit staged back to what it was leaves nothing behind', () => {
    expect(together(unit('stop', 'disable'), unit('start', 'enable'))).toEqual([])
    expect(together(unit('stop', 'disable'), unit('start', null))).toMatchObject([
      { edit: { run: null, boot: 'disable' } },
    ])
  })

  test('they are taken back without touching the rules beside them', () => {
    const changes = [staged(remove('r1')), file('one', 'old'), unit('stop', null)]
    expect(unstage(changes, changes[1]?.id ?? '')).toEqual([changes[0], changes[2]])
    expect(stageChange(changes, staged(policy('DROP')))).toHaveLength(4)
  })
})

describe('taking back', () => {
  test('an inserted rule goes with everything staged on top of it', () => {
    const changes = stagedTogether(insert('new'), move('new', 'r1'), remove('r2'))
    expect(editsOf(unstage(changes, changes[0]?.id ?? ''))).toEqual([remove('r2')])
  })
})

describe('changes of several areas', () => {
  const all = [staged(remove('r1')), file('one', 'old'), staged(remove('r2')), unit('stop', null)]
  const ids = (changes: readonly StagedChange[]) => changes.map((one) => all.indexOf(one))

  test('keep their order, whichever is folded, and new ones come last', () => {
    const again = stageChange(all, file('two', 'one'))
    expect(again.map((one) => one.area)).toEqual(['firewall', 'sshd', 'firewall', 'units'])
    expect(again[1]).toMatchObject({ id: 'file one old', edit: { text: 'two', was: 'old' } })
    expect(ids(stageChange(all, staged(remove('r3'))))).toEqual([0, 1, 2, 3, -1])
    expect(ids(stageChange(all, file('old', 'one')))).toEqual([0, 2, 3])
  })

  test('keep it when one is taken back, and more than one', () => {
    expect(ids(takeBack(AREAS, all, [all[0]?.id ?? '']))).toEqual([1, 2, 3])
    expect(ids(takeBack(AREAS, all, [all[3]?.id ?? '', all[1]?.id ?? '']))).toEqual([0, 2])
    expect(ids(takeBack(AREAS, all, ['nobody', all[2]?.id ?? '']))).toEqual([0, 1, 3])
    const two = [unit('stop', null), stagedUnit({ unit: 'cron.service', run: 'stop', boot: null, was })]
    expect(takeBack(AREAS, two, [two[0]?.id ?? ''])).toEqual([two[1]])
  })

  test('are not touched where the area is only shown', () => {
    const shown = { ...staged(remove('r1')), area: 'securelog' } as never as StagedChange
    expect(stageOne(AREAS, all, shown as never)).toEqual({ changes: all, idle: null })
  })

  test('are each described as they come to stand, and not made where they are there already', () => {
    const facts = firewallFacts('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n')
    const there = 'v4/filter/INPUT/-i lo -j ACCEPT'
    const edits = [insert('a'), insert(there), insert('b'), remove('a')]
    const made = changesFrom(firewallEditing, 'firewall', facts, edits, 'finding', (number) => `n${number}`)
    expect(made.map(({ id, target, summary, origin }) => [id, target, summary, origin])).toEqual([
      ['n0', 'v4 filter INPUT 2', '+ -j ACCEPT', 'finding'],
      ['n2', 'v4 filter INPUT 3', '+ -j ACCEPT', 'finding'],
      ['n3', 'v4 filter INPUT 2', '- -j ACCEPT', 'finding'],
    ])
  })
})

test('facts with nothing staged are the facts themselves', () => {
  const facts = firewallFacts('')
  expect(merge(firewallEditing, facts, [])).toEqual({ base: facts, after: facts, conflicts: [] })
  expect(merge(null, facts, [insert('a')]).after).toBe(facts)
  const { base, after } = merge(firewallEditing, facts, [insert('a')])
  expect(base).toBe(facts)
  expect(after).not.toBe(facts)
})
