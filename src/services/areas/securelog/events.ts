import type { Safe } from '../../model/safe.ts'
import type { LogEntry, LogKind } from '../../model/securelog.ts'
import { loginIdOf } from './login-id.ts'

/** What one connection to sshd, or one run of another program, has said so far: people do not think in lines. */
export type LogEvent = {
  /** That of its first entry. */
  readonly id: number
  /** The gravest of its lines. */
  readonly kind: LogKind
  readonly user: Safe | null
  readonly address: Safe | null
  readonly method: Safe | null
  /** Tries of it that failed. A connection that names somebody and goes without an answer is one. */
  readonly tries: number
  /** How often what its kind says happened: commands run as root, accounts changed. */
  readonly count: number
  /** The line that says what it is. */
  readonly told: LogEntry
  /** Its lines, oldest first; of many the first and the last. */
  readonly entries: readonly LogEntry[]
  /** Lines that were left out of the middle. */
  readonly leftOut: number
  /** Of a login, `LoginGroup.id` of those like it. */
  readonly login: string | null
  readonly own: boolean
  /** False where any local user could have written one of the lines. */
  readonly trusted: boolean
}

/** What a line did: the event as it is now, whether it went on with one that was there, and how many tries it added. */
export type Folded = { readonly event: LogEvent; readonly joined: LogEvent | null; readonly tried: number }

/** Which of two kinds an event is called by. */
const RANK: Readonly<Record<LogKind, number>> = {
  ...{ accepted: 7, account: 6, ban: 6, root: 5 },
  ...{ invalid: 4, failed: 3, left: 2, knock: 1, other: 0 },
}

const NONE: readonly LogEntry[] = []
/** Lines of one event that are kept. */
const KEPT = 40
/** Names of connections and runs that may still go on; beyond, those that were silent longest are taken for over. */
const OPEN = 1_024
/** Names of connections that are over and may be spoken of once more, by another process of sshd. */
const ENDED = 64
/** A process id is somebody else's after so long a silence: sshd gives two minutes to log in. Milliseconds. */
const SILENCE = 10 * 60_000

/** What goes on in an event that is not shown: needed to tell whether the next line belongs to it. */
type Open = {
  event: LogEvent
  readonly program: string
  port: number | null
  last: number
  /** Tries told one by one, and whether a line told of one for the whole connection. */
  failed: number
  refused: boolean
  over: boolean
}

const family = (program: string): string => (program.startsWith('sshd') ? 'sshd' : program)

/** Kinds of lines that go on with what was said before, and begin nothing. */
const ENDS: ReadonlySet<LogKind> = new Set(['other', 'left', 'knock'])

/** sshd's last words on a connection. */
const OVER = /^(?:error: |fatal: )?(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting) /

/**
 * Folds lines, oldest first, into events: the lines of one process that speak of one connection are one, and so are the
 * commands that somebody runs as root one after the other. Programs that don't say which process they are (sudo, in a
 * file) are told apart by what they say.
 */
export function createFolder(kept: number = KEPT): (entry: LogEntry) => Folded {
  // Two halves, of which the older one is dropped whole, and what is over soon leaves them: the lines of a long log that are
  // held longer than the collector holds things for young cost it most of its time.
  let [newer, older] = [new Map<string, Open>(), new Map<string, Open>()]
  const keep = (key: string, one: Open): void => {
    newer.set(key, one)
    if (newer.size < OPEN / 2) return
    older = newer
    newer = new Map()
  }
  const ended: string[] = []
  let place = 0
  const retire = (key: string): void => {
    const longest = ended[place]
    ended[place] = key
    place = (place + 1) % ENDED
    if (longest === undefined || !(newer.get(longest) ?? older.get(longest))?.over) return
    newer.delete(longest)
    older.delete(longest)
  }
  const going = (key: string | null, entry: LogEntry): Open | null => {
    const one = key === null ? undefined : (newer.get(key) ?? older.get(key))
    return one && goesOn(one, entry) ? one : null
  }
  return (entry) => {
    const program = family(entry.program)
    // A line of sshd that does not say whose it is stands alone.
    const process = entry.pid === null && program === 'sshd' ? null : `${program} ${entry.pid ?? '-'}`
    const person = entry.kind === 'root' ? `${program} as ${entry.user}` : null
    // Several processes of sshd say how one connection ends; that it began, only one of them.
    const peer = entry.port !== null && program === 'sshd' ? `${entry.address} port ${entry.port}` : null
    const before = going(process, entry) ?? going(person, entry) ?? (ENDS.has(entry.kind) ? going(peer, entry) : null)
    const one = before ?? begin(entry, program)
    if (process !== null) keep(process, one)
    if (person !== null) keep(person, one)
    if (peer !== null) keep(peer, one)
    const joined = before?.event ?? null
    const tried = take(one, entry, kept)
    if (one.over && process !== null) retire(process)
    if (one.over && peer !== null) retire(peer)
    return { event: one.event, joined, tried }
  }
}

