import { familyOf } from '../../model/addresses.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { BadLogins, LogEntry, Session, Wtmp } from '../../model/securelog.ts'
import { MONTHS } from './lines.ts'

/** Logins that are remembered, by minute; and sessions of wtmp. A server with more has them compared by other means. */
const MOST = 200_000
const MINUTE = 60_000
/** A session begins within a minute of its login; and a zone's summer time may stand between what two programs print. */
const NEAR = [0, 1, -1].flatMap((minutes) => [minutes, minutes + 60, minutes - 60])

const TOO_MANY = say`there are more of them than are told apart here`

/** `root     pts/0        192.0.2.2        Fri Nov 27 23:43:04 2026 - …`, as last(1) prints with -F -w -i. */
const LINE =
  /^(?<user>\S+) +(?<tty>\S+) +(?<address>\S+) +[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})\b/

/** `root  pts/0  192.0.2.2  Fri Nov 27 23:43:04 +0000 2026`, as lastlog(8) prints; its hosts may be longer than their column. */
const LATEST =
  /^(?<user>\S+) +(?<tty>\S+) +(?<address>\S+) +[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) (?<time>\d\d:\d\d:\d\d) [+-]\d{4} (?<year>\d{4})$/

/**
 * Reads a line of last(1) or lastb(1): a session, or a failure, that came over the network. Null for every other (boots,
 * consoles, screens of a terminal that somebody had already).
 */
export const readSession = (line: string): Session | null => sessionOf(LINE.exec(line)?.groups, 'last(1)')

/** Reads a line of lastlog(8): the latest session of a user. Null where there is none over the network. */
export const readLatest = (line: string): Session | null => sessionOf(LATEST.exec(line)?.groups, 'lastlog(8)')

function sessionOf(groups: Readonly<Record<string, string>> | undefined, by: Session['by']): Session | null {
  const { user, address, month, day, time, year } = groups ?? {}
  if (user === undefined || address === undefined || time === undefined) return null
  if (familyOf(address) === null || /^(?:0\.0\.0\.0|::)$/.test(address)) return null
  const at = Date.UTC(Number(year), MONTHS.indexOf(month ?? ''), Number(day), ...clock(time))
  return Number.isNaN(at) ? null : { user: safe(user), address: safe(address), at, by }
}

const clock = (time: string): [number, number, number] => time.split(':').map(Number) as [number, number, number]

/**
 * Holds what wtmp(5), lastlog(5) and btmp(5) have against a log: whoever takes his lines out of the log and forgets the
 * other files is found. Each session has a login of the same user from the same address within a minute of it, and of each
 * address that failed the log has a try.
 */
export function createWtmp() {
  const logins = new Set<string>()
  const sessions: Session[] = []
  const failures = new Map<string, BadLogins & { readonly first: number; readonly last: number }>()
  let begun = false
  /** Files whose end did not come: `last` and `lastb` print since when theirs is kept behind the oldest line. */
  const open = new Set<string>()
  let [tooMany, tooManyLogins] = [false, false]
  let [bad, since, hasBtmp]: [number, number | null, boolean] = [0, null, false]
  const keyOf = (user: string, address: string, at: number): string => `${user} ${address} ${Math.floor(at / MINUTE)}`
  const take = (session: Session | null): void => {
    if (session && sessions.length < MOST) sessions.push(session)
    else if (session) tooMany = true
  }
  const fail = ({ address, at }: Session): void => {
    const known = failures.get(address)
    if (!known && failures.size >= MOST) {
      tooMany = true
      return
    }
    // The newest comes first.
    failures.set(address, {
      ...{ address, tries: (known?.tries ?? 0) + 1, first: at },
      last: known?.last ?? at,
    })
  }
  return {
    login: ({ user, address, at }: LogEntry): void => {
      if (logins.size >= MOST) tooManyLogins = true
      else if (user !== null && address !== null) logins.add(keyOf(user, address, at))
    },
    begin: (what: 'wtmp' | 'lastlog' | 'btmp'): void => {
      begun = true
      if (what !== 'lastlog') open.add(what)
      hasBtmp ||= what === 'btmp'
    },
    /** A line of last(1). */
    feed: (line: string): void => {
      if (/^wtmp.* begins [A-Z][a-z]{2} [A-Z][a-z]{2} /.test(line)) open.delete('wtmp')
      else take(readSession(line))
    },
    /** A line of lastlog(8). */
    feedLatest: (line: string): void => take(readLatest(line)),
    /** A line of lastb(1). */
    feedBad: (line: string): void => {
      if (/^btmp.* begins [A-Z][a-z]{2} [A-Z][a-z]{2} /.test(line)) {
        open.delete('btmp')
        return
      }
      if (!/^\S.* \d\d:\d\d:\d\d \d{4}\b/.test(line)) return
      bad += 1
      const session = readSession(line)
      if (!session) return
      since = session.at
      fail(session)
    },
    /**
     * What of it the log does not know, within its own time; `from` and `to` are its first and last line. `tries` are those
     * from an address that it has; null where it has more addresses than are told apart.
     */
    result: (from: number | null, to: number | null, tries: ((address: Safe) => number) | null): Wtmp => {
      if (!begun) return { state: 'absent' }
      if (from === null || to === null) return { state: 'unread', why: say`the log has no line` }
      // Without all of the logins a session may have one that is not known here.
      if (tooManyLogins) return { state: 'unread', why: TOO_MANY }
      const isWithin = (at: number): boolean => at > from + MINUTE && at < to
      const unlogged = sessions.filter(
        ({ user, address, at }) =>
          isWithin(at) && !NEAR.some((minutes) => logins.has(keyOf(user, address, at + minutes * MINUTE))),
      )
      const unloggedTries = [...failures.values()].filter(
        ({ address, first, last }) => isWithin(first) && isWithin(last) && tries?.(address) === 0,
      )
      // What was found stands, whatever could not be read: who cleans a log may have emptied one of these as well.
      if (unlogged.length === 0 && unloggedTries.length === 0) {
        if (open.size > 0)
          return { state: 'unread', why: say`${safe([...open].join(', '))} could not be read to its end` }
        if (tooMany || (tries === null && failures.size > 0)) return { state: 'unread', why: TOO_MANY }
      }
      return {
        state: 'read',
        unlogged: withoutTwins(unlogged),
        unloggedTries: unloggedTries.map(({ address, tries: count }) => ({ address, tries: count })),
        btmp: hasBtmp ? { tries: bad, since } : null,
      }
    },
  }
}

/** Two files may tell of the same session. */
const withoutTwins = (sessions: readonly Session[]): readonly Session[] =>
  [...new Map(sessions.toReversed().map((one) => [`${one.user} ${one.address} ${one.at}`, one])).values()].toReversed()
