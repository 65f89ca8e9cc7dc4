import { describe, expect, test } from 'vitest'
import { unitsEditing } from '../../../../src/services/areas/units/editing.ts'
import { undoUnit } from '../../../../src/services/areas/units/undo-unit.ts'
import type { StagedOf, UnitEdit } from '../../../../src/services/model/areas.ts'
import { say } from '../../../../src/services/model/safe.ts'
import type { UnitChange } from '../../../../src/services/model/step.ts'
import type { Unit, UnitsFacts } from '../../../../src/services/model/units.ts'
import { someUnits } from '../../../support/make-plan.ts'
import { hostFacts, stagedUnit } from '../../../support/plans.ts'

type Verbs = readonly [run: UnitChange['run'], boot: UnitChange['boot']]
type State = readonly [run: string, boot: string]

type StagedVerbs = StagedOf<'units'> & { readonly edit: UnitEdit }
const change = (unit: string, [run, boot]: Verbs, [wasRun, wasBoot]: State = ['active', 'enabled']) =>
  ({
    ...stagedUnit({ unit, run, boot, was: { run: wasRun, boot: wasBoot } }),
    id: `${unit} ${run} ${boot}`,
  }) as StagedVerbs
const fold = (...changes: readonly StagedOf<'units'>[]) =>
  changes.reduce<readonly StagedOf<'units'>[]>((held, one) => unitsEditing.fold(held, one, null).held, [])

describe('a unit staged twice', () => {
  test('has the last verb of each kind, over the state that was read first, in its place and with its name', () => {
    const [first, other] = [change('cups', ['stop', null]), change('rpcbind', ['stop', null])]
    expect(fold(first, other, change('cups', ['restart', 'disable'], ['inactive', 'disabled']))).toEqual([
      { ...change('cups', ['restart', 'disable']), id: first.id, summary: 'restart, disable' },
      other,
    ])
    expect(fold(change('cups', [null, 'disable']), change('cups', ['stop', null]))).toMatchObject([
      { edit: { run: 'stop', boot: 'disable' } },
    ])
  })

  test.each<[string, State, Verbs, Verbs, Verbs | null]>([
    ['stopped and started', ['active', 'enabled'], ['stop', null], ['start', null], null],
    ['started and stopped', ['inactive', 'enabled'], ['start', null], ['stop', null], null],
    ['stopped and restarted', ['active', 'enabled'], ['stop', null], ['restart', null], ['restart', null]],
    ['started, where it had failed', ['failed', 'enabled'], ['start', null], ['stop', null], ['stop', null]],
    ['enabled and disabled', ['active', 'disabled'], [null, 'enable'], [null, 'disable'], null],
    ['masked and unmasked', ['active', 'disabled'], [null, 'mask'], [null, 'unmask'], null],
    ['unmasked and masked', ['inactive', 'masked'], [null, 'unmask'], [null, 'mask'], null],
    ['masked and enabled', ['inactive', 'masked'], [null, 'mask'], [null, 'unmask'], [null, 'unmask']],
    ['stopped for good, and started', ['active', 'enabled'], ['stop', 'disable'], ['start', null], [null, 'disable']],
    ['stopped for good, and enabled', ['active', 'enabled'], ['stop', 'disable'], [null, 'enable'], ['stop', null]],
  ])('%s leaves what differs from before', (_name, was, one, two, left) => {
    const other = change('rpcbind', ['stop', null])
    const held = fold(other, change('cups', one, was), change('cups', two, was))
    expect(held.slice(1)).toMatchObject(left ? [{ edit: { run: left[0], boot: left[1] } }] : [])
    expect(held[0]).toBe(other)
  })
})

describe('units in a plan', () => {
  const edit = (unit: string, ...verbs: Verbs): UnitEdit => change(unit, verbs).edit

  test('that are there are steps, and one that is not is said to be missing', () => {
    const edits = [edit('cups', 'stop', 'disable'), edit('gone', 'stop', null)]
    const facts = someUnits(['cups', 'other'])
    const laid = unitsEditing.lay(facts, edits)
    expect(laid.conflicts).toEqual([{ edit: edits[1], reason: 'there is no such unit here' }])
    expect(laid.after.units).toEqual([
      { ...facts.units[0], active: 'inactive', sub: 'dead', boot: 'disabled' },
      facts.units[1],
    ])
    const part = unitsEditing.part({ base: facts, ...laid }, edits, { host: hostFacts } as never)
    expect(part.steps.map(({ title }) => title)).toEqual(['cups', 'gone'])
    expect(part.blockers).toEqual([
      {
        kind: 'conflict',
        message: "gone can't be changed: there is no such unit here.",
        next: 'Unstage it with x, and press R to read the services again.',
      },
    ])
    expect(part.whatIf).toEqual([])
  })

  test('are put in words by their verbs', () => {
    const facts = someUnits([])
    const words = (...verbs: Verbs) => unitsEditing.describe(edit('cups', ...verbs), facts, facts)
    expect(words('stop', 'disable')).toEqual({ target: 'cups', summary: 'stop, disable' })
    expect(words(null, 'mask').summary).toBe('mask')
    expect(words('start', null).summary).toBe('start')
  })
})

