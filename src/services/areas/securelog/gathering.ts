import { type Safe, say } from '../../model/safe.ts'
import type { LogEntry, LoginGroup, Survey } from '../../model/securelog.ts'
import { ONLY_THE_LAST } from './checks.ts'
import { createFolder } from './events.ts'
import { createLogins } from './logins.ts'
import { createTally } from './tally.ts'

/** Lines that are known again when they are met in another reading. */
export const RECENT = 20_000

/** What a line is known again by, in another reading of the same log. Joined, it is one text and no tree of them. */
export const lineKey = ({ at, pid, text }: LogEntry): string => [at, pid, text].join(' ')

/** The last lines that were told of, oldest first. */
export function createRecent(before: readonly string[] = []) {
  const keys = before.slice(-RECENT)
  let next = 0
  return {
    add: (key: string): void => {
      if (keys.length < RECENT) keys.push(key)
      else {
        keys[next] = key
        next = (next + 1) % RECENT
      }
    },
    keys: (): readonly string[] => [...keys.slice(next), ...keys.slice(0, next)],
  }
}

const GAP = say`lines came that were not read, l reads all of it`

/**
 * Gathers who got in: from a reading of the whole log on, line by line as they come, whatever of the lines is let go of
 * meanwhile. What it could not see it says.
 */
export function createGathering() {
  let survey: Survey | null = null
  let failed: ReadonlyMap<string, number> = new Map()
  let [fold, tally, logins] = [createFolder(0), createTally(), createLogins()]
  let recent = createRecent()
  /** Lines that were on their way while the whole log was read come once more; so many are looked at. */
  let again: ReadonlySet<string> = new Set()
  let onTheWay = 0
  let gap: Safe | null = null

  const add = (entries: readonly LogEntry[]): void => {
    for (const entry of entries) {
      const key = lineKey(entry)
      if (onTheWay > 0) {
        onTheWay -= 1
        if (again.has(key)) continue
      }
      tally.add(entry, fold(entry))
      logins.add(entry, (failed.get(entry.address ?? '') ?? 0) + tally.from(entry.address))
      recent.add(key)
    }
  }
  /** Those behind what is known. They have to reach back to it, or nobody knows what came in between. */
  const addBehind = (known: ReadonlySet<string>, entries: readonly LogEntry[]): void => {
    const last = entries.findLastIndex((entry) => known.has(lineKey(entry)))
    if (last < 0 && known.size > 0 && entries.length > 0) gap = GAP
    add(entries.slice(last + 1))
  }
  return {
    /** From a whole reading on, and by the lines at hand, oldest first. */
    begin: (from: Survey, entries: readonly LogEntry[]): void => {
      survey = from
      failed = new Map(from.pressure.addresses.map(({ name, tries }) => [name, tries]))
      ;[fold, tally, logins] = [createFolder(0), createTally(), createLogins(from.logins)]
      ;[recent, gap] = [createRecent(from.lastLines), null]
      ;[again, onTheWay] = [new Set(from.lastLines), RECENT]
      addBehind(again, entries)
    },
    /** The log is read and followed from here on, perhaps anew, with these lines at hand. */
    follow: (entries: readonly LogEntry[]): void => addBehind(new Set(recent.keys()), entries),
    /** Lines that came. */
    add,
    /** Lines came that nobody could read. */
    lose: (): void => {
      gap = GAP
    },
    logins: (): readonly LoginGroup[] => logins.groups(),
    /** Why that is not everybody: half a sentence; null where all of the log was read, and each line that came since. */
    whyNotAll: (): Safe | null => {
      if (!survey?.ended) return ONLY_THE_LAST
      const [unread] = survey.unread
      if (unread) return unread
      if (survey.loginsBeyond + logins.beyond() > 0) return say`more got in than are told apart here`
      const beyond = survey.pressure.beyond.addresses + tally.beyond()
      return beyond > 0 ? say`more addresses tried than are told apart here` : gap
    },
  }
}

/**
 * Tells of the lines that a follow begins with, `first` of them, which are new. `hasGap`: none of what was read before is
 * among them, so that there may be more in between.
 */
export function createOverlap(entries: readonly LogEntry[], first: number) {
  const known = new Set(entries.map(lineKey))
  let [left, met] = [first, entries.length === 0]
  return {
    /** Whether a line is new; null is one that is none of the log's. */
    isNew: (entry: LogEntry | null): boolean => {
      if (left === 0) return true
      left -= 1
      const isKnown = entry !== null && known.has(lineKey(entry))
      met ||= isKnown
      return !isKnown
    },
    hasGap: (): boolean => left === 0 && !met,
  }
}
