import { describe, expect, test } from 'vitest'
import { type Safe, say } from '../../src/services/model/safe.ts'
import type { Transaction } from '../../src/services/model/transaction.ts'
import type { ConsoleState } from '../../src/state/console-state.ts'
import {
  whyNotApply,
  whyNotArm,
  whyNotFinish,
  whyNotRollback,
  whyNotStage,
  whyNotTakeOver,
  whyNotUndo,
  whyReadOnly,
} from '../../src/state/why-not.ts'
import { awaiting, someTimer, stagesUpTo } from '../support/fake-transactions.ts'
import { somePast, someRecord } from '../support/past.ts'
import { firewallFacts, hostFacts, INPUT, planOf, staged } from '../support/plans.ts'
import { someConsole } from './some-console.ts'

const START = someConsole().store.getState()
const stages = stagesUpTo(3)
const MINE = someTimer(100_000)
const THEIRS = someTimer(100_000, { mine: false, owner: say`alice`, from: say`203.0.113.50` })
const UP = { state: 'up', roundTripMs: 3 } as const

/** A console that may change the server, on a live link. */
const state = (transaction: Transaction = { phase: 'idle' }, more: Partial<ConsoleState> = {}): ConsoleState => ({
  ...START,
  connection: { ...START.connection, host: hostFacts, link: UP },
  ...more,
  transaction,
})
const as = (escalation: 'root' | 'sudo' | 'password' | 'none', escalationReason: Safe | null = null) =>
  state(undefined, {
    connection: {
      ...START.connection,
      link: UP,
      host: { ...hostFacts, escalationReason, login: { ...hostFacts.login, user: say`ops`, escalation } },
    },
  })
const phase = (name: 'applying' | 'verifying' | 'proving' | 'confirming'): Transaction => ({
  phase: name,
  timer: MINE,
  stages,
})
const doubt = (timer: typeof MINE | null): Transaction => ({ phase: 'in-doubt', timer, stages, doubt: say`?` })
const rollingBack: Transaction = { phase: 'rolling-back', timer: MINE, stages, cause: 'timer' }
const READ_ONLY = { readOnly: true }
const OFFLINE = { connection: { ...START.connection, host: hostFacts } }

describe('staging', () => {
  test.each([
    ['root', null, null],
    ['sudo', null, null],
    ['password', null, "ops can't become root here: sudo is not allowed"],
    ['none', say`ops is not in sudoers`, "ops can't become root here: ops is not in sudoers"],
  ] as const)('as %s (%s) is refused with %j', (escalation, reason, why) => {
    expect(whyReadOnly(as(escalation, reason))).toBe(why)
    expect(whyNotStage(as(escalation, reason))).toBe(why)
  })

  test('is refused before the server was read, and by a console that only looks', () => {
    expect(whyNotStage(START)).toBe('the server has not been read yet')
    expect(whyNotStage(state(undefined, READ_ONLY))).toBe('this console was started with --read-only')
  })

  test.each<[string, Transaction, string | null]>([
    ['this console’s waits', awaiting(MINE), 'a change is waiting on the server: finish it first with C or X'],
    ['somebody else’s waits', awaiting(THEIRS), 'a change that alice holds is waiting on the server: T shows it'],
    ['one is in doubt', doubt(null), 'a change is waiting on the server: finish it first with C or X'],
    ['somebody else’s is in doubt', doubt(THEIRS), 'a change that alice holds is waiting on the server: T shows it'],
    ['one is checked', { phase: 'checking', stages }, 'a change is on its way to the server'],
    ['one is armed', { phase: 'arming', stages }, 'a change is on its way to the server'],
    ['one has ended', { phase: 'confirmed', id: 'x', notes: [], lasts: true }, null],
  ])('while %s is answered with its reason', (_name, transaction, why) => {
    expect(whyNotStage(state(transaction))).toBe(why)
  })
})

