import { factsOf } from '../../services/model/reading.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import {
  acknowledgementOf,
  LOG_READ,
  type LogEntry,
  type LogKind,
  type LogSource,
} from '../../services/model/securelog.ts'
import { type LogItem, type LogListItem, olderWords } from '../../state/areas/securelog/list.ts'
import { logCounts } from '../../state/areas/securelog/view.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import { surveyOf } from '../../state/slices/log.ts'
import { findingLines } from '../presenters/finding-detail.ts'
import { aboutFinding, findingRow } from '../presenters/finding-row.ts'
import { field } from '../presenters/labelled.ts'
import { plural, shortCount } from '../presenters/numbers.ts'
import { type Cell, columns, EMPTY, type Line, line, type Role, span, wrap } from '../text/line.ts'
import { aboutLogin, loginLines, loginRow } from './logins.ts'
import type { Presenter } from './presenter.ts'
import { aboutPressure, dayWords, pressureLines, pressureRow, surveyNote } from './pressure.ts'

/** The word of each kind: a login stands out in upper case. */
export const KINDS: Readonly<Record<LogKind, { readonly word: Safe; readonly role: Role }>> = {
  accepted: { word: say`ACCEPTED`, role: 'warn' },
  failed: { word: say`failed`, role: 'plain' },
  invalid: { word: say`invalid`, role: 'plain' },
  left: { word: say`gave up`, role: 'plain' },
  knock: { word: say`knocked`, role: 'dim' },
  root: { word: say`as root`, role: 'plain' },
  account: { word: say`ACCOUNT`, role: 'warn' },
  ban: { word: say`banned`, role: 'plain' },
  other: { word: say``, role: 'dim' },
}

const METHODS: Readonly<Record<string, Safe>> = {
  publickey: say`key`,
  password: say`pass`,
  'keyboard-interactive/pam': say`kbd`,
  'keyboard-interactive': say`kbd`,
  'gssapi-with-mic': say`gss`,
}
type LogEvent = LogItem['event']

const methodWord = ({ method }: LogEvent): Safe => METHODS[method ?? ''] ?? method ?? say``

/** Kinds whose words say more than an address would. */
const IN_WORDS: ReadonlySet<LogKind> = new Set(['other', 'root', 'account'])

/** When a row began: the day too where there is room for it, or in place of the time where it was not today. */
function whenOf({ day, time }: LogEntry, width: number, { log }: ConsoleState): Cell {
  if (width >= 70) return { text: say`${safe(day.padEnd(6))} ${time}`, width: 15, role: 'dim' }
  return { text: day === (log.entries.at(-1)?.day ?? day) ? time : day, width: 8, role: 'dim' }
}

/** Whose a login is: of this session, like that, like one that is known, or of somebody else. */
function whose({ own, login }: LogEvent, { readings, log }: ConsoleState): Cell {
  if (own) return { text: say`you`, role: 'you' }
  const group = factsOf(readings.byArea.securelog)?.logins.find(({ id }) => id === login)
  if (group?.own) return { text: say`you, before`, role: 'you' }
  return group && log.known?.has(acknowledgementOf(group))
    ? { text: say`known`, role: 'good' }
    : { text: say`not yours`, role: 'warn' }
}