const begin = (entry: LogEntry, program: string): Open => ({
  event: eventOf(entry),
  ...{ program, port: null, last: entry.at, failed: 0, refused: false, over: false },
})

/** Whether a line of the same process, or of the same person, belongs to what was said before. */
function goesOn(open: Open, entry: LogEntry): boolean {
  const { kind, user, address, trusted } = open.event
  // What anybody may have written never becomes part of what sshd said.
  if (entry.trusted !== trusted) return false
  if (entry.port !== null && open.port !== null && entry.port !== open.port) return false
  if (entry.address !== null && address !== null && entry.address !== address) return false
  const isNew = !ENDS.has(entry.kind)
  if (open.program === 'sshd') {
    if (open.over && isNew) return false
    // A session lasts as long as it likes, and says at its end who it was.
    if (kind === 'accepted' && !isNew) return true
  } else if (isNew && kind !== 'other' && (kind !== entry.kind || user !== entry.user)) return false
  return !(entry.at - open.last > SILENCE)
}

/** Adds a line to its event; gives how many tries it added. */
function take(open: Open, entry: LogEntry, kept: number): number {
  const { event } = open
  const { kind, times = 1 } = entry
  open.port ??= entry.port
  open.last = Math.max(open.last || Number.NEGATIVE_INFINITY, entry.at || Number.NEGATIVE_INFINITY)
  open.over ||= open.program === 'sshd' && OVER.test(entry.text)
  // `Failed` and PAM's lines tell of one try each; what names no method tells of the connection, beside them.
  if (kind === 'failed' && entry.method !== null) open.failed += times
  else if (kind === 'failed' || kind === 'invalid') open.refused = true
  else if (kind === 'left' && event.kind !== 'accepted') open.refused = true
  const tries = Math.max(open.failed, open.refused ? 1 : 0)
  const graver = RANK[kind] > RANK[event.kind] || (event.told === entry && event.count === 0)
  const told = graver ? entry : event.told
  open.event = {
    id: event.id,
    kind: graver ? kind : event.kind,
    user: (graver ? (entry.user ?? event.user) : (event.user ?? entry.user)) ?? null,
    address: event.address ?? entry.address,
    method: (graver ? (entry.method ?? event.method) : (event.method ?? entry.method)) ?? null,
    tries,
    count: kind === 'root' && event.kind === 'root' ? event.count + times : graver ? times : event.count,
    told,
    entries: withEntry(event.entries, entry, kept),
    leftOut: event.leftOut + (event.entries.length >= kept ? 1 : 0),
    login: event.login ?? loginIdOf(entry),
    own: event.own || entry.own,
    trusted: event.trusted && entry.trusted,
  }
  return tries - event.tries
}

/** The lines with one more; of as many as are kept one in the middle gives way. A flood comes through here: one copy. */
function withEntry(entries: readonly LogEntry[], entry: LogEntry, kept: number): readonly LogEntry[] {
  if (kept === 0) return NONE
  if (entries.length < kept) return entries.concat(entry)
  const next = entries.slice()
  next.copyWithin(kept / 2, kept / 2 + 1)
  next[kept - 1] = entry
  return next
}

const eventOf = (entry: LogEntry): LogEvent => ({
  ...{ id: entry.id, kind: entry.kind, user: entry.user, address: entry.address, method: entry.method },
  ...{ tries: 0, count: 0, told: entry, entries: [], leftOut: 0, login: null, own: false, trusted: entry.trusted },
})
