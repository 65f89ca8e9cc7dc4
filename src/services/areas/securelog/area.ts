import type { Area } from '../../model/area.ts'
import type { HostFacts } from '../../model/host.ts'
import type { Reading } from '../../model/reading.ts'
import { safe, say } from '../../model/safe.ts'
import type { LogEntry, SecureLogFacts } from '../../model/securelog.ts'
import { linesOf, splitParts } from '../parts.ts'
import { LOG_FILES } from './follow.ts'
import journalFunction from './journal.sh'
import probeScript from './probe.sh'
import { createLogReader } from './reader.ts'

const script = `log_files='${LOG_FILES.join(' ')}'\n${journalFunction}\n${probeScript}`

/** Logins and attempts: the journal where it holds sshd's entries, else /var/log/secure or auth.log. */
export const securelog: Area<'securelog'> = {
  id: 'securelog',
  title: 'Secure log',
  probes: [{ id: 'securelog', script, timeoutSeconds: 20 }],
  checks: [],
  parse: (outputs, host, readAt) => {
    const output = outputs('securelog')
    if (!output) return { state: 'unread' }
    const part = splitParts(output.stdout)
    const source = sourceOf(part, host)
    if (!source) return whyNone(part, host, output.timedOut)
    const nothing: SecureLogFacts = { source, entries: [] }
    const read = createLogReader(nothing, host)
    const entries = linesOf(part('lines'))
      .map(read)
      .filter((entry): entry is LogEntry => entry !== null)
    return { state: 'present', readAt, facts: { source, entries } }
  },
}

type Part = (name: string) => string

function sourceOf(part: Part, host: HostFacts): SecureLogFacts['source'] | null {
  const journal = { kind: 'journal', utcOffsetMinutes: offsetMinutes(part('zone')) } as const
  if (part('journal') === 'present') return journal
  const path = LOG_FILES.find((file) => file === part('file'))
  if (path) return { kind: 'file', path }
  return part('journal') === 'empty' && isRoot(host) ? journal : null
}

function whyNone(part: Part, host: HostFacts, timedOut: boolean): Reading<SecureLogFacts> {
  if (part('journal') === '' || timedOut)
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

/** `+0200`, as date(1) prints %z, in minutes. */
function offsetMinutes(zone: string): number {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(zone.trim())
  if (!match) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]))
}
