import type { HostFacts } from '../../model/host.ts'
import { LINE_CAP, safe, say } from '../../model/safe.ts'
import type { LogEntry, LogSource, SecureLogFacts, Zone } from '../../model/securelog.ts'
import { isGenuine, journalLineReader } from './journal.ts'
import { type RawLine, readFileLine, repeatsLast } from './lines.ts'
import { type Meaning, meaningOf } from './meaning.ts'

const UTC: Zone = { minutes: 0, name: null }

/**
 * Makes the reader for lines of this log, those of the probe and those that `followScript` brings; null is a line
 * of something else. Ids go on where the entries of `facts` end. `now` is about when the first line was read, in
 * milliseconds: lines of files name no year. The reader never throws, whatever the line.
 */
export function createLogReader(
  { source, entries }: Pick<SecureLogFacts, 'source' | 'entries'>,
  host: HostFacts,
  now: number,
): (line: string) => LogEntry | null {
  const last = entries.at(-1)
  return createReader(source, host, { id: last?.id ?? 0, at: Math.max(now, last?.at || 0) })
}

/** The same for lines of any log: ids go on from `after.id`, and lines of files without a year were written about `after.at`. */
export function createReader(
  source: LogSource,
  host: HostFacts,
  after: { readonly id: number; readonly at: number },
): (line: string) => LogEntry | null {
  let { id, at: latest } = after
  const alreadyTold = createTwice()
  const entry = (raw: RawLine, meaning: Meaning, trusted: boolean): LogEntry => {
    id += 1
    const times = alreadyTold(raw, meaning) ? meaning.times - 1 : meaning.times
    return {
      id,
      time: raw.time,
      day: raw.day,
      at: raw.at,
      kind: meaning.kind,
      user: meaning.user === null ? null : safe(meaning.user),
      address: meaning.address === null ? null : safe(meaning.address),
      port: meaning.port,
      method: meaning.method === null ? null : safe(meaning.method),
      program: safe(raw.program),
      pid: raw.pid === null ? null : safe(raw.pid),
      text: safe(raw.message, LINE_CAP),
      ...(times !== 1 && { times }),
      trusted,
      own: isOwn(meaning, host),
    }
  }
  if (source.kind === 'file') {
    // The last line of the file, if it was of ours: `last message repeated` speaks of no other.
    let last: LogEntry | null = null
    return (line) => {
      const repeated = repeatsLast(line)
      if (repeated === null) {
        const raw = readFileLine(line, latest)
        if (raw) latest = Math.max(latest, raw.at)
        last = raw && entry(raw, meaningOf(raw.program, raw.message), false)
        return last
      }
      if (last === null) return null
      id += 1
      return {
        ...last,
        id,
        times: repeated,
        own: false,
        text: say`last message repeated ${repeated} times: ${last.text}`,
      }
    }
  }
  const read = journalLineReader(source.zone ?? UTC)
  return (line) => {
    const raw = read(line)
    if (!raw) return null
    const meaning = meaningOf(raw.program, raw.message)
    return entry(raw, meaning, isGenuine(raw.program, raw.writer, meaning.kind !== 'other'))
  }
}

/**
 * Of a wrong answer to keyboard-interactive PAM tells, and then sshd as well, for some users and at some levels:
 * `Failed keyboard-interactive/pam` after PAM's line of the same process is the same failure told twice.
 */
function createTwice(): (raw: RawLine, meaning: Meaning) => boolean {
  let told: string | null = null
  return ({ pid, message }, { kind, method, user }) => {
    if (kind !== 'failed') return false
    const who = `${pid} ${user}`
    const byPam = /^(?:error: )?PAM: /.test(message)
    const again = !byPam && told === who && method?.startsWith('keyboard-interactive') === true
    told = byPam ? who : again ? null : told
    return again
  }
}

/** The login of this very session: same user, same address, same port. */
const isOwn = ({ kind, user, address, port }: Meaning, { session, login }: HostFacts): boolean =>
  kind === 'accepted' &&
  port === session.clientPort &&
  address === session.clientAddress &&
  user !== null &&
  safe(user) === login.user