describe('undoing a unit', () => {
  const unit = (active: string, boot: string, name = 'cups'): Unit => ({
    name,
    description: say``,
    active: active as never,
    sub: say``,
    boot: boot as never,
    listeners: [],
  })
  const undo = (verbs: Verbs, was: State, now: State) => {
    const { edits, remarks } = undoUnit(change('cups', verbs, was).edit, [
      unit('active', 'static', 'other'),
      unit(...now),
    ])
    return [edits.map(({ run, boot, was: state }) => ({ run, boot, ...{ was: [state.run, state.boot] } })), remarks]
  }
  const asItWas = ['cups is as it was already.']

  test.each<[Verbs, State, State, Verbs]>([
    [
      ['stop', null],
      ['active', 'enabled'],
      ['inactive', 'enabled'],
      ['start', null],
    ],
    [
      ['stop', null],
      ['activating', 'enabled'],
      ['inactive', 'enabled'],
      ['start', null],
    ],
    [
      ['stop', null],
      ['running', 'enabled'],
      ['stopped', 'enabled'],
      ['start', null],
    ],
    [
      ['start', null],
      ['inactive', 'enabled'],
      ['running', 'enabled'],
      ['stop', null],
    ],
    [
      ['start', null],
      ['failed', 'enabled'],
      ['active', 'enabled'],
      ['stop', null],
    ],
    [
      [null, 'disable'],
      ['active', 'enabled'],
      ['active', 'disabled'],
      [null, 'enable'],
    ],
    [
      [null, 'enable'],
      ['active', 'disabled'],
      ['active', 'enabled'],
      [null, 'disable'],
    ],
    [
      [null, 'unmask'],
      ['inactive', 'masked'],
      ['inactive', 'enabled'],
      [null, 'mask'],
    ],
    [
      [null, 'mask'],
      ['inactive', 'static'],
      ['inactive', 'masked'],
      [null, 'unmask'],
    ],
  ])('told to %j, when it was %j and is %j, tells it to %j', (verbs, was, now, back) => {
    const [edits, remarks] = undo(verbs, was, now)
    expect(edits).toMatchObject([{ run: back[0], boot: back[1] }])
    expect(remarks).toEqual([])
  })

  test('rests on the state that it finds, in the words of systemd', () => {
    expect(undo(['stop', null], ['active', 'enabled'], ['stopped', 'enabled'])[0]).toMatchObject([
      { was: ['inactive', 'enabled'] },
    ])
    expect(undo(['stop', null], ['active', 'enabled'], ['failed', 'enabled'])[0]).toMatchObject([
      { was: ['failed', 'enabled'] },
    ])
    expect(undo(['start', null], ['inactive', 'enabled'], ['reloading', 'enabled'])[0]).toMatchObject([
      { was: ['active', 'enabled'] },
    ])
  })

  test.each<[Verbs, State, State]>([
    [
      ['stop', 'disable'],
      ['active', 'enabled'],
      ['active', 'enabled'],
    ],
    [
      ['stop', null],
      ['inactive', 'enabled'],
      ['failed', 'disabled'],
    ],
    [
      [null, 'disable'],
      ['active', 'enabled'],
      ['inactive', 'enabled'],
    ],
  ])('told to %j has nothing to bring back where it is as it was', (verbs, was, now) => {
    expect(undo(verbs, was, now)).toEqual([[], asItWas])
  })

  test('has nothing to say of a reload, which leaves nothing behind', () => {
    expect(undo(['reload', null], ['active', 'enabled'], ['active', 'enabled'])).toEqual([[], []])
  })

  test('does not undo a restart, and says so', () => {
    const words = 'Nothing undoes the restart of cups.'
    expect(undo(['restart', null], ['active', 'enabled'], ['active', 'enabled'])).toEqual([[], [words]])
    expect(undo(['restart', 'disable'], ['active', 'enabled'], ['active', 'disabled'])).toMatchObject([
      [{ run: null, boot: 'enable' }],
      [words],
    ])
  })

  test('says where no verb leads back', () => {
    expect(undo([null, 'enable'], ['active', 'static'], ['active', 'enabled'])).toEqual([
      [],
      ['No verb brings cups back to static at boot.'],
    ])
    expect(undo(['stop', null], ['active', 'static'], ['inactive', 'enabled'])[1]).toEqual([])
  })

  test('of a host whose services can’t be read does nothing', () => {
    const edits = [change('cups', ['stop', null]).edit, change('gone', ['stop', null]).edit]
    const past = { rules: [], accounts: [], files: [], units: edits }
    expect(unitsEditing.undo(past, null, () => 'x')).toEqual({
      edits: [],
      remarks: ["The services can't be read: cups stays as it is.", "The services can't be read: gone stays as it is."],
    })
    const now: UnitsFacts = { ...someUnits([]), units: [unit('inactive', 'enabled')] }
    expect(unitsEditing.undo(past, now, () => 'x')).toMatchObject({
      edits: [{ unit: 'cups', run: 'start' }],
      remarks: ['gone is no longer there.'],
    })
  })
})
