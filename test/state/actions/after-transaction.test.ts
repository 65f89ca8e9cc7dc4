import { describe, expect, test } from 'vitest'
import type { StagedChange } from '../../../src/services/model/areas.ts'
import { say } from '../../../src/services/model/safe.ts'
import type { Timer, Transaction } from '../../../src/services/model/transaction.ts'
import { afterTransaction, takenOver } from '../../../src/state/actions/after-transaction.ts'
import type { ConsoleState } from '../../../src/state/console-state.ts'
import { initialStaging } from '../../../src/state/slices/staging.ts'
import { type Dialog, pushScreen, type Screen, typedDialog } from '../../../src/state/slices/view.ts'
import { awaiting, someTimer, stagesUpTo } from '../../support/fake-transactions.ts'
import { firewallFacts, INPUT, planOf, staged } from '../../support/plans.ts'
import { someConsole } from '../some-console.ts'

const START = someConsole().store.getState()
const CHANGE: StagedChange = staged({ kind: 'policy', at: INPUT, policy: 'DROP' })
const PLAN = planOf(firewallFacts(''), [{ kind: 'policy', at: INPUT, policy: 'DROP' }])
const MINE = someTimer(100_000)
const ALICE = { mine: false, owner: say`alice`, from: say`203.0.113.50` }
const THEIRS = someTimer(100_000, ALICE)
const stages = stagesUpTo(3)

const applying = (timer: Timer = MINE): Transaction => ({ phase: 'applying', timer, stages })
const rollingBack = (timer: Timer = MINE): Transaction => ({ phase: 'rolling-back', timer, stages, cause: 'operator' })
const doubt = (timer: Timer | null = MINE): Transaction => ({ phase: 'in-doubt', timer, stages, doubt: say`?` })
const IDLE: Transaction = { phase: 'idle' }
const ARMING: Transaction = { phase: 'arming', stages }
const CONFIRMED: Transaction = { phase: 'confirmed', id: '7f3a', notes: [], lasts: true }
const rolledBack = (plan: typeof PLAN | null): Transaction => ({
  phase: 'rolled-back',
  id: '7f3a',
  by: 'timer',
  notes: [],
  plan,
})
const aborted = (plan: typeof PLAN | null): Transaction => ({
  phase: 'aborted',
  reason: say`x`,
  next: say`y`,
  stages,
  plan,
})

const state = (transaction: Transaction, more: Partial<ConsoleState> = {}): ConsoleState => ({
  ...START,
  staging: { changes: [CHANGE], past: [[]], future: [[CHANGE]], persistence: 'loader' },
  ...more,
  transaction,
})
const became = (before: Transaction, next: Transaction, more: Partial<ConsoleState> = {}) =>
  afterTransaction(state(before, more), next)
const screensAfter = (before: Transaction, next: Transaction, ...open: readonly Screen[]) =>
  became(before, next, { view: open.reduce(pushScreen, START.view) }).view?.screens.map(({ kind }) => kind)
const dialogAfter = (dialog: Dialog, before: Transaction, next: Transaction) =>
  became(before, next, { view: { ...START.view, dialog } }).view?.dialog?.kind ?? null

describe('what is staged', () => {
  test('leaves staging when its own timer runs, with what undo went through, but for the answer about boots', () => {
    for (const before of [IDLE, ARMING, doubt(null)])
      expect(became(before, applying()).staging).toEqual({ ...initialStaging, persistence: 'loader' })
  })

  test.each([
    ['before it runs', IDLE, ARMING],
    ['when somebody else’s runs', IDLE, applying(THEIRS)],
    ['while it goes on running', applying(), awaiting(MINE)],
    ['when the end is somebody else’s', awaiting(THEIRS), rolledBack(null)],
    ['when it ends with more staged meanwhile', awaiting(MINE), CONFIRMED],
    ['when an end is told again', rolledBack(PLAN), rolledBack(PLAN)],
  ])('stays %s', (_name, before, next) => {
    const was = state(before)
    expect(afterTransaction(was, next).staging).toBe(was.staging)
  })

  test('comes back when the server has put things as they were, or never began', () => {
    for (const next of [rolledBack(PLAN), aborted(PLAN)])
      expect(became(awaiting(MINE), next, { staging: { ...initialStaging, persistence: 'none' } }).staging).toEqual({
        ...initialStaging,
        persistence: 'none',
        changes: PLAN.changes,
      })
  })

  test('asks about boots anew once it was confirmed', () => {
    expect(
      became(awaiting(MINE), CONFIRMED, { staging: { ...initialStaging, persistence: 'loader' } }).staging,
    ).toEqual(initialStaging)
  })
})

