import type { Area } from '../../model/area.ts'
import type { HostFacts } from '../../model/host.ts'
import type { Reading } from '../../model/reading.ts'
import { safe, say } from '../../model/safe.ts'
import type { LogEntry, LogPlace, LogSource, SecureLogFacts } from '../../model/securelog.ts'
import { linesOf, type Part, partsOf } from '../parts.ts'
import { ONLY_THE_LAST, securelogChecks } from './checks.ts'
import { groupLogins } from './logins.ts'
import { cursorOf, placeBefore } from './piece.ts'
import { createReader } from './reader.ts'
import { LOG_FILES, probeScript } from './scripts.ts'
import { readZone } from './zone.ts'

/** Logins and attempts: of the journal and /var/log/secure or auth.log the one that reaches further back. */
export const securelog: Area<'securelog'> = {
  id: 'securelog',
  probes: [{ id: 'securelog', script: probeScript, timeoutSeconds: 20 }],
  checks: securelogChecks,
  parse: (outputs, host, readAt) => {
    const output = outputs('securelog')
    if (!output) return { state: 'unread' }
    const part = partsOf(output)
    const inJournal = read(
      part('journal') === 'present' ? journalOf(part) : null,
      linesOf(part('entries')),
      host,
      readAt,
    )
    const inFile = read(fileOf(part), placedLines(part('lines')), host, readAt, part('inode'))
    const facts = furthestBack(inJournal, inFile) ?? (part('journal') === 'empty' && isRoot(host) ? none(part) : null)
    return facts ? { state: 'present', readAt, facts } : whyNone(part, host, output.cut !== null)
  },
}

const journalOf = (part: Part): LogSource => ({ kind: 'journal', zone: readZone(part('zone')) })

const factsOf = (source: LogSource, entries: readonly LogEntry[], before: LogPlace | null): SecureLogFacts => ({
  ...{ source, entries, before, logins: groupLogins(entries) },
  ...{ whyNotAll: ONLY_THE_LAST, known: null, wtmp: { state: 'unread', why: ONLY_THE_LAST } },
})

/** A journal without a line: only root knows that nothing was hidden from him. */
const none = (part: Part): SecureLogFacts => factsOf(journalOf(part), [], null)

const fileOf = (part: Part): LogSource | null => {
  const path = LOG_FILES.find((file) => file === part('file'))
  return path ? { kind: 'file', path } : null
}

/** Lines of a file, each with its place before it. Of as many as may be sent the first is cut. */
const placedLines = (text: string): readonly string[] => linesOf(text).slice(text.length > CUT ? 1 : 0)
const CUT = 850_000

function read(
  source: LogSource | null,
  lines: readonly string[],
  host: HostFacts,
  readAt: number,
  inode = '',
): SecureLogFacts | null {
  if (!source) return null
  const reader = createReader(source, host, { id: 0, at: readAt })
  const texts = source.kind === 'file' ? lines.map((line) => line.replace(/^\d+ /, '')) : lines
  const entries = texts.map(reader).filter((entry): entry is LogEntry => entry !== null)
  if (source.kind === 'file') return factsOf(source, entries, placeBefore(lines, inode))
  const cursor = cursorOf(lines[0] ?? '')
  return factsOf(source, entries, cursor === null ? null : { kind: 'journal', cursor })
}

/** Both have the same lines where both are kept; a file must tell of a time before that to be worth its doubts. */
const SAME_TIME = 60_000

/** The journal, whose entries can be trusted, unless the file reaches further back (a journal may live in memory). */
function furthestBack(journal: SecureLogFacts | null, file: SecureLogFacts | null): SecureLogFacts | null {
  if (!journal || !file) return journal ?? file
  const [inJournal, inFile] = [oldest(journal), oldest(file)]
  if (inFile === null) return journal
  return inJournal === null || inFile < inJournal - SAME_TIME
    ? { ...file, other: journal.source }
    : { ...journal, other: file.source }
}

/** When sshd's first line was written. */
const oldest = ({ entries }: SecureLogFacts): number | null =>
  entries.find(({ program, at }) => program.startsWith('sshd') && !Number.isNaN(at))?.at ?? null

function whyNone(part: Part, host: HostFacts, cut: boolean): Reading<SecureLogFacts> {
  if (part('journal') === '' || cut)
    return { state: 'unreadable', reason: say`the log did not answer in 20 s; press R to try again` }
  const closed = linesOf(part('files'))
  if (closed.length > 0 && !isRoot(host))
    return {
      state: 'unreadable',
      reason: say`${safe(closed.join(', '))}: root or the group adm may read it, you may not`,
    }
  if (part('journal') === 'empty')
    return {
      state: 'unreadable',
      reason: say`the journal shows its entries to root and the group systemd-journal alone`,
    }
  return { state: 'absent', reason: say`no log of logins was found: no journal, no /var/log/secure, no auth.log` }
}

const isRoot = (host: HostFacts): boolean => host.login.escalation === 'root' || host.login.escalation === 'sudo'
