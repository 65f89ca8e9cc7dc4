import { type Safe, safe } from '../../model/safe.ts'
import { groupOf, numbered } from './pattern.ts'

/** A line of the secure log before anybody asked what it says. `message` is hostile text, as it came. */
export type RawLine = {
  readonly time: Safe
  readonly day: Safe
  /** Milliseconds of the server's wall clock, as if that were UTC. */
  readonly at: number
  readonly program: string
  /** Process id, as the line has it. */
  readonly pid: string | null
  readonly message: string
}

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * Programs whose lines make up the secure log; others write to the same files. Those of sshd, those who become somebody
 * else, those that change accounts, logins at the console, and what shuts addresses out.
 */
export const PROGRAMS = [
  ...['sshd', 'sshd-session', 'sshd-auth', 'sshd(pam_unix)'],
  ...['sudo', 'sudo-rs', 'su', 'doas', 'pkexec'],
  ...['useradd', 'usermod', 'userdel', 'groupadd', 'groupmod', 'groupdel', 'gpasswd', 'passwd', 'chpasswd'],
  ...['chage', 'chsh', 'chfn', 'newusers'],
  ...['login', 'systemd-logind', 'fail2ban-server', 'fail2ban.actions', 'hardtui'],
] as const

const NAMES: ReadonlySet<string> = new Set(PROGRAMS)

/** Whether lines of a program are the secure log's. */
export const isSecureProgram = (program: string): boolean => NAMES.has(program)

const DAY_CLASSIC = String.raw`(?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) (?<time>\d\d:\d\d:\d\d)`
const DAY_ISO = String.raw`(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[T ](?<time>\d\d:\d\d:\d\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`
const PROGRAM = String.raw`(?<program>[A-Za-z0-9_.-]+(?:\([a-z_]+\))?)`
/** BusyBox's syslogd says facility and severity, and with -S leaves the host out (syslogd --help). No host ends in a colon. */
const ORIGIN = String.raw`(?:\S*[^:\s] (?:(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local\d)\.[a-z]+ )?)?`
const REST = String.raw`${ORIGIN}${PROGRAM}(?:\[(?<pid>\d+)\])?: (?<message>.*)$`

/** RFC 3164 as files have it, without a year; with the ISO time of newer rsyslogs; and RFC 5424. */
const FORMS = [
  `^${DAY_CLASSIC} ${REST}`,
  `^${DAY_ISO} ${REST}`,
  String.raw`^(?:<\d{1,3}>)?1 ${DAY_ISO} \S+ ${PROGRAM} (?:(?<pid>\d+)|\S+) \S+ (?:-|(?:\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\])+) (?:\ufeff)?(?<message>.*)$`,
].map((form) => numbered<'year' | 'month' | 'day' | 'time' | 'program' | 'pid' | 'message'>(new RegExp(form, 's')))

const DAY = 86_400_000

/**
 * The moment that a day without a year means: the last one that is not after `before` by more than two days, for clocks
 * differ, and zones do.
 */
function momentOf(year: string | undefined, month: number, day: string, time: string, before: number): number {
  if (month === 0) return Number.NaN
  const within = ((digits(time, 0) * 60 + digits(time, 3)) * 60 + digits(time, 6)) * 1000
  if (year !== undefined) return midnight(Number(year), month, Number(day)) + within
  const last = yearOf(before + 2 * DAY)
  const at = midnight(last, month, Number(day)) + within
  return at > before + 2 * DAY ? midnight(last - 1, month, Number(day)) + within : at
}

const digits = (text: string, at: number): number => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48

let lastYear = { year: 0, from: 0, to: 0 }
/** The year of a moment; lines of the same year share it. */
function yearOf(at: number): number {
  if (!(at >= lastYear.from && at < lastYear.to)) {
    const year = new Date(at).getUTCFullYear()
    lastYear = { year, from: Date.UTC(year, 0), to: Date.UTC(year + 1, 0) }
  }
  return lastYear.year
}

let lastDay = { key: 0, at: 0 }
/** When a day begins; lines of the same day share it. */
function midnight(year: number, month: number, day: number): number {
  const key = (year * 16 + month) * 32 + day
  if (lastDay.key !== key) lastDay = { key, at: Date.UTC(year, month - 1, day) }
  return lastDay.at
}

/**
 * Reads a line of /var/log/secure or auth.log, in the server's local time; null for lines of other programs. It was
 * written before `before` (milliseconds): most lines name no year.
 */
export function readFileLine(line: string, before: number): RawLine | null {
  for (const { form, at: group } of FORMS) {
    const found = form.exec(line)
    if (!found) continue
    const program = groupOf(found, group.program) ?? ''
    if (!isSecureProgram(program)) return null
    const month = groupOf(found, group.month) ?? ''
    const day = groupOf(found, group.day) ?? ''
    const time = groupOf(found, group.time) ?? ''
    const number = Number(month) || MONTHS.indexOf(month) + 1
    return {
      time: safe(time),
      day: dayOf(number, month, day),
      at: momentOf(groupOf(found, group.year), number, day, time, before),
      program,
      pid: groupOf(found, group.pid) ?? null,
      message: groupOf(found, group.message) ?? '',
    }
  }
  return null
}

let lastName = { month: '', day: '', name: safe('') }
/** `Jan 2`; lines of the same day share it. */
function dayOf(number: number, month: string, day: string): Safe {
  if (lastName.month !== month || lastName.day !== day)
    lastName = { month, day, name: safe(`${MONTHS[number - 1] ?? month} ${Number(day)}`) }
  return lastName.name
}

const REPEATED = 'last message repeated '
/** syslogd's own way to fold equal lines: how often the line before this one came once more, else null. */
export const repeatsLast = (line: string): number | null => {
  if (!line.includes(REPEATED)) return null
  const [, times] = /^[^:]{5,40}:\d\d:\d\d\S* (?:\S+ )?last message repeated (\d{1,6}) times?$/.exec(line) ?? []
  return times === undefined ? null : Number(times)
}