describe('a dialog', () => {
  const rest: readonly (readonly [Dialog, Transaction])[] = [
    [{ kind: 'boot' }, ARMING],
    [{ kind: 'arm' }, ARMING],
    [typedDialog('arm-typed'), ARMING],
    [typedDialog('confirm-typed'), awaiting(MINE)],
    [{ kind: 'takeover' }, awaiting(THEIRS)],
    [{ kind: 'rollback' }, awaiting(THEIRS)],
    [{ kind: 'rollback' }, applying()],
    [{ kind: 'quit' }, CONFIRMED],
  ]
  test.each(rest)('%j stays while what it asks about stands', (dialog, next) => {
    expect(dialogAfter(dialog, next, next)).toBe(dialog.kind)
  })

  test.each<[Dialog, Transaction]>([
    [{ kind: 'boot' }, applying()],
    [{ kind: 'arm' }, applying(THEIRS)],
    [typedDialog('arm-typed'), awaiting(MINE)],
    [typedDialog('confirm-typed'), rollingBack()],
    [typedDialog('confirm-typed'), awaiting(THEIRS)],
    [typedDialog('confirm-typed'), CONFIRMED],
    [{ kind: 'takeover' }, awaiting(MINE)],
    [{ kind: 'takeover' }, rollingBack(THEIRS)],
    [{ kind: 'takeover' }, CONFIRMED],
    [{ kind: 'rollback' }, rollingBack(THEIRS)],
    [{ kind: 'rollback' }, CONFIRMED],
  ])('%j closes when it no longer does', (dialog, next) => {
    expect(dialogAfter(dialog, awaiting(MINE), next)).toBeNull()
  })
})

describe('the screen of the change', () => {
  const HELP: Screen = { kind: 'help' }
  const CHANGE_SCREEN: Screen = { kind: 'transaction' }

  test.each([
    ['begins', IDLE, ARMING],
    ['is found waiting', IDLE, awaiting(THEIRS)],
    ['waits', applying(), awaiting(MINE)],
    ['is rolled back', awaiting(MINE), rollingBack()],
    ['is in doubt', applying(), doubt()],
    ['is confirmed', awaiting(MINE), CONFIRMED],
    ['is over', rollingBack(), rolledBack(PLAN)],
    ['was not begun', ARMING, aborted(PLAN)],
    ['is lost', doubt(), { phase: 'lost', id: '7f3a', known: say`x` } as const],
  ])('comes up when one %s', (_name, before, next) => {
    expect(screensAfter(before, next, HELP)).toEqual(['dashboard', 'help', 'transaction'])
  })

  test.each([
    ['goes on', ARMING, applying()],
    ['is the same', awaiting(MINE), awaiting(MINE, { outcome: 'pending' })],
    ['is left behind elsewhere', CONFIRMED, IDLE],
  ])('stays away while one %s', (_name, before, next) => {
    expect(screensAfter(before, next, HELP)).toEqual(['dashboard', 'help'])
  })

  test('is the same view as before where nothing of it changes', () => {
    const was = state(awaiting(MINE))
    expect(afterTransaction(was, awaiting(MINE, { outcome: 'pending' })).view).toBe(was.view)
  })

  test('that is left leads to the panes, or to what is staged again', () => {
    for (const [end, screens] of [
      [CONFIRMED, ['dashboard']],
      [rolledBack(null), ['dashboard']],
      [aborted(null), ['dashboard']],
      [rolledBack(PLAN), ['dashboard', 'staged']],
      [aborted(PLAN), ['dashboard', 'staged']],
    ] as const)
      expect(screensAfter(end, IDLE, HELP, CHANGE_SCREEN)).toEqual(screens)
  })

  test('comes up when somebody takes the change over', () => {
    const taken = { at: say`09:20:01`, from: say`ops` }
    expect(screensAfter(awaiting(MINE), awaiting({ ...THEIRS, taken }), HELP)).toEqual([
      'dashboard',
      'help',
      'transaction',
    ])
  })
})

describe('taken over', () => {
  const at = (time: string, more: Partial<Timer> = {}): Timer => ({
    ...THEIRS,
    taken: { at: say`${time === '1' ? say`09:20:01` : say`09:20:02`}`, from: say`ops` },
    ...more,
  })

  test.each<[string, Timer, Timer]>([
    ['is what was this console’s', MINE, at('1')],
    ['is what one other holds instead of another', THEIRS, at('1')],
    ['is what was taken over once more', at('1'), at('2')],
    ['is what another user has taken over at the same time', at('1'), at('1', { owner: say`bob` })],
    ['is what was taken over from another address', at('1'), at('1', { from: say`192.0.2.9` })],
  ])('%s', (_name, before, next) => {
    expect(takenOver(awaiting(before), awaiting(next))).toEqual(next)
  })

  test.each<[string, Transaction, Transaction]>([
    ['is not what nobody took', awaiting(MINE), awaiting(THEIRS)],
    ['is not what this console took', awaiting(THEIRS), awaiting(at('1', { mine: true }))],
    ['is not told twice', awaiting(at('1')), awaiting(at('1'))],
    ['is not what is another change', awaiting(MINE), awaiting(at('1', { id: 'other' }))],
    ['is not what is found so', IDLE, awaiting(at('1'))],
    ['is not what has ended', awaiting(MINE), CONFIRMED],
  ])('%s', (_name, before, next) => {
    expect(takenOver(before, next)).toBeNull()
  })
})

test('what it was in doubt of is kept until there is an answer', () => {
  expect(became(applying(), doubt()).doubt).toBe('applying')
  expect(became(doubt(), doubt(), { doubt: 'applying' }).doubt).toBe('applying')
  expect(became(doubt(), awaiting(MINE), { doubt: 'applying' }).doubt).toBeNull()
})
