import type { AreaId } from '../services/model/areas.ts'
import type { Transaction } from '../services/model/transaction.ts'
import { type ConnectionSlice, type Destination, initialConnection } from './slices/connection.ts'
import { type HistorySlice, initialHistory } from './slices/history.ts'
import { initialLog, type LogSlice } from './slices/log.ts'
import { initialMessages, type MessagesSlice } from './slices/messages.ts'
import { initialQuestions, type QuestionsSlice } from './slices/questions.ts'
import { initialReadings, type ReadingsSlice } from './slices/readings.ts'
import { initialStaging, type StagingSlice } from './slices/staging.ts'
import { initialView, type ViewSlice } from './slices/view.ts'

/** Everything the console shows, in one store. Slices don't know each other; actions move them together. */
export type ConsoleState = {
  readonly connection: ConnectionSlice
  readonly readings: ReadingsSlice
  readonly log: LogSlice
  readonly questions: QuestionsSlice
  readonly view: ViewSlice
  readonly staging: StagingSlice
  /** Mirror of `Transactions.state()`. */
  readonly transaction: Transaction
  /** While in doubt: the phase whose answer did not come. */
  readonly doubt: Transaction['phase'] | null
  readonly history: HistorySlice
  readonly messages: MessagesSlice
  /** Time of the last tick; moves only while something counts down. */
  readonly now: number
  readonly readOnly: boolean
  readonly windowSeconds: number
}

export const initialState = (options: {
  readonly target: Destination
  readonly areas: readonly AreaId[]
  readonly readOnly: boolean
  readonly windowSeconds: number
  readonly now: number
}): ConsoleState => ({
  connection: initialConnection(options.target),
  readings: initialReadings(options.areas),
  log: initialLog,
  questions: initialQuestions,
  view: initialView(options.areas),
  staging: initialStaging,
  transaction: { phase: 'idle' },
  doubt: null,
  history: initialHistory,
  messages: initialMessages,
  now: options.now,
  readOnly: options.readOnly,
  windowSeconds: options.windowSeconds,
})
