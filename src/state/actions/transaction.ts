import type { Ask } from '../../services/model/host.ts'
import { type Safe, say } from '../../services/model/safe.ts'
import { ENDS, type Transaction, type Transactions, timerOf } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import { pushScreen, topScreen, typedDialog, type ViewSlice, withoutScreens } from '../slices/view.ts'
import { whyNotArm } from '../why-not.ts'
import { afterTransaction } from './after-transaction.ts'
import { newPasswords } from './new-passwords.ts'
import { createTakeOverActions, type TakeOverActions, tellTakenOver } from './take-over.ts'
import { createTicker } from './ticker.ts'

export type TransactionActions = TakeOverActions & {
  /** Takes over what `Transactions` says. */
  readonly changed: (next: Transaction) => void
  /** Moves the clock, and goes on doing so while something counts down. */
  readonly tick: () => void
  readonly stopTicking: () => void
  /** A: opens the dialog that arms; gives the reason where the plan can't be armed. */
  readonly askToApply: () => Safe | null
  /** Settles whether a unit of ours loads the rules at boot, and goes on to arming. */
  readonly answerBoot: (persistence: 'loader' | 'none') => void
  /** Arms and applies what is staged, once passwords that it needs were typed. */
  readonly begin: () => Promise<void>
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

const READ_AGAIN_ON: ReadonlySet<Transaction['phase']> = new Set(['awaiting-confirm', ...ENDS])

/** The operator's side of a transaction. `ask` asks for passwords of accounts that are made; `readAgain` is called when the rules may have changed. */
export function createTransactionActions(kit: Kit, ask: Ask, readAgain: () => void): TransactionActions {
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

  const askToArm = (): void => openDialog(isLockOut(kit.get()) ? typedDialog('arm-typed') : { kind: 'arm' })
  /** Rules change that nothing would load at the next boot, and nobody has said yet whether that is meant. */
  const isBootOpen = (state: ConsoleState): boolean => {
    const plan = state.staging.persistence === null ? kit.lists.plan(state) : null
    const { kind, elsewhere } = plan?.persistence ?? {}
    return kind === 'none' && !elsewhere && (plan?.steps.some((step) => step.kind === 'rules') ?? false)
  }

  function changed(next: Transaction): void {
    const before = kit.get().transaction
    kit.set((state) => afterTransaction(state, next))
    ticker.tick()
    tellTakenOver(kit, before, next)
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
    if (transaction.proof.outcome !== 'works' || transaction.timer.first)
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
    askToApply: () => {
      const reason = whyNotArm(kit.lists.plan(kit.get()))
      if (reason) return reason
      if (isBootOpen(kit.get())) openDialog({ kind: 'boot' })
      else askToArm()
      return null
    },
    answerBoot: (persistence) => {
      kit.set(({ staging }) => ({ staging: { ...staging, persistence } }))
      askToArm()
    },
    begin: async () => {
      closeDialog()
      const plan = kit.lists.plan(kit.get())
      const secrets = plan ? await newPasswords(ask, plan) : new Map()
      if (secrets === null) return kit.tell('info', say`Nothing was sent: no password was typed.`)
      // What lies below is a list of changes that leave staging once the timer runs.
      kit.set(({ view }) => ({ view: withoutScreens(view) }))
      showScreen()
      if (plan) withServer((transactions) => transactions.apply(plan, secrets))
    },
    confirm,
    confirmTyped: () => {
      const { transaction } = kit.get()
      const proven = transaction.phase === 'awaiting-confirm' && transaction.proof.outcome === 'works'
      closeDialog()
      withServer((transactions) => transactions.confirm(proven ? 'heard' : 'unproven'))
    },
    extend: () => withServer((transactions) => transactions.extend()),
    askToRollback: () => {
      if (timerOf(kit.get().transaction)?.mine) rollback()
      else openDialog({ kind: 'rollback' })
    },
    rollback,
    ...createTakeOverActions(kit),
    proveAgain: () => withServer((transactions) => transactions.prove()),
    dismiss: () => withServer((transactions) => transactions.dismiss()),
  }
}
