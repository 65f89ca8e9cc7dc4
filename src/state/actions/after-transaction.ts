import { ENDS, type Timer, type Transaction, timerOf } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../console-state.ts'
import { initialStaging, type StagingSlice } from '../slices/staging.ts'
import { type Dialog, pushScreen, topScreen, type ViewSlice, withoutScreens } from '../slices/view.ts'

/**
 * What becomes of the staged changes. They leave staging when their timer runs, so that they are not laid over rules
 * that already hold them, and come back when the server has put things as they were.
 */
function stagingAfter(staging: StagingSlice, before: Transaction, next: Transaction): StagingSlice {
  const timer = timerOf(next)
  if (timer?.mine && !timerOf(before)) return { ...initialStaging, persistence: staging.persistence }
  if ((next.phase === 'rolled-back' || next.phase === 'aborted') && next.plan && next.phase !== before.phase)
    return { ...initialStaging, persistence: staging.persistence, changes: next.plan.changes }
  if (next.phase === 'confirmed' && staging.changes.length === 0) return initialStaging
  return staging
}

/** The timer of a change that somebody else has just taken over, from this console or another; null otherwise. */
export function takenOver(before: Transaction, next: Transaction): Timer | null {
  const old = timerOf(before)
  const now = timerOf(next)
  if (!old || !now?.taken || now.mine || old.id !== now.id) return null
  return old.taken?.at === now.taken.at && old.owner === now.owner && old.from === now.from ? null : now
}

/** A dialog that asks about a change closes when the change has moved on from what it asks. */
function dialogAfter(dialog: Dialog | null, next: Transaction): Dialog | null {
  const timer = timerOf(next)
  const waits = next.phase === 'awaiting-confirm'
  switch (dialog?.kind) {
    case 'boot':
    case 'arm':
    case 'arm-typed':
      return timer ? null : dialog
    case 'confirm-typed':
      return waits && timer?.mine ? dialog : null
    case 'takeover':
      return waits && !timer?.mine ? dialog : null
    case 'rollback':
      return timer && next.phase !== 'rolling-back' ? dialog : null
    default:
      return dialog
  }
}

/** Phases that the operator must see, wherever he is. */
const LOUD: ReadonlySet<Transaction['phase']> = new Set(['awaiting-confirm', 'rolling-back', 'in-doubt', ...ENDS])

/** An end that was read leads to the panes; to the staged changes where they are there again. */
function afterEnd(view: ViewSlice, end: Transaction): ViewSlice {
  const back = (end.phase === 'rolled-back' || end.phase === 'aborted') && end.plan !== null
  return back ? pushScreen(withoutScreens(view), { kind: 'staged' }) : withoutScreens(view)
}

/** Brings the transaction screen up when something begins, needs the operator or ends. */
function viewAfter(view: ViewSlice, before: Transaction, next: Transaction): ViewSlice {
  const after = { ...view, dialog: dialogAfter(view.dialog, next) }
  if (takenOver(before, next)) return pushScreen(after, { kind: 'transaction' })
  if (next.phase === before.phase) return after.dialog === view.dialog ? view : after
  if (next.phase === 'idle') return topScreen(after).kind === 'transaction' ? afterEnd(after, before) : after
  return LOUD.has(next.phase) || before.phase === 'idle' ? pushScreen(after, { kind: 'transaction' }) : after
}

/** In which phase the answer failed to come; kept until there is one. */
function doubtAfter(doubt: ConsoleState['doubt'], before: Transaction, next: Transaction): ConsoleState['doubt'] {
  if (next.phase !== 'in-doubt') return null
  return before.phase === 'in-doubt' ? doubt : before.phase
}

/** Everything of the console that a step of the transaction changes. */
export const afterTransaction = (state: ConsoleState, next: Transaction): Partial<ConsoleState> => ({
  transaction: next,
  staging: stagingAfter(state.staging, state.transaction, next),
  view: viewAfter(state.view, state.transaction, next),
  doubt: doubtAfter(state.doubt, state.transaction, next),
})
