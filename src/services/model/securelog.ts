import type { Safe } from './safe.ts'

/**
 * What a line of the secure log says. Of a login: `accepted`, `failed`, `invalid` (no such user), `left` (gave up before
 * anything was decided). Of those who are in: `root` (somebody ran something as root), `account` (an account, group or
 * password changed). `ban`: an address was shut out by fail2ban. `other` is everything else.
 */
export type LogKind = 'accepted' | 'failed' | 'invalid' | 'left' | 'root' | 'account' | 'ban' | 'other'

export type LogEntry = {
  /** Unique within a run, in order of arrival. */
  readonly id: number
  /** Server time as it is shown, `HH:MM:SS`. */
  readonly time: Safe
  readonly day: Safe
  /** The same moment on the server's wall clock, in milliseconds as if that were UTC; NaN where a line has no date. */
  readonly at: number
  readonly kind: LogKind
  readonly user: Safe | null
  readonly address: Safe | null
  /** The client's port. */
  readonly port: number | null
  /** publickey, password, … */
  readonly method: Safe | null
  readonly program: Safe
  /** Process id, as the line has it. */
  readonly pid: Safe | null
  readonly text: Safe
  /** How often it happened, where one line tells of several or is told of by another (then 0); absent: once. */
  readonly times?: number
  /** False where any local user could have written the line (a file, or a journal entry not from sshd itself). */
  readonly trusted: boolean
  /** True for the login of this very session. */
  readonly own: boolean
}

/** A log that can be read and followed. */
export type LogSource =
  | {
      readonly kind: 'journal'
      /** The server's zone: entries carry no local time. */
      readonly utcOffsetMinutes?: number
    }
  | { readonly kind: 'file'; readonly path: string }

/** Lines of a log that are read when a console starts: its end. */
export const LOG_READ = 500

/** Where the secure log is read from, and what it held when it was read; once it is followed, the console's log has that. */
export type SecureLogFacts = {
  readonly source: LogSource
  /** Another log that holds lines of sshd too but reaches less far back; absent where there is none. */
  readonly other?: LogSource
  readonly entries: readonly LogEntry[]
}