/** One connection, or one run of a program: when it began, what became of it, and who it was. */
function eventRow(event: LogEvent, width: number, state: ConsoleState): Line {
  const { kind, told, own } = event
  const { word, role } = KINDS[kind]
  const began = event.entries[0] ?? told
  const head = [whenOf(began, width, state), { text: event.trusted ? say` ` : say`?`, width: 1, role: 'warn' as const }]
  if (kind === 'other')
    return columns([...head, { text: say`${told.program}: ${told.text}`, grow: true, role: 'dim' }], width)
  const accepted = kind === 'accepted'
  const times = accepted ? 1 : Math.max(event.count, event.tries)
  return columns(
    [
      ...head,
      { text: word, width: 8, role: own ? 'good' : role },
      {
        text: event.user ?? say`?`,
        width: Math.max(8, Math.min(20, Math.floor(width * 0.16))),
        role: accepted ? 'strong' : 'plain',
      },
      ...(IN_WORDS.has(kind)
        ? [{ text: told.text, grow: true as const, role: 'dim' as const }]
        : [
            { text: accepted ? methodWord(event) : say``, width: 4, role: 'dim' as const },
            { text: event.address ?? say``, grow: true as const },
          ]),
      ...(accepted && event.tries > 0 ? [{ text: say`after ${event.tries} failed`, role: 'warn' as const }] : []),
      ...(times > 1 ? [{ text: say`×${times}`, role: 'strong' as const }] : []),
      ...(accepted ? [whose(event, state)] : []),
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

/** By what it is told who got in and who tried: all of the log, as far as it was read, or the lines at hand. */
function wholeWords({ whole, entries }: ConsoleState['log']): Safe {
  switch (whole.state) {
    case 'unread':
      return say`by the last ${entries.length} lines`
    case 'reading':
      return whole.upTo === null
        ? say`reading all of it…`
        : say`reading all of it: ${shortCount(whole.lines)} lines, up to ${dayWords(whole.upTo)}…`
    case 'read': {
      const { survey, cutOff } = whole
      const since = survey.from === null ? say`` : say` since ${dayWords(survey.from)}`
      if (cutOff && !survey.ended) return say`by only ${shortCount(survey.lines)} lines: ${cutOff}`
      const part = survey.unread.length > 0 ? say`, but for ${survey.unread.length} it could not read` : say``
      return say`by all ${shortCount(survey.lines)} lines${since}${part}`
    }
  }
}

function title(state: ConsoleState): Safe {
  const facts = factsOf(state.readings.byArea.securelog)
  if (!facts) return say`Secure log`
  const { source, other } = facts
  const name = nameOf(source)
  // Where there is no room for all of it, this is what can be missed.
  const not = other ? say`, not ${nameOf(other)}` : say``
  const { held } = state.log
  if (held)
    return say`Secure log ─ ${name} · held, ${shortCount(held.entries.length + held.lost)} newer wait, p lets them in`
  const moved = state.view.panes.securelog.cursor !== null && state.log.follow === 'following'
  if (state.view.logShows !== 'lines') {
    const what = state.view.logShows === 'logins' ? say`who got in` : say`who tried`
    return say`Secure log ─ ${what}, ${wholeWords(state.log)}`
  }
  return say`Secure log ─ ${name} · ${moved ? say`held, G follows` : FOLLOW[state.log.follow]}${not}`
}

function eventLines(event: LogEvent, width: number): readonly Line[] {
  const { kind, told, entries, leftOut, tries } = event
  const { word, role } = KINDS[kind]
  const [began, ended] = [entries[0] ?? told, entries.at(-1) ?? told]
  const until = ended.time === began.time && ended.day === began.day ? say`` : say`, until ${ended.day} ${ended.time}`
  return [
    ...field(say`when`, say`${began.day} ${began.time}${until}`, width),
    ...field(say`what`, word === '' ? say`other` : word, width, role),
    ...(event.user ? field(say`user`, event.user, width, 'strong') : []),
    ...(event.address ? field(say`from`, event.address, width) : []),
    ...(event.method ? field(say`method`, event.method, width) : []),
    ...field(say`program`, told.pid ? say`${told.program}, process ${told.pid}` : told.program, width),
    ...(tries > 0 ? field(say`failed`, plural(tries, say`try`, say`tries`), width) : []),
    ...(kind === 'root' && event.count > 1 ? field(say`times`, say`${event.count}, one after the other`, width) : []),
    ...(event.own ? field(say`you`, say`this is the login of this very session`, width, 'you') : []),
    ...(event.trusted
      ? []
      : field(
          say`? source`,
          say`unverified: any local user could have written ${entries.length > 1 ? say`these lines` : say`this line`} into the log`,
          width,
          'warn',
        )),
    EMPTY,
    ...entries.flatMap((entry, at) => [
      ...(leftOut > 0 && at === entries.length / 2 ? wrap(say`… ${leftOut} more lines …`, width, 'dim') : []),
      ...wrap(say`${entry.time} ${entry.text}`, width, entry === told ? 'plain' : 'dim'),
    ]),
  ]
}

/** Whether there are older lines than those at hand, which may tell of more. */
const hasMore = ({ before, entries }: ConsoleState['log']): boolean =>
  before === null ? entries.length >= LOG_READ : before !== 'start'

/** The secure log: tries and logins as they come. */
export const securelogPresenter: Presenter<LogListItem> = {
  title,
  note: (state, lists) => {
    if (state.readings.byArea.securelog.state !== 'present') return EMPTY
    const survey = state.view.logShows === 'lines' ? null : surveyOf(state.log.whole)
    if (survey) return surveyNote(survey)
    const { failed, strangers } = logCounts(state, lists)
    const file = factsOf(state.readings.byArea.securelog)?.source.kind === 'file'
    return [
      span(
        say`${hasMore(state.log) ? say`at least ` : say``}${shortCount(failed)} failed`,
        failed > 0 ? 'plain' : 'good',
      ),
      ...(strangers > 0 ? [span(say` · ${shortCount(strangers)} not yours`, 'warn')] : []),
      ...(file ? [span(say` · ? unverified`, 'warn')] : []),
    ]
  },
  row: (item, width, state) => {
    if (item.kind === 'log') return eventRow(item.event, width, state)
    if (item.kind === 'older') return line(olderWords(item), 'dim')
    if (item.kind === 'finding') return findingRow(item, width)
    return item.kind === 'login' ? loginRow(item, width) : pressureRow(item.row, width)
  },
  about: (item) => {
    if (item.kind === 'login') return aboutLogin(item)
    if (item.kind === 'pressure') return aboutPressure(item.row)
    if (item.kind === 'older') return olderWords(item)
    if (item.kind === 'finding') return aboutFinding(item.finding)
    const { told, entries, trusted } = item.event
    const more = entries.length > 1 ? say` (${entries.length + item.event.leftOut} lines: Enter)` : say``
    const these = entries.length > 1 ? say`these lines` : say`this line`
    const doubt = trusted ? say`` : say` (any local user could have written ${these})`
    return say`${told.text}${more}${doubt}`
  },
  detail: (item, width) => {
    if (item.kind === 'log') return eventLines(item.event, width)
    if (item.kind === 'older') return wrap(olderWords(item), width)
    if (item.kind === 'finding') return findingLines(item.finding, width)
    return item.kind === 'login' ? loginLines(item, width) : pressureLines(item.row, width)
  },
  empty: (state) => {
    if (state.view.logShows === 'logins') return say`Nobody logged in, as far as it was read.`
    if (state.view.logShows === 'pressure') return say`All of the log is being read; this is safe to leave.`
    return state.log.reason
      ? say`No lines yet, and the log is no longer followed: ${state.log.reason}`
      : say`No lines yet.`
  },
}
