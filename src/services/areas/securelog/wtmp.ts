import { familyOf } from '../../model/addresses.ts'
import { safe } from '../../model/safe.ts'
import type { LogEntry, Session, Wtmp } from '../../model/securelog.ts'
import { MONTHS } from './lines.ts'

/** Logins that are remembered, by minute; and sessions of wtmp. A server with more has them compared by other means. */
const MOST = 200_000
const MINUTE = 60_000
/** A session begins within a minute of its login; and a zone's summer time may stand between what two programs print. */
const NEAR = [0, 1, -1].flatMap((minutes) => [minutes, minutes + 60, minutes - 60])

/** `root     pts/0        192.0.2.2        Fri Nov 27 23:43:04 2026 - …`, as last(1) prints with -F -w -i. */
const LINE =
  /^(?<user>\S+) +(?<tty>\S+) +(?<address>\S+) +[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})\b/

/**
 * Reads a line of last(1): a session that came over the network. Null for every other (boots, consoles, screens of a
 * terminal that somebody had already).
 */
export function readSession(line: string): Session | null {
  const { user, address, month, day, time, year } = LINE.exec(line)?.groups ?? {}
  if (user === undefined || address === undefined || time === undefined) return null
  if (familyOf(address) === null || /^(?:0\.0\.0\.0|::)$/.test(address)) return null
  const at = Date.UTC(Number(year), MONTHS.indexOf(month ?? ''), Number(day), ...clock(time))
  return Number.isNaN(at) ? null : { user: safe(user), address: safe(address), at }
}

const clock = (time: string): [number, number, number] => time.split(':').map(Number) as [number, number, number]

/**
 * Holds the sessions of wtmp(5) against the logins of a log: whoever takes his login out of the log and forgets the other
 * file is found. Each session has a login of the same user from the same address within a minute of it.
 */
export function createWtmp() {
  const logins = new Set<string>()
  const sessions: Session[] = []
  let [begun, ended, tooMany] = [false, false, false]
  const keyOf = (user: string, address: string, at: number): string => `${user} ${address} ${Math.floor(at / MINUTE)}`
  return {
    login: ({ user, address, at }: LogEntry): void => {
      if (logins.size >= MOST) tooMany = true
      else if (user !== null && address !== null) logins.add(keyOf(user, address, at))
    },
    begin: (): void => {
      begun = true
    },
    feed: (line: string): void => {
      // Its last line says since when it is kept.
      if (/ begins [A-Z][a-z]{2} [A-Z][a-z]{2} /.test(line)) ended = true
      const session = readSession(line)
      if (session && sessions.length < MOST) sessions.push(session)
      else if (session) tooMany = true
    },
    /** What of it the log does not know, among the sessions of its own time; `from` and `to` are its first and last line. */
    result: (from: number | null, to: number | null): Wtmp => {
      if (!begun) return { state: 'absent' }
      if (!ended || tooMany || from === null || to === null) return { state: 'unread' }
      const unlogged = sessions.filter(
        ({ user, address, at }) =>
          at > from + MINUTE &&
          at < to &&
          !NEAR.some((minutes) => logins.has(keyOf(user, address, at + minutes * MINUTE))),
      )
      return { state: 'read', unlogged }
    },
  }
}
