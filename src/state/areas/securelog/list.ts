import { createFolder, type LogEvent } from '../../../services/areas/securelog/events.ts'
import type { Finding } from '../../../services/model/area.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import { acknowledgementOf, type LogEntry, type LoginGroup, type Survey } from '../../../services/model/securelog.ts'
import { type FindingItem, failedItems } from '../../lists/finding-list.ts'
import type { LogSlice } from '../../slices/log.ts'
import { type Place, placeAt } from './place.ts'
import type { PressureItem } from './pressure.ts'

export type LogItem = {
  readonly kind: 'log'
  readonly id: string
  readonly search: () => string
  readonly event: LogEvent
}

/** Who got in by some of the lines. */
export type LoginItem = {
  readonly kind: 'login'
  readonly id: string
  readonly search: () => string
  readonly login: LoginGroup
  /** The operator has said that he knows him. */
  readonly isKnown: boolean
  readonly place: Place
}

/** The row above the oldest line: what is before it is read when the cursor comes here. */
export type OlderItem = {
  readonly kind: 'older'
  readonly id: string
  readonly search: () => string
  readonly state: 'more' | 'reading' | 'start'
}

export type LogListItem = LogItem | LoginItem | PressureItem | OlderItem | FindingItem

export const OLDER_ROW = 'log:older'

const OLDER: Readonly<Record<OlderItem['state'], OlderItem>> = {
  more: { kind: 'older', id: OLDER_ROW, search: () => '', state: 'more' },
  reading: { kind: 'older', id: OLDER_ROW, search: () => '', state: 'reading' },
  start: { kind: 'older', id: 'log:start', search: () => '', state: 'start' },
}

const OLDER_WORDS: Readonly<Record<OlderItem['state'], Safe>> = {
  more: say`▲ older lines are read here`,
  reading: say`reading older lines…`,
  start: say`the log begins here`,
}
export const olderWords = ({ state }: OlderItem): Safe => OLDER_WORDS[state]

/** The lines with what stands above the oldest of them; nothing where those before it were let go. */
export const withOlder = (
  items: readonly LogItem[],
  before: LogSlice['before'],
  reading: boolean,
): readonly (LogItem | OlderItem)[] =>
  before === null || items.length === 0
    ? items
    : [reading ? OLDER.reading : before === 'start' ? OLDER.start : OLDER.more, ...items]

const isKnown = (login: LoginGroup, known: ReadonlySet<string> | null): boolean =>
  known?.has(acknowledgementOf(login)) ?? false

/** What is to be looked at of those who got in, and they, the strangest first: who is known stands behind those who are not. */
export function loginItems(
  logins: readonly LoginGroup[],
  known: ReadonlySet<string> | null,
  findings: readonly Finding[],
  survey: Survey | null,
): readonly (FindingItem | LoginItem)[] {
  const items = logins.map((login): LoginItem => {
    const isHis = isKnown(login, known)
    return {
      kind: 'login',
      id: `login:${login.id}`,
      search: () =>
        `${login.user} ${login.address} ${login.method} ${login.key ?? ''} ${login.own ? 'you' : isHis ? 'known' : 'stranger'}`,
      login,
      isKnown: isHis,
      place: placeAt(login.address, survey),
    }
  })
  const isSettled = ({ isKnown: known, login }: LoginItem): number => Number(known || login.own)
  return [...failedItems(findings), ...items.toSorted((a, b) => isSettled(a) - isSettled(b))]
}

const logItem = (event: LogEvent): LogItem => ({
  kind: 'log',
  id: `log:${event.id}`,
  search: () =>
    `${event.kind} ${event.user ?? ''} ${event.address ?? ''} ${event.method ?? ''} ${event.entries.map(({ text }) => text).join(' ')}`,
  event,
})

/**
 * Log rows, oldest first: what each connection said is one. Rows made before are taken over, so that a stream costs only
 * its new lines.
 */
export function createLogItems(): (entries: readonly LogEntry[]) => readonly LogItem[] {
  let fold = createFolder()
  // In the order in which they began: a row that goes on keeps its place.
  let rows = new Map<number, LogItem>()
  let [first, last]: (LogEntry | undefined)[] = []
  const startAnew = (): void => {
    fold = createFolder()
    rows = new Map()
    last = undefined
  }
  return (entries) => {
    const from = last ? entries.findLastIndex(({ id }) => id <= (last as LogEntry).id) + 1 : 0
    const oldest = entries[0]
    if (entries[from - 1] !== last || (first && oldest && oldest.id < first.id)) startAnew()
    // Of many lines of one connection only the last one makes its row.
    const changed = new Map<number, LogEvent>()
    for (const entry of last ? entries.slice(from) : entries) {
      const { event } = fold(entry)
      changed.set(event.id, event)
    }
    for (const [id, event] of changed) rows.set(id, logItem(event))
    if (oldest && oldest !== first)
      for (const { event } of rows.values())
        if ((event.entries.at(-1)?.id ?? event.id) < oldest.id) rows.delete(event.id)
    first = oldest
    last = entries.at(-1)
    return [...rows.values()]
  }
}

/** How the log breaks down, for the pane's title. */
export type LogCounts = { readonly failed: number; readonly accepted: number; readonly strangers: number }

/** Logins that are the operator's, by `LoginGroup.id`: like that of this session, or like one that he has said he knows. */
export const hisLogins = (logins: readonly LoginGroup[], known: ReadonlySet<string> | null): ReadonlySet<string> =>
  new Set(logins.filter((login) => login.own || isKnown(login, known)).map(({ id }) => id))

/** Counts failed tries, logins, and logins that are not the operator's. */
export function countLog(items: readonly LogItem[], his: ReadonlySet<string>): LogCounts {
  let failed = 0
  let accepted = 0
  let strangers = 0
  for (const { event } of items) {
    failed += event.tries
    if (event.kind !== 'accepted') continue
    accepted += event.count
    if (!event.own && !his.has(event.login ?? '')) strangers += event.count
  }
  return { failed, accepted, strangers }
}
