import { type Safe, safe, say } from '../services/model/safe.ts'
import type { Transaction } from '../services/model/transaction.ts'
import { TextScreen } from './parts/text-screen.tsx'
import { transactionLines } from './presenters/transaction.ts'
import { EMPTY, indent, span } from './text/line.ts'
import { useConsole, useLook } from './use-console.ts'

const PHASES: Readonly<Record<Transaction['phase'], Safe>> = {
  idle: say`nothing under way`,
  checking: say`checking`,
  arming: say`arming the timer`,
  applying: say`applying`,
  verifying: say`verifying`,
  proving: say`proving a new login`,
  'awaiting-confirm': say`waiting for a person to confirm`,
  confirming: say`confirming`,
  'rolling-back': say`rolling back`,
  'in-doubt': say`in doubt`,
  confirmed: say`confirmed`,
  'rolled-back': say`rolled back`,
  aborted: say`not applied`,
  lost: say`not known how it ended`,
}

/** The change on its way to the server: stages, countdown, proof, and how it ended. */
export function TransactionScreen() {
  const { lists, store } = useConsole()
  useLook((state) => state.transaction)
  useLook((state) => state.connection)
  useLook((state) => state.now)
  useLook((state) => state.view)
  useLook((state) => state.staging)
  const state = store.getState()
  const rect = lists.layout(state).body
  const width = Math.max(10, rect.width - 8)
  return (
    <TextScreen
      rect={rect}
      title={[
        span(say`Change on ${safe(state.connection.target.name)}: ${PHASES[state.transaction.phase]} `, 'strong'),
      ]}
      lines={[EMPTY, ...indent(transactionLines(state, width), 2)]}
    />
  )
}
