import type { SecureLogFacts } from '../../model/securelog.ts'
import journalFunction from './journal.sh'

/** Log files of the secure log, in the order they are looked for: RHEL's, Debian's, and where others put it. */
export const LOG_FILES = ['/var/log/secure', '/var/log/auth.log', '/var/log/messages'] as const

/**
 * The command (POSIX sh text, running until it is stopped) that prints each new line of this log. Both kinds go on
 * after the log was rotated. HARDTUI_ROOT is the practice server's, as in the probe.
 */
export function followScript(facts: SecureLogFacts): string {
  const { source } = facts
  if (source.kind === 'journal') return `${journalFunction}\nsecure_journal -f -n 0\n`
  // Only the constants above get into script text, never a path the server named.
  const path = LOG_FILES.find((file) => file === source.path) ?? LOG_FILES[0]
  return `exec tail -n 0 -F "\${HARDTUI_ROOT:-}${path}"\n`
}
