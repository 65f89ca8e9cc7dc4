import type { Safe } from '../../services/model/safe.ts'
import type { LogEntry, Survey } from '../../services/model/securelog.ts'

/** Entries kept; older ones fall off the front. */
export const LOG_RING = 10_000

/** All of the log: not read yet, being read (with what was known before), or read, with the reason where that ended early. */
export type Whole =
  | { readonly state: 'unread' }
  | {
      readonly state: 'reading'
      readonly lines: number
      /** Moment of the last line, as `LogEntry.at` has it. */
      readonly upTo: number | null
      readonly before: Survey | null
    }
  | { readonly state: 'read'; readonly survey: Survey; readonly cutOff: Safe | null; readonly at: number }

/** What is known of the whole log now; null while nothing is. */
export const surveyOf = (whole: Whole): Survey | null =>
  whole.state === 'read' ? whole.survey : whole.state === 'reading' ? whole.before : null

/** The secure log as it arrived in this run. */
export type LogSlice = {
  readonly entries: readonly LogEntry[]
  /** `stopped`: the follow ended, and `reason` says why. */
  readonly follow: 'off' | 'following' | 'stopped'
  readonly reason: Safe | null
  readonly whole: Whole
  /** Logins that the operator has said he knows, by `LoginGroup.id`; null while that could not be read. */
  readonly known: ReadonlySet<string> | null
}

export const initialLog: LogSlice = {
  entries: [],
  follow: 'off',
  reason: null,
  whole: { state: 'unread' },
  known: null,
}

/** Adds a group of entries, oldest first. */
export function appendEntries(slice: LogSlice, added: readonly LogEntry[]): LogSlice {
  if (added.length === 0) return slice
  const all = slice.entries.concat(added)
  return { ...slice, entries: all.length > LOG_RING ? all.slice(all.length - LOG_RING) : all }
}
