import type { Safe } from './safe.ts'

/**
 * What a line of the secure log says. Of a login: `accepted`, `failed`, `invalid` (no such user), `left` (gave up before
 * anything was decided), `knock` (gone before he said who he is). Of those who are in: `root` (somebody ran something as root), `account` (an account, group or
 * password changed). `ban`: an address was shut out by fail2ban. `other` is everything else.
 */
export type LogKind = 'accepted' | 'failed' | 'invalid' | 'left' | 'knock' | 'root' | 'account' | 'ban' | 'other'

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

/** The zone of a server's clock: what it is ahead of UTC now, in minutes, and its name where that tells of other times too. */
export type Zone = { readonly minutes: number; readonly name: string | null }

/** A log that can be read and followed. */
export type LogSource =
  | {
      readonly kind: 'journal'
      /** The server's zone: entries carry no local time. */
      readonly zone?: Zone
    }
  | { readonly kind: 'file'; readonly path: string }

/**
 * Where a log goes on towards the past: before an entry of the journal, or before a byte of a file, counted unpacked.
 * `olderThan`, as `LogEntry.at`: what is younger the journal has told.
 */
export type LogPlace =
  | { readonly kind: 'journal'; readonly cursor: string }
  | { readonly kind: 'file'; readonly inode: number; readonly until: number | 'end'; readonly olderThan?: number }

/** Lines of a log that are read when a console starts: its end. */
export const LOG_READ = 500

/** From so many failures before it on, a login is not somebody who mistyped. */
export const MANY_FAILURES = 5

/** Logins of one user from one address in one way, with one key. */
export type LoginGroup = {
  readonly id: string
  readonly user: Safe
  readonly address: Safe
  readonly method: Safe
  /** `SHA256:…` where sshd named the key. */
  readonly key: Safe | null
  readonly count: number
  readonly first: LogEntry
  readonly last: LogEntry
  /** Tries from the same address that failed before one of them and after the one before it, at most. */
  readonly failuresBefore: number
  /** Tries from there that had failed in all when the last of them came. */
  readonly failuresAtLast: number
  /** One of them is this very session. */
  readonly own: boolean
  /** False where any local user could have written one of the lines. */
  readonly trusted: boolean
}

/**
 * What an operator says he knows of logins: those as they are. Once many failures came before one more of them, that is
 * something else, which nobody has looked at.
 */
export const acknowledgementOf = ({ id, failuresBefore }: Pick<LoginGroup, 'id' | 'failuresBefore'>): string =>
  failuresBefore >= MANY_FAILURES ? `${id}\0after ${failuresBefore}` : id

/** Tries that failed, of one address, user or method. */
export type Tries = {
  readonly name: Safe
  readonly tries: number
  /** Moments of the first and the last, as `LogEntry.at` has them. */
  readonly first: number
  readonly last: number
  /** Of an address: the users it tried; of a user: the addresses that tried him. At least so many where `more` is set. */
  readonly others: readonly Safe[]
  readonly more: boolean
}

/** All tries to get in that failed in a log. What is beyond a table's room is counted in `beyond`, told apart no more. */
export type Pressure = {
  readonly tries: number
  readonly first: number | null
  readonly last: number | null
  /** Hours (of the server's wall clock, since 1970) with tries, and how many; in order. */
  readonly hours: readonly (readonly [hour: number, tries: number])[]
  readonly addresses: readonly Tries[]
  readonly users: readonly Tries[]
  /** Only tries that were answered have one. */
  readonly methods: readonly Tries[]
  readonly beyond: { readonly addresses: number; readonly users: number }
  /** Wrong passwords given to sudo, su and doas, which are no tries to get in and counted nowhere else. */
  readonly local: number
  /** Connections that ended before anybody said who he is. */
  readonly knocks: number
  /** Addresses that fail2ban said it shut out. */
  readonly bans: number
}

/** A session over the network as wtmp(5) or lastlog(5) has it. `at` as `LogEntry.at`. */
export type Session = {
  readonly user: Safe
  readonly address: Safe
  readonly at: number
  readonly by: 'last(1)' | 'lastlog(8)'
}

/** Tries from an address that btmp(5) has. */
export type BadLogins = { readonly address: Safe; readonly tries: number }

/**
 * What stands beside the log: the sessions that it has no login for, and the addresses that failed and of which it has no
 * try. Absent where neither last(1), lastlog(8) nor lastb(1) tells.
 */
export type Wtmp =
  | { readonly state: 'absent' }
  /** `why`: half a sentence. */
  | { readonly state: 'unread'; readonly why: Safe }
  | {
      readonly state: 'read'
      readonly unlogged: readonly Session[]
      readonly unloggedTries: readonly BadLogins[]
      /** Failures that btmp(5) has in all, and since when; null where nobody told. */
      readonly btmp: { readonly tries: number; readonly since: number | null } | null
    }

/** A jail of fail2ban: how many addresses it keeps out now and has since it started; null where it did not say. */
export type JailBans = {
  readonly name: Safe
  readonly banned: number | null
  readonly total: number | null
  readonly addresses: ReadonlySet<string>
}

/** What fail2ban keeps out, by fail2ban-client(1); unread where it is there and could not be asked. */
export type Bans =
  | { readonly state: 'absent' | 'unread' }
  | { readonly state: 'read'; readonly jails: readonly JailBans[] }

/** A log read from end to end. */
export type Survey = {
  /** Lines of ours that it has. */
  readonly lines: number
  /** Moments of the first and the last line. */
  readonly from: number | null
  readonly to: number | null
  /** What its last lines are known again by, in the order of the log. */
  readonly lastLines: readonly number[]
  /** What was read, oldest first: files, and the journal. */
  readonly sources: readonly Safe[]
  /** What of it could not be read to its end, and why. */
  readonly unread: readonly Safe[]
  /** The server came to the end of it; else it is what was read until then. */
  readonly ended: boolean
  readonly pressure: Pressure
  readonly logins: readonly LoginGroup[]
  /** Logins of more groups than are told apart. */
  readonly loginsBeyond: number
  readonly wtmp: Wtmp
  readonly bans: Bans
  /** What the server calls an address in its own hosts(5). */
  readonly names: ReadonlyMap<string, Safe>
  /** Accounts, groups and passwords that changed, oldest first: the last ones of them. */
  readonly accounts: readonly LogEntry[]
  /** Where the clock of the lines jumps back, or lines are missing for long: in words. */
  readonly gaps: readonly Safe[]
}

/** Lines that a follow begins with although they were read before: what came between the two is among them. */
export const LOG_AGAIN = 200

/** Where the secure log is read from, and what it held when it was read; once it is followed, the console's log has that. */
export type SecureLogFacts = {
  readonly source: LogSource
  /** Another log that holds lines of sshd too but reaches less far back; absent where there is none. */
  readonly other?: LogSource
  readonly entries: readonly LogEntry[]
  /** Where the lines before them are; null where there are none, or nobody can say. */
  readonly before: LogPlace | null
  /** Who got in, by those lines and by all else that was read of it meanwhile. */
  readonly logins: readonly LoginGroup[]
  /** Why that is not everybody: half a sentence; null where all of the log was read for it. */
  readonly whyNotAll: Safe | null
  readonly wtmp: Wtmp
  /** The logins that the operator has said he knows, by `acknowledgementOf`; null while that is not known. */
  readonly known: ReadonlySet<string> | null
}
