import { type Safe, say } from '../../model/safe.ts'
import type { LogEntry, LoginGroup, Survey } from '../../model/securelog.ts'
import { ONLY_THE_LAST } from './checks.ts'
import { createFolder } from './events.ts'
import { createLogins } from './logins.ts'
import { createTally } from './tally.ts'

/** Lines that are known again when they are met in another reading. */
export const RECENT = 20_000

/** Chosen anew for each run: whoever writes lines can't work out one that is taken for another. */
const CHOSEN = crypto.getRandomValues(new Uint32Array(4))
const [SEED, OTHER_SEED, TIMES, OTHER_TIMES] = [...CHOSEN].map((one) => one | 1) as [number, number, number, number]

/**
 * What a line is known again by, in another reading of the same log: 53 bits of its second, process and text. A number,
 * for twenty thousand of them are kept, and of a long log each line's for a while: texts would cost the collector most of
 * its time.
 */
export function lineKey({ at, pid, text }: LogEntry): number {
  let [a, b] = [SEED, OTHER_SEED]
  const mix = (value: number): void => {
    a = Math.imul(a ^ value, TIMES)
    b = Math.imul(b ^ value ^ (a >>> 16), OTHER_TIMES)
    a ^= a >>> 15
  }
  mix(at / 1000)
  mix(pid === null ? -1 : pid.length)
  for (let index = 0; pid !== null && index < pid.length; index++) mix(pid.charCodeAt(index))
  for (let index = 0; index < text.length; index++) mix(text.charCodeAt(index))
  b ^= b >>> 13
  return (a >>> 0) * 2 ** 21 + (b >>> 11)
}

/** The last lines that were told of, by what they are known again by, oldest first. */
export function createRecent(before: readonly number[] = []) {
  const keys = new Float64Array(RECENT)
  let [count, next] = [0, 0]
  const add = (key: number): void => {
    keys[next] = key
    next = (next + 1) % RECENT
    count = Math.min(RECENT, count + 1)
  }
  for (const key of before.slice(-RECENT)) add(key)
  return {
    add,
    keys: (): readonly number[] =>
      count < RECENT ? [...keys.slice(0, count)] : [...keys.slice(next), ...keys.slice(0, next)],
  }
}

/** Tries of each address. Not by a list of pairs: there may be fifty thousand, and a key waits. */
function triesOf({ pressure }: Survey): ReadonlyMap<string, number> {
  const tries = new Map<string, number>()
  for (const one of pressure.addresses) tries.set(one.name, one.tries)
  return tries
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
  let again: ReadonlySet<number> = new Set()
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
  const addBehind = (known: ReadonlySet<number>, entries: readonly LogEntry[]): void => {
    const last = entries.findLastIndex((entry) => known.has(lineKey(entry)))
    if (last < 0 && known.size > 0 && entries.length > 0) gap = GAP
    add(entries.slice(last + 1))
  }
  return {
    /** From a whole reading on, and by the lines at hand, oldest first. */
    begin: (from: Survey, entries: readonly LogEntry[]): void => {
      survey = from
      failed = triesOf(from)
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
