import { say } from '../../services/model/safe.ts'
import { type Transaction, type Transactions, timerOf } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import { initialStaging, type StagingSlice } from '../slices/staging.ts'
import { type Dialog, pushScreen, topScreen, typedDialog, type ViewSlice, withoutScreens } from '../slices/view.ts'
import { createTicker } from './ticker.ts'

export type TransactionActions = {
  /** Takes over what `Transactions` says. */
  readonly changed: (next: Transaction) => void
  /** Moves the clock, and goes on doing so while something counts down. */
  readonly tick: () => void
  readonly stopTicking: () => void
  /** A: opens the dialog that arms. */
  readonly askToApply: () => void
  /** Arms and applies what is staged. */
  readonly begin: () => void
  /** C: confirms at once, or shows what has to be looked at first. */
  readonly confirm: () => void
  /** Confirms after the name of the host was typed. */
  readonly confirmTyped: () => void
  readonly extend: () => void
  /** X: rolls back at once; another operator's change only after a question. */
  readonly askToRollback: () => void
  readonly rollback: () => void
  readonly proveAgain: () => void
  /** Leaves an end behind. */
  readonly dismiss: () => void
}

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

/** A dialog that asks about a change closes when the change has moved on from what it asks. */
function dialogAfter(dialog: Dialog | null, next: Transaction): Dialog | null {
  if (!dialog) return null
  if (dialog.kind === 'arm' || dialog.kind === 'arm-typed') return timerOf(next) ? null : dialog
  if (dialog.kind === 'confirm-typed') return next.phase === 'awaiting-confirm' ? dialog : null
  if (dialog.kind === 'rollback') return timerOf(next) && next.phase !== 'rolling-back' ? dialog : null
  return dialog
}

/** Phases that the operator must see, wherever he is. */
const LOUD: ReadonlySet<Transaction['phase']> = new Set([
  'awaiting-confirm',
  'rolling-back',
  'in-doubt',
  'confirmed',
  'rolled-back',
  'aborted',
])

/** An end that was read leads to the panes; to the staged changes where they are there again. */
function afterEnd(view: ViewSlice, end: Transaction): ViewSlice {
  const back = (end.phase === 'rolled-back' || end.phase === 'aborted') && end.plan !== null
  return back ? pushScreen(withoutScreens(view), { kind: 'staged' }) : withoutScreens(view)
}

/** Brings the transaction screen up when something begins, needs the operator or ends. */
function viewAfter(view: ViewSlice, before: Transaction, next: Transaction): ViewSlice {
  if (next.phase === before.phase) return view
  const after = { ...view, dialog: dialogAfter(view.dialog, next) }
  if (next.phase === 'idle') return topScreen(after).kind === 'transaction' ? afterEnd(after, before) : after
  return LOUD.has(next.phase) || before.phase === 'idle' ? pushScreen(after, { kind: 'transaction' }) : after
}

const READ_AGAIN_ON: ReadonlySet<Transaction['phase']> = new Set([
  'awaiting-confirm',
  'confirmed',
  'rolled-back',
  'aborted',
])

/** The operator's side of a transaction. `readAgain` is called when the rules may have changed. */
export function createTransactionActions(kit: Kit, readAgain: () => void): TransactionActions {
  const ticker = createTicker(kit)
  const withServer = (run: (transactions: Transactions) => unknown): void => {
    const server = kit.server()
    if (server) void run(server.transactions)
  }
  const closeDialog = (): void => kit.set(({ view }) => ({ view: { ...view, dialog: null } }))
  const openDialog = (dialog: NonNullable<ViewSlice['dialog']>): void =>
    kit.set(({ view }) => ({ view: { ...view, dialog } }))
  const showScreen = (): void => kit.set(({ view }) => ({ view: pushScreen(view, { kind: 'transaction' }) }))
  const isLockOut = (state: ConsoleState): boolean =>
    kit.lists.plan(state)?.blockers.some((blocker) => blocker.kind === 'lock-out') ?? false

  function changed(next: Transaction): void {
    const before = kit.get().transaction
    kit.set((state) => ({
      transaction: next,
      staging: stagingAfter(state.staging, before, next),
      view: viewAfter(state.view, before, next),
    }))
    ticker.tick()
    if (next.phase !== before.phase && READ_AGAIN_ON.has(next.phase)) readAgain()
  }

  function confirm(): void {
    const state = kit.get()
    const { transaction } = state
    if (transaction.phase !== 'awaiting-confirm') return
    if (topScreen(state.view).kind !== 'transaction') {
      showScreen()
      kit.tell('info', say`Look at what was proved, then press C once more to confirm.`)
      return
    }
    if (transaction.proof.outcome !== 'works' || !transaction.timer.mine)
      return openDialog(typedDialog('confirm-typed'))
    withServer((transactions) => transactions.confirm())
  }

  function rollback(): void {
    closeDialog()
    showScreen()
    withServer((transactions) => transactions.rollback())
  }

  return {
    changed,
    tick: ticker.tick,
    stopTicking: ticker.stop,
    askToApply: () => openDialog(isLockOut(kit.get()) ? typedDialog('arm-typed') : { kind: 'arm' }),
    begin: () => {
      const plan = kit.lists.plan(kit.get())
      // What lies below is a list of changes that leave staging once the timer runs.
      kit.set(({ view }) => ({ view: { ...withoutScreens(view), dialog: null } }))
      showScreen()
      if (plan) withServer((transactions) => transactions.apply(plan))
    },
    confirm,
    confirmTyped: () => {
      const { transaction } = kit.get()
      const proven = transaction.phase === 'awaiting-confirm' && transaction.proof.outcome === 'works'
      closeDialog()
      withServer((transactions) => transactions.confirm(proven ? undefined : { unproven: true }))
    },
    extend: () => withServer((transactions) => transactions.extend()),
    askToRollback: () => {
      if (timerOf(kit.get().transaction)?.mine) rollback()
      else openDialog({ kind: 'rollback' })
    },
    rollback,
    proveAgain: () => withServer((transactions) => transactions.prove()),
    dismiss: () => withServer((transactions) => transactions.dismiss()),
  }
}
