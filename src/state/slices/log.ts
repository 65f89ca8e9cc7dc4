import type { Safe } from '../../services/model/safe.ts'
import type { LogEntry } from '../../services/model/securelog.ts'

/** Entries kept; older ones fall off the front. */
export const LOG_RING = 10_000

/** The secure log as it arrived in this run. */
export type LogSlice = {
  readonly entries: readonly LogEntry[]
  /** `stopped`: the follow ended, and `reason` says why. */
  readonly follow: 'off' | 'following' | 'stopped'
  readonly reason: Safe | null
}

export const initialLog: LogSlice = { entries: [], follow: 'off', reason: null }

/** Adds a group of entries, oldest first. */
export function appendEntries(slice: LogSlice, added: readonly LogEntry[]): LogSlice {
  if (added.length === 0) return slice
  const all = slice.entries.concat(added)
  return { ...slice, entries: all.length > LOG_RING ? all.slice(all.length - LOG_RING) : all }
}
