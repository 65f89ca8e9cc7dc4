import { type Transactions, timerOf } from '../model/transaction.ts'
import { apply } from './begin.ts'
import { createContext, type TransactionDeps } from './context.ts'
import { confirm, extend, rollback, takeOver } from './finish.ts'
import { followUp } from './follow-up.ts'
import { readHistory, readRecord } from './history.ts'
import { look } from './look.ts'
import { prove } from './prove.ts'

/**
 * The phase machine of the one transaction of a host. It never infers an end from silence: whenever an answer is
 * missing the phase is `in-doubt`, and what became of the change is read from the server once it answers.
 */
export function createTransactions(deps: TransactionDeps): Transactions {
  const context = createContext(deps)
  followUp(context)
  return {
    state: context.state,
    subscribe: context.subscribe,
    apply: (plan, secrets) => apply(context, plan, secrets),
    look: () => look(context),
    prove: () => prove(context),
    confirm: (mode = 'proven') => confirm(context, mode),
    extend: () => extend(context),
    rollback: () => rollback(context),
    takeOver: () => takeOver(context),
    history: () => readHistory(context.host),
    record: (id) => readRecord(context.host, id),
    dismiss: () => {
      if (!timerOf(context.state()) && context.state().phase !== 'in-doubt') context.set({ phase: 'idle' })
    },
  }
}
