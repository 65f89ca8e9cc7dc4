import { type Safe, safe } from '../../model/safe.ts'

/** A line of the secure log before anybody asked what it says. `message` is hostile text, as it came. */
export type RawLine = {
  readonly time: Safe
  readonly day: Safe
  readonly program: string
  /** Process id, as the line has it. */
  readonly pid: string | null
  readonly message: string
}

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Programs whose lines make up the secure log; others write to the same files. */
export const isSecureProgram = (program: string): boolean =>
  /^(?:sshd(?:-session|-auth|\(pam_unix\))?|sudo|sudo-rs|su|hardtui)$/.test(program)

const DAY_CLASSIC = String.raw`(?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) (?<time>\d\d:\d\d:\d\d)`
const DAY_ISO = String.raw`\d{4}-(?<month>\d\d)-(?<day>\d\d)[T ](?<time>\d\d:\d\d:\d\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`
const PROGRAM = String.raw`(?<program>[A-Za-z0-9_.-]+(?:\([a-z_]+\))?)`
/** BusyBox's syslogd says facility and severity, and with -S leaves the host out (syslogd --help). */
const ORIGIN = String.raw`(?:\S+ (?:(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local\d)\.[a-z]+ )?)?`
const REST = String.raw`${ORIGIN}${PROGRAM}(?:\[(?<pid>\d+)\])?: (?<message>.*)$`

/** RFC 3164 as files have it, without a year; with the ISO time of newer rsyslogs; and RFC 5424. */
const FORMS: readonly RegExp[] = [
  new RegExp(`^${DAY_CLASSIC} ${REST}`, 's'),
  new RegExp(`^${DAY_ISO} ${REST}`, 's'),
  new RegExp(
    String.raw`^(?:<\d{1,3}>)?1 ${DAY_ISO} \S+ ${PROGRAM} (?:(?<pid>\d+)|\S+) \S+ (?:-|(?:\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\])+) (?:\ufeff)?(?<message>.*)$`,
    's',
  ),
]

/** Reads a line of /var/log/secure or auth.log, in the server's local time; null for lines of other programs. */
export function readFileLine(line: string): RawLine | null {
  for (const form of FORMS) {
    const { month, day, time, program, pid, message } = form.exec(line)?.groups ?? {}
    if (program === undefined || message === undefined) continue
    if (!isSecureProgram(program)) return null
    const name = MONTHS[Number(month) - 1] ?? month ?? ''
    return { time: safe(time ?? ''), day: safe(`${name} ${Number(day)}`), program, pid: pid ?? null, message }
  }
  return null
}

/** syslogd's own way to fold equal lines: how often the line before this one came once more, else null. */
export const repeatsLast = (line: string): number | null => {
  const [, times] = /^[^:]{5,40}:\d\d:\d\d\S* (?:\S+ )?last message repeated (\d{1,6}) times?$/.exec(line) ?? []
  return times === undefined ? null : Number(times)
}
