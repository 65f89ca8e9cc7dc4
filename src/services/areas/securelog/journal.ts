import { safe } from '../../model/safe.ts'
import type { Zone } from '../../model/securelog.ts'
import { isSecureProgram, MONTHS, type RawLine } from './lines.ts'
import { offsetsOf } from './zone.ts'

/** An entry of the journal, with what journald itself knows of its writer. */
export type JournalLine = RawLine & { readonly writer: Writer }

/** The fields that journald fills in and a writer can't choose (systemd.journal-fields(7)), where they came. */
type Writer = { readonly uid: string | undefined; readonly comm: string | undefined; readonly exe: string | undefined }

/**
 * Makes a reader for `journalctl -o json`, one object a line; it gives null for what is not one, or not of the secure
 * log. `zone` is the server's: entries carry no local time.
 */
export function journalLineReader(zone: Zone): (line: string) => JournalLine | null {
  const clock = wallClock(zone)
  return (line) => {
    const entry = parseObject(line)
    if (!entry) return null
    const program = text(entry.SYSLOG_IDENTIFIER)
    if (program === undefined || !isSecureProgram(program)) return null
    const writer = { uid: text(entry._UID), comm: text(entry._COMM), exe: text(entry._EXE) }
    const message = text(entry.MESSAGE) ?? '(too long for the journal to print)'
    const pid = text(entry._PID) ?? null
    return { ...clock(Number(text(entry.__REALTIME_TIMESTAMP))), program, pid, message, writer }
  }
}

/**
 * Whether nobody but the program itself can have written an entry. A user can call a program of his own sshd, and in
 * a namespace of his own even put it at /usr/sbin/sshd, but he can't be root: what decides about logins must be
 * written by root. sshd's other lines may come from the half of it that runs as the user, sudo's and su's carry the
 * caller's uid.
 */
export function isGenuine(program: string, { uid, comm, exe }: Writer, aboutLogin: boolean): boolean {
  // doas has become the command by the time that journald looks; but then it is root.
  if (SUDO_NAMES.has(program)) return uid === '0' || (exe !== undefined && SUDO.test(exe))
  // One that is over before journald looked has left its user id alone, which the kernel gave with the message.
  if (!program.startsWith('sshd')) return uid === '0'
  const named = (comm === undefined || SSHD.test(comm)) && (exe === undefined || SSHD.test(baseName(exe)))
  return named && (uid === '0' || (!aboutLogin && exe !== undefined))
}

const SSHD = /^sshd(?:-session|-auth)?$/
const SUDO_NAMES: ReadonlySet<string> = new Set(['sudo', 'sudo-rs', 'su', 'doas', 'pkexec'])
const SUDO = /^\/(?:usr\/(?:.*\/)?|s?bin\/)(?:sudo|su|sudo-rs|doas|pkexec)$/
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  // What is no object is told by its ends: an error of the parser's costs more than a line.
  if (line[0] !== '{' || line.at(-1) !== '}') return null
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** A field's text: it comes as a list of bytes when it is not clean text, as a list of values when it was set twice. */
function text(field: unknown): string | undefined {
  if (typeof field === 'string') return field
  if (!Array.isArray(field)) return undefined
  const first: unknown = isBytes(field) ? field : field[0]
  if (typeof first === 'string') return first
  return isBytes(first) ? Buffer.from(first).toString('utf8') : undefined
}

const isBytes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((byte) => typeof byte === 'number')

/** Turns epoch microseconds into the server's day and time; lines of the same second share them. */
function wallClock(zone: Zone): (micros: number) => Pick<RawLine, 'time' | 'day' | 'at'> {
  const offsetAt = offsetsOf(zone)
  let second = Number.NaN
  let shown = { time: safe('--:--:--'), day: safe(''), at: Number.NaN }
  return (micros) => {
    const now = Math.floor(micros / 1_000_000)
    if (now === second || !Number.isFinite(now) || Math.abs(now) > 8_000_000_000) return shown
    const date = new Date(now * 1000 + offsetAt(now * 1000) * 60_000)
    second = now
    shown = {
      time: safe(date.toISOString().slice(11, 19)),
      day: safe(`${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`),
      at: date.getTime(),
    }
    return shown
  }
}
