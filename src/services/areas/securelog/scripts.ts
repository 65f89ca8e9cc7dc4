import { LOG_AGAIN, LOG_READ, type LogPlace, type SecureLogFacts } from '../../model/securelog.ts'
import { quote } from '../../model/shell.ts'
import { PROGRAMS } from './lines.ts'
import logsFunctions from './logs.sh'
import pieceText from './piece.sh'
import probeText from './probe.sh'
import surveyText from './survey.sh'

/** Log files of the secure log, in the order they are looked for: RHEL's, Debian's, and where others put it. */
export const LOG_FILES = ['/var/log/secure', '/var/log/auth.log', '/var/log/messages'] as const

/** A program's name as an expression of awk(1) and grep(1). */
const expression = (name: string): string => name.replaceAll(/[.()]/g, '[$&]')

const names = `log_files='${LOG_FILES.join(' ')}'
log_names='${PROGRAMS.map(expression).join('|')}'
journal_names='${PROGRAMS.filter((name) => !name.includes('(')).join(' ')}'
${logsFunctions}
`

/** Reads where the log is, and its end. */
export const probeScript = `log_lines=${LOG_READ}\n${names}${probeText}`

/** `20261127090000`, as the scripts compare moments; nothing for none. */
const stamp = (at: number | undefined): string =>
  at === undefined || Number.isNaN(at) ? '' : new Date(at).toISOString().slice(0, 19).replaceAll(/\D/g, '')

/** Prints the lines before a place, as `readPiece` reads them. */
export const pieceScript = (place: LogPlace): string => {
  const words =
    place.kind === 'journal'
      ? `place=journal cursor=${quote(place.cursor)}`
      : `place=file inode=${place.inode} until=${place.until} older_than=${stamp(place.olderThan)}`
  return `log_lines=${LOG_READ}\n${words}\n${names}${pieceText}`
}

/** Prints all that there is of the log, as `createSurvey` reads it. */
export const surveyScript = `${names}${surveyText}`

/**
 * The command (POSIX sh text, running until it is stopped) that prints the last lines of this log and then each new one.
 * Both kinds go on after the log was rotated.
 */
export function followScript({ source }: Pick<SecureLogFacts, 'source'>): string {
  if (source.kind === 'journal') return `${names}secure_journal -f -n ${LOG_AGAIN}\n`
  // Only the constants above get into script text, never a path the server named.
  const path = LOG_FILES.find((file) => file === source.path) ?? LOG_FILES[0]
  return `exec tail -n ${LOG_AGAIN} -F "\${HARDTUI_ROOT:-}${path}"\n`
}
