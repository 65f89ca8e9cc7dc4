import { groupLogins, type LoginGroup } from '../../../services/areas/securelog/logins.ts'
import type { LogEntry } from '../../../services/model/securelog.ts'

export type LogItem = {
  readonly kind: 'log'
  readonly id: string
  readonly search: () => string
  readonly entry: LogEntry
}

/** Who got in by some of the lines. */
export type LoginItem = {
  readonly kind: 'login'
  readonly id: string
  readonly search: () => string
  readonly login: LoginGroup
}

export type LogListItem = LogItem | LoginItem

/** Those who got in, the strangest first. */
export const loginItems = (entries: readonly LogEntry[]): readonly LoginItem[] =>
  groupLogins(entries).map((login) => ({
    kind: 'login',
    id: login.id,
    search: () => `${login.user} ${login.address} ${login.method} ${login.key ?? ''} ${login.own ? 'you' : ''}`,
    login,
  }))

const logItem = (entry: LogEntry): LogItem => ({
  kind: 'log',
  id: `log:${entry.id}`,
  search: () => `${entry.kind} ${entry.user ?? ''} ${entry.address ?? ''} ${entry.method ?? ''} ${entry.text}`,
  entry,
})

/** Log rows, oldest first; rows made before are taken over, so that a stream costs only its new lines. */
export function createLogItems(): (entries: readonly LogEntry[]) => readonly LogItem[] {
  let last: readonly LogItem[] = []
  return (entries) => {
    const first = entries[0]
    const newest = last.at(-1)?.entry.id ?? Number.NEGATIVE_INFINITY
    const drop = first ? last.findIndex((item) => item.entry === first) : -1
    const kept = drop < 0 ? [] : last.slice(drop)
    const from = kept.length === 0 ? 0 : entries.findLastIndex((entry) => entry.id <= newest) + 1
    last = kept.concat(entries.slice(from).map(logItem))
    return last
  }
}

/** How the log breaks down, for the pane's title. */
export type LogCounts = { readonly failed: number; readonly accepted: number; readonly strangers: number }

/** Counts failed tries, logins, and logins that are not this very session. */
export function countLog(entries: readonly LogEntry[]): LogCounts {
  let failed = 0
  let accepted = 0
  let strangers = 0
  for (const entry of entries) {
    const times = entry.times ?? 1
    if (entry.kind === 'failed' || entry.kind === 'invalid') failed += times
    else if (entry.kind === 'accepted') {
      accepted += times
      if (!entry.own) strangers += times
    }
  }
  return { failed, accepted, strangers }
}
