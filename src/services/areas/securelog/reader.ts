import type { HostFacts } from '../../model/host.ts'
import { LINE_CAP, safe } from '../../model/safe.ts'
import type { LogEntry, SecureLogFacts } from '../../model/securelog.ts'
import { isGenuine, journalLineReader } from './journal.ts'
import { type RawLine, readFileLine } from './lines.ts'
import { type Meaning, meaningOf } from './meaning.ts'

/**
 * Makes the reader for lines of this log, those of the probe and those that `followScript` brings; null is a line
 * of something else. Ids go on where the entries of `facts` end. The reader never throws, whatever the line.
 */
export function createLogReader(facts: SecureLogFacts, host: HostFacts): (line: string) => LogEntry | null {
  let id = facts.entries.at(-1)?.id ?? 0
  const entry = (raw: RawLine, meaning: Meaning, trusted: boolean): LogEntry => {
    id += 1
    return {
      id,
      time: raw.time,
      day: raw.day,
      kind: meaning.kind,
      user: meaning.user === null ? null : safe(meaning.user),
      address: meaning.address === null ? null : safe(meaning.address),
      method: meaning.method === null ? null : safe(meaning.method),
      program: safe(raw.program),
      text: safe(raw.message, LINE_CAP),
      trusted,
      own: isOwn(meaning, host),
    }
  }
  const { source } = facts
  if (source.kind === 'file')
    return (line) => {
      const raw = readFileLine(line)
      return raw && entry(raw, meaningOf(raw.program, raw.message), false)
    }
  const read = journalLineReader(source.utcOffsetMinutes ?? 0)
  return (line) => {
    const raw = read(line)
    if (!raw) return null
    const meaning = meaningOf(raw.program, raw.message)
    return entry(raw, meaning, isGenuine(raw.program, raw.writer, meaning.kind !== 'other'))
  }
}

/** The login of this very session: same user, same address, same port. */
const isOwn = ({ kind, user, address, port }: Meaning, { session, login }: HostFacts): boolean =>
  kind === 'accepted' &&
  port === session.clientPort &&
  address === session.clientAddress &&
  user !== null &&
  safe(user) === login.user
