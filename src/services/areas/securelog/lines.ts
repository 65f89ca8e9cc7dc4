import { type Safe, safe } from '../../model/safe.ts'

/** A line of the secure log before anybody asked what it says. `message` is hostile text, as it came. */
export type RawLine = {
  readonly time: Safe
  readonly day: Safe
  readonly program: string
  readonly message: string
}

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Programs whose lines make up the secure log; others write to the same files. */
export const isSecureProgram = (program: string): boolean =>
  /^(?:sshd(?:-session|-auth)?|sudo|su|hardtui)$/.test(program)

// The classic form has no year and, like the ISO one of newer rsyslogs, the server's local time.
const CLASSIC = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\S+) ([A-Za-z0-9_.-]+)(?:\[\d+\])?: (.*)$/s
const ISO =
  /^\d{4}-(\d\d)-(\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)? (\S+) ([A-Za-z0-9_.-]+)(?:\[\d+\])?: (.*)$/s

/** Reads a line of /var/log/secure or auth.log (RFC 3164, or ISO 8601 time); null for lines of other programs. */
export function readFileLine(line: string): RawLine | null {
  const iso = line.charCodeAt(0) < 0x3a ? ISO.exec(line) : null
  const match = iso ?? CLASSIC.exec(line)
  if (!match) return null
  const program = match[5] as string
  if (!isSecureProgram(program)) return null
  const month = iso ? (MONTHS[Number(match[1]) - 1] ?? '') : (match[1] as string)
  return {
    time: safe(match[3] as string),
    day: safe(`${month} ${Number(match[2])}`),
    program,
    message: match[6] as string,
  }
}