describe('applying', () => {
  const changes = [staged({ kind: 'policy', at: INPUT, policy: 'DROP' })]
  const full = { staging: { ...START.staging, changes } }

  test('takes something staged, and a link', () => {
    expect(whyNotApply(state(undefined, full))).toBeNull()
    expect(whyNotApply(state())).toBe('nothing is staged')
    expect(whyNotApply(state(undefined, { ...full, ...OFFLINE }))).toBe('there is no connection to the server now')
    expect(whyNotApply(state(awaiting(MINE), full))).toContain('is waiting on the server')
  })

  test('takes a plan whose only blocker may be a lock-out', () => {
    const plan = planOf(firewallFacts(''), [{ kind: 'policy', at: INPUT, policy: 'DROP' }])
    expect(plan.blockers.map(({ kind }) => kind)).toEqual(['lock-out'])
    expect(whyNotArm(plan)).toBeNull()
    expect(whyNotArm(null)).toBe('nothing is staged')
    expect(whyNotArm({ ...plan, steps: [] })).toBe('what is staged changes nothing: the server has it already')
    for (const kind of ['conflict', 'drift', 'irreversible', 'missing-tool', 'no-privilege'] as const)
      expect(
        whyNotArm({ ...plan, blockers: [...plan.blockers, { kind, message: say`It can't.`, next: say`Mend it.` }] }),
      ).toBe("It can't. Mend it.")
  })
})

describe('answering a timer', () => {
  test('is for who holds it, while it waits', () => {
    expect(whyNotFinish(state(awaiting(MINE)))).toBeNull()
    expect(whyNotFinish(state(awaiting(THEIRS)))).toBe('alice from 203.0.113.50 holds it: take it over with T first')
    expect(whyNotFinish(state())).toBe('no change is waiting on the server')
    expect(whyNotFinish(state(doubt(null)))).toBe('no change is waiting on the server')
    expect(whyNotFinish(state(awaiting(MINE), READ_ONLY))).toBe('this console was started with --read-only')
  })

  test.each([
    [phase('applying'), 'still being applied'],
    [phase('verifying'), 'still being verified'],
    [phase('proving'), 'still being proved'],
    [phase('confirming'), 'being confirmed'],
    [rollingBack, 'being rolled back'],
    [doubt(MINE), 'in doubt'],
  ])('says what it is while it does not: %#', (transaction, words) => {
    expect(whyNotFinish(state(transaction))).toBe(`the change is ${words}`)
  })

  test('with a rollback may come at any time', () => {
    for (const transaction of [awaiting(MINE), awaiting(THEIRS), phase('applying'), doubt(MINE)])
      expect(whyNotRollback(state(transaction))).toBeNull()
    expect(whyNotRollback(state(rollingBack))).toBe('it is being rolled back already')
    expect(whyNotRollback(state())).toBe('no change is waiting on the server')
    expect(whyNotRollback(state(awaiting(MINE), READ_ONLY))).toBe('this console was started with --read-only')
  })
})

test('taking a change over takes one that another console holds, and a link', () => {
  expect(whyNotTakeOver(state(awaiting(THEIRS)))).toBeNull()
  expect(whyNotTakeOver(state(awaiting(MINE)))).toBe('this console holds it already')
  expect(whyNotTakeOver(state())).toBe('no change is waiting on the server')
  expect(whyNotTakeOver(state(awaiting(THEIRS), OFFLINE))).toBe('there is no connection to the server now')
  expect(whyNotTakeOver(state(awaiting(THEIRS), READ_ONLY))).toBe('this console was started with --read-only')
  expect(whyNotTakeOver(state({ ...rollingBack, timer: THEIRS } as Transaction))).toBe(
    'the change is being rolled back',
  )
})

describe('undoing a past change', () => {
  const why = (more: Parameters<typeof somePast>[1] = {}, of: Partial<ConsoleState> = {}, version?: number) =>
    whyNotUndo(
      state(undefined, {
        history: {
          list: { reading: false, error: null, value: [somePast('7f3a', more)] },
          records: version ? { '7f3a': { reading: false, error: null, value: someRecord('7f3a', { version }) } } : {},
        },
        ...of,
      }),
      '7f3a',
    )

  test('is refused where there is nothing to undo, or no telling', () => {
    expect(why()).toBeNull()
    expect(why({}, {}, 1)).toBeNull()
    expect(why({ outcome: 'rolled-back' })).toBe('it was rolled back, so there is nothing to undo')
    expect(why({ outcome: 'unknown' })).toBe('how it ended is not recorded: look at the server as it is now')
    expect(why({ undoable: false })).toBe('the server keeps what that takes for the newest twenty changes only')
    expect(why({}, {}, 99)).toContain('a newer release of hardtui recorded it')
    expect(why({ undoable: false }, READ_ONLY)).toBe('this console was started with --read-only')
    expect(whyNotUndo(state(), '7f3a')).toBe('there is nothing under the cursor')
    expect(whyNotUndo(state(), null)).toBe('there is nothing under the cursor')
  })
})
