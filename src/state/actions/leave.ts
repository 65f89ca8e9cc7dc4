import { type Safe, safe, say } from '../../services/model/safe.ts'
import { type Transaction, timerOf } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'

export type LeaveActions = {
  /** q: leaves at once, or asks when something is staged or pending. */
  readonly quit: () => void
  readonly leave: (exitCode: number) => void
}

const UNDER_WAY: ReadonlySet<Transaction['phase']> = new Set(['checking', 'arming', 'in-doubt'])

/** What would be lost or left running; empty when nothing. Shown in the dialog. */
export function whatLeavingMeans(state: ConsoleState): readonly Safe[] {
  const count = state.staging.changes.length
  const timer = timerOf(state.transaction)
  return [
    ...(timer
      ? [
          say`The timer goes on: unless somebody confirms, the server rolls back at ${timer.deadlineAt} (its clock).`,
          timer.mine
            ? say`To finish it later: hardtui confirm ${safe(state.connection.target.name)}, or open the console again.`
            : say`${timer.owner} from ${timer.from} holds it.`,
        ]
      : UNDER_WAY.has(state.transaction.phase)
        ? [say`A change is on its way to the server. If its timer gets armed, the server rolls it back by itself.`]
        : []),
    ...(count > 0
      ? [say`${count} staged ${safe(count === 1 ? 'change is' : 'changes are')} lost: nothing of it is on the server.`]
      : []),
  ]
}

/** Leaving. `disconnect` ends everything that runs. */
export function createLeaveActions(kit: Kit, disconnect: () => void): LeaveActions {
  const leave = (exitCode: number): void => {
    if (kit.get().view.exitCode !== null) return
    kit.set(({ view }) => ({ view: { ...view, dialog: null, exitCode } }))
    disconnect()
  }
  return {
    quit: () => {
      if (whatLeavingMeans(kit.get()).length === 0) leave(0)
      else kit.set(({ view }) => ({ view: { ...view, dialog: { kind: 'quit' } } }))
    },
    leave,
  }
}
