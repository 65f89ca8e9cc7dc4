import { type Safe, safe, say } from '../services/model/safe.ts'
import { type Transaction, timerOf } from '../services/model/transaction.ts'
import type { ConsoleState } from './console-state.ts'

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
