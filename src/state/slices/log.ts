import type { Safe } from '../../services/model/safe.ts'
import type { LogEntry, LogPlace, Survey } from '../../services/model/securelog.ts'

/** Entries kept of what comes; older ones fall off the front. */
export const LOG_RING = 10_000
/** Entries kept in all, where older ones were read back. */
export const LOG_MOST = 50_000

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
  /** Where the lines before the first entry are; `start` where there are none, null where they were let go. */
  readonly before: LogPlace | 'start' | null
  /** Whether those are being read. */
  readonly reading: boolean
  /** What comes while the operator looks at something else: newest last, and how many of them were let go; null: nothing is held back. */
  readonly held: { readonly entries: readonly LogEntry[]; readonly lost: number } | null
  readonly whole: Whole
  /** Logins that the operator has said he knows, by `acknowledgementOf`; null while that could not be read. */
  readonly known: ReadonlySet<string> | null
}

export const initialLog: LogSlice = {
  ...{ entries: [], follow: 'off', reason: null, before: null, reading: false, held: null },
  ...{ whole: { state: 'unread' }, known: null },
}

/** Adds a group of entries, oldest first; those that are held back wait beside. */
export function appendEntries(slice: LogSlice, added: readonly LogEntry[]): LogSlice {
  if (added.length === 0) return slice
  if (slice.held) {
    const all = slice.held.entries.concat(added)
    const over = Math.max(0, all.length - LOG_RING)
    return { ...slice, held: { entries: all.slice(over), lost: slice.held.lost + over } }
  }
  const all = slice.entries.concat(added)
  return all.length > LOG_RING
    ? { ...slice, entries: all.slice(all.length - LOG_RING), before: null }
    : { ...slice, entries: all }
}

/** Puts older entries before those that are there. */
export const prependEntries = (slice: LogSlice, older: readonly LogEntry[], before: LogPlace | null): LogSlice => ({
  ...slice,
  entries: older.concat(slice.entries),
  before: older.length + slice.entries.length < LOG_MOST ? (before ?? 'start') : null,
  reading: false,
})

/** Lets what was held back come in. Where some of it was let go the list begins anew behind the gap. */
export function release({ held, ...slice }: LogSlice): LogSlice {
  if (!held) return { ...slice, held }
  const own = held.lost > 0 ? [] : slice.entries
  const cut = held.lost > 0 || own.length + held.entries.length > LOG_RING
  return {
    ...slice,
    entries: own.concat(held.entries).slice(-LOG_RING),
    before: cut ? null : slice.before,
    held: null,
  }
}
