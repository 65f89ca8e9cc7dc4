import type { HostError } from '../../services/model/errors.ts'
import type { PastTransaction, TransactionRecord } from '../../services/model/transaction.ts'

/** Something asked of the server when the operator wants to see it, and again when he says so. */
export type Asked<T> = {
  readonly reading: boolean
  /** What the last reading that went well gave; null before there was one. */
  readonly value: T | null
  readonly error: HostError | null
}

/** What was done on this server before: the list, and the records that were looked at, by id. */
export type HistorySlice = {
  readonly list: Asked<readonly PastTransaction[]>
  readonly records: Readonly<Record<string, Asked<TransactionRecord>>>
}

export const unasked: Asked<never> = { reading: false, value: null, error: null }
export const initialHistory: HistorySlice = { list: unasked, records: {} }

/** One past transaction of the list. */
export const pastOf = (slice: HistorySlice, id: string): PastTransaction | null =>
  slice.list.value?.find((one) => one.id === id) ?? null
