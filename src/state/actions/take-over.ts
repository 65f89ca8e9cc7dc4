import { say } from '../../services/model/safe.ts'
import type { Transaction } from '../../services/model/transaction.ts'
import type { Kit } from '../kit.ts'
import type { ViewSlice } from '../slices/view.ts'
import { takenOver } from './after-transaction.ts'

export type TakeOverActions = {
  /** T: asks whether to take over a change that another console holds. */
  readonly askToTakeOver: () => void
  /** Becomes the holder of the change, and proves a login for it. */
  readonly takeOver: () => Promise<void>
}

/** Holding a change that another console armed. */
export function createTakeOverActions(kit: Kit): TakeOverActions {
  const show = (dialog: ViewSlice['dialog']): void => kit.set(({ view }) => ({ view: { ...view, dialog } }))
  return {
    askToTakeOver: () => show({ kind: 'takeover' }),
    takeOver: async () => {
      const transactions = kit.server()?.transactions
      show(null)
      if (!transactions) return
      await transactions.takeOver()
      const now = transactions.state()
      if (now.phase !== 'awaiting-confirm' || !now.timer.mine) return
      kit.tell('good', say`This console holds the change now: C and + are yours.`)
      await transactions.prove()
    },
  }
}

/** Says loudly that somebody else answers for the change from now on. */
export function tellTakenOver(kit: Kit, before: Transaction, next: Transaction): void {
  const lost = takenOver(before, next)
  if (!lost?.taken) return
  kit.tell('bad', say`${lost.owner} (from ${lost.from}) took this change over at ${lost.taken.at}. T takes it back.`)
}
