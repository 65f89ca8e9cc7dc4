import { describe, expect, test } from 'vitest'
import { ruleEditsOf } from '../../src/services/areas/firewall/fold.ts'
import type { StagedChange } from '../../src/services/model/areas.ts'
import { stagedIn } from '../../src/services/model/areas.ts'
import type { RuleEdit } from '../../src/services/model/firewall.ts'
import type { UnitChange } from '../../src/services/model/step.ts'
import { stageAll, unstage as takeBack } from '../../src/services/planning/staging.ts'
import { AREAS } from '../../src/state/areas/table.ts'
import { initialStaging, redone, undone, withChanges } from '../../src/state/slices/staging.ts'
import { INPUT, staged, stagedFile, stagedUnit, textChange } from '../support/plans.ts'

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

  test('undo and redo go through every step', () => {
    const one = [staged(remove('r1'))]
    const two = [...one, staged(remove('r2'))]
    const after = withChanges(withChanges(initialStaging, one), two)
    expect(undone(after).changes).toBe(one)
    expect(undone(undone(after)).changes).toEqual([])
    expect(redone(undone(after)).changes).toBe(two)
  })

  test('a new step forgets what was undone', () => {
    const one = [staged(remove('r1'))]
    const undoneOnce = undone(withChanges(initialStaging, one))
    expect(withChanges(undoneOnce, []).future).toEqual([])
    expect(undone(initialStaging)).toBe(initialStaging)
    expect(redone(initialStaging)).toBe(initialStaging)
  })
})
