import { factsOf } from '../../services/model/reading.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import { LOG_READ, type LogEntry, type LogKind, type LogSource } from '../../services/model/securelog.ts'
import type { LogListItem } from '../../state/areas/securelog/list.ts'
import { logCounts } from '../../state/areas/securelog/view.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import { field } from '../presenters/labelled.ts'
import { shortCount } from '../presenters/numbers.ts'
import { columns, EMPTY, type Line, type Role, span, wrap } from '../text/line.ts'
import { aboutLogin, loginLines, loginRow } from './logins.ts'
import type { Presenter } from './presenter.ts'

/** The word of each kind: a login stands out in upper case. */
export const KINDS: Readonly<Record<LogKind, { readonly word: Safe; readonly role: Role }>> = {
  accepted: { word: say`ACCEPTED`, role: 'warn' },
  failed: { word: say`failed`, role: 'plain' },
  invalid: { word: say`invalid`, role: 'plain' },
  other: { word: say``, role: 'dim' },
}

const METHODS: Readonly<Record<string, Safe>> = {
  publickey: say`key`,
  password: say`pass`,
  'keyboard-interactive/pam': say`kbd`,
  'keyboard-interactive': say`kbd`,
  'gssapi-with-mic': say`gss`,
}
const methodWord = (entry: LogEntry): Safe => METHODS[entry.method ?? ''] ?? entry.method ?? say``

function entryRow(entry: LogEntry, width: number): Line {
  const { word, role } = KINDS[entry.kind]
  const doubt = entry.trusted ? say` ` : say`?`
  if (entry.kind === 'other')
    return columns(
      [
        { text: entry.time, width: 8, role: 'dim' },
        { text: doubt, width: 1, role: 'warn' },
        { text: say`${entry.program}: ${entry.text}`, grow: true, role: 'dim' },
      ],
      width,
    )
  const accepted = entry.kind === 'accepted'
  return columns(
    [
      { text: entry.time, width: 8, role: 'dim' },
      { text: doubt, width: 1, role: 'warn' },
      { text: word, width: 8, role: entry.own ? 'good' : role },
      {
        text: entry.user ?? say`?`,
        width: Math.max(8, Math.min(20, Math.floor(width * 0.16))),
        role: accepted ? 'strong' : 'plain',
      },
      { text: accepted ? methodWord(entry) : say``, width: 4, role: 'dim' },
      { text: entry.address ?? say``, grow: true },
      ...((entry.times ?? 1) > 1 ? [{ text: say`×${entry.times ?? 1}`, role: 'strong' as const }] : []),
      ...(entry.own ? [{ text: say`you`, role: 'you' as const }] : []),
      ...(accepted && !entry.own ? [{ text: say`not yours`, role: 'warn' as const }] : []),
    ],
    width,
  )
}

const FOLLOW: Readonly<Record<ConsoleState['log']['follow'], Safe>> = {
  off: say`not followed`,
  following: say`following`,
  stopped: say`stopped`,
}

const nameOf = (source: LogSource): Safe =>
  source.kind === 'journal' ? say`journal` : safe(source.path.replace(/^.*\//, ''))

function title(state: ConsoleState): Safe {
  const facts = factsOf(state.readings.byArea.securelog)
  if (!facts) return say`Secure log`
  const { source, other } = facts
  const both = source.kind === 'file' ? say`, older than the journal` : say`, not ${other ? nameOf(other) : say``}`
  const name = say`${nameOf(source)}${other ? both : say``}`
  const moved = state.view.panes.securelog.cursor !== null && state.log.follow === 'following'
  if (state.view.logShows === 'logins')
    return say`Secure log ─ who got in, by ${state.log.entries.length} lines of ${name}`
  return say`Secure log ─ ${name} · ${moved ? say`held, G follows` : FOLLOW[state.log.follow]}`
}

function logLines(entry: LogEntry, width: number): readonly Line[] {
  const { word, role } = KINDS[entry.kind]
  return [
    ...field(say`when`, say`${entry.day} ${entry.time}`, width),
    ...field(say`what`, word === '' ? say`other` : word, width, role),
    ...(entry.user ? field(say`user`, entry.user, width, 'strong') : []),
    ...(entry.address ? field(say`from`, entry.address, width) : []),
    ...(entry.method ? field(say`method`, entry.method, width) : []),
    ...field(say`program`, entry.program, width),
    ...((entry.times ?? 1) > 1
      ? field(say`times`, say`${entry.times ?? 1}: the log has folded equal lines`, width)
      : []),
    ...(entry.times === 0 ? field(say`times`, say`counted with the line of PAM before it`, width) : []),
    ...(entry.own ? field(say`you`, say`this is the login of this very session`, width, 'you') : []),
    ...(entry.trusted
      ? []
      : field(say`? source`, say`unverified: any local user could have written this line into the log`, width, 'warn')),
    EMPTY,
    ...wrap(entry.text, width),
  ]
}

/** The secure log: tries and logins as they come. */
export const securelogPresenter: Presenter<LogListItem> = {
  title,
  note: (state, lists) => {
    if (state.readings.byArea.securelog.state !== 'present') return EMPTY
    const { failed, strangers } = logCounts(state, lists)
    const file = factsOf(state.readings.byArea.securelog)?.source.kind === 'file'
    return [
      // Where as many lines came as are read, there are older ones.
      span(
        say`${state.log.entries.length >= LOG_READ ? say`at least ` : say``}${shortCount(failed)} failed`,
        failed > 0 ? 'plain' : 'good',
      ),
      ...(strangers > 0 ? [span(say` · ${shortCount(strangers)} not yours`, 'warn')] : []),
      ...(file ? [span(say` · ? unverified`, 'warn')] : []),
    ]
  },
  row: (item, width) => (item.kind === 'log' ? entryRow(item.entry, width) : loginRow(item.login, width)),
  about: (item) => {
    if (item.kind === 'login') return aboutLogin(item.login)
    const doubt = item.entry.trusted ? say`` : say` (any local user could have written this line)`
    return say`${item.entry.text}${doubt}`
  },
  detail: (item, width) => (item.kind === 'log' ? logLines(item.entry, width) : loginLines(item.login, width)),
  empty: (state) =>
    state.log.reason ? say`No lines yet, and the log is no longer followed: ${state.log.reason}` : say`No lines yet.`,
}
