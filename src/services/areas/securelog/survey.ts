import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { LogEntry, LogSource, Survey, Zone } from '../../model/securelog.ts'
import { createBanned } from './banned.ts'
import { createFolder } from './events.ts'
import { createRecent, lineKey } from './gathering.ts'
import { createNames } from './hosts-file.ts'
import { createLogins } from './logins.ts'
import { createReader } from './reader.ts'
import { createTally } from './tally.ts'
import { createWtmp } from './wtmp.ts'
import { readZone, wallClockOf } from './zone.ts'

/** Lines about accounts that are kept, the newest. */
const ACCOUNTS = 200
/** Gaps that are told of. */
const GAPS = 20
/** Files, and reasons, that are named: no server has more, and one that makes them up gets no further. */
const NAMED = 1000
/** So long a silence of a log that is written every day is worth a word; and clocks are set back by less. Milliseconds. */
const DAY = 86_400_000
const SET_BACK = 3_600_000 * 2

/**
 * Reads what `surveyScript` prints, line by line, oldest first. Files count for the time before the journal begins: what
 * stands in both is told once, by the one that can be trusted. Nothing that is kept grows with the log.
 */
export function createSurvey(host: HostFacts, now: number) {
  const fold = createFolder(0)
  const tally = createTally()
  const logins = createLogins()
  const wtmp = createWtmp()
  const banned = createBanned()
  const names = createNames()
  const accounts: LogEntry[] = []
  const sources: Safe[] = []
  const unread: Safe[] = []
  const gaps: Safe[] = []
  const recent = createRecent()
  let zone = readZone('')
  let wallNow: number | null = null
  let [lines, lastId] = [0, 0]
  let from: number | null = null
  let to: number | null = null
  let journalFrom = Number.POSITIVE_INFINITY
  let source: Safe = safe('')
  let read: (line: string) => LogEntry | null = () => null
  let ended = false

  const notRead = (words: Safe): void => {
    if (unread.length < NAMED) unread.push(words)
  }
  const begin = (name: Safe, of: LogSource, before: number): void => {
    source = name
    if (sources.length < NAMED) sources.push(name)
    read = createReader(of, host, { id: lastId, at: before })
  }
  const seeGap = (at: number, { day, time }: LogEntry): void => {
    if (to === null || gaps.length >= GAPS) return
    if (at < to - SET_BACK) gaps.push(say`the clock of the lines goes back by ${hoursOf(to - at)} to ${day} ${time}`)
    else if (at > to + DAY) gaps.push(say`no line for ${hoursOf(at - to)} until ${day} ${time}`)
  }
  /** Nothing at the end, where the login of this very session should stand. */
  const silence = (): readonly Safe[] =>
    to !== null && wallNow !== null && wallNow > to + DAY ? [say`no line for ${hoursOf(wallNow - to)} until now`] : []
  const take = (line: string, isFile: boolean): void => {
    const entry = read(line)
    if (!entry) return
    lastId = entry.id
    if (isFile && Math.floor(entry.at / 1000) >= Math.floor(journalFrom / 1000)) return
    lines += 1
    if (!Number.isNaN(entry.at)) {
      seeGap(entry.at, entry)
      from ??= entry.at
      to = entry.at
    }
    recent.add(lineKey(entry))
    const folded = fold(entry)
    tally.add(entry, folded)
    logins.add(entry, tally.from(entry.address))
    if (entry.kind === 'accepted') wtmp.login(entry)
    if (entry.kind === 'account') accounts.push(entry)
    if (accounts.length > 2 * ACCOUNTS) accounts.splice(0, ACCOUNTS)
  }
  const mark = (words: string): void => {
    const [what, ...rest] = words.split(' ')
    const text = rest.join(' ')
    switch (what) {
      case 'zone':
        zone = readZone(text)
        wallNow = wallClockOf(text)
        break
      case 'first': {
        const first = createReader(journal(zone), host, { id: 0, at: now })(text)
        if (first) journalFrom = first.at
        break
      }
      case 'file': {
        const [written = '', ...path] = rest
        begin(safe(path.join(' ')), { kind: 'file', path: path.join(' ') }, Number(written) * 1000 || now)
        break
      }
      case 'empty':
        if (gaps.length < GAPS) gaps.push(say`${safe(text)} is empty`)
        break
      case 'uid':
        if (text !== '0') notRead(say`what only root may read`)
        break
      case 'closed':
        notRead(say`${safe(text)}: only others may read it`)
        break
      case 'wtmp':
      case 'lastlog':
      case 'btmp':
        wtmp.begin(what)
        break
      case 'jails':
      case 'nojails':
        banned.begin(what === 'jails')
        break
      case 'jail':
        banned.jail(text)
        break
      case 'journal':
        begin(say`the journal`, journal(zone), now)
        break
      case 'done':
        if (!/^0( 0)*$/.test(text)) notRead(say`${source}: it could not be read to its end`)
        break
      case 'end':
        ended = true
    }
  }
  /** What stands beside the log, by the first letter of its lines. */
  const beside: Readonly<Record<string, (line: string) => void>> = {
    ...{ w: wtmp.feed, g: wtmp.feedLatest, b: wtmp.feedBad, f: banned.feed, h: names.feed },
  }
  return {
    /** Takes the next line of what is printed. */
    feed: (line: string): void => {
      if (line[0] === '+') take(line.slice(1), true)
      else if (line[0] === '{') take(line, false)
      else if (line.startsWith('= ')) mark(line.slice(2))
      else beside[line[0] ?? '']?.(line.slice(1))
    },
    /** How far it has come: lines, and the moment of the last one. */
    progress: () => ({ lines, to }),
    /** What was read. It is the end: nothing is fed any more. */
    result: (): Survey => ({
      ...{ lines, from, to, ended, lastLines: recent.keys() },
      sources: [...sources],
      unread: [...unread],
      gaps: ended ? [...gaps, ...silence()] : [...gaps],
      pressure: tally.result(),
      logins: logins.groups(),
      loginsBeyond: logins.beyond(),
      wtmp:
        !ended || unread.length > 0
          ? { state: 'unread', why: say`not all of the log was read` }
          : wtmp.result(from, to, tally.beyond() > 0 ? null : tally.from),
      bans: ended ? banned.result() : { state: 'unread' },
      names: names.result(),
      accounts: accounts.slice(-ACCOUNTS),
    }),
  }
}

const journal = (zone: Zone): LogSource => ({ kind: 'journal', zone })

function hoursOf(ms: number): Safe {
  const hours = Math.round(ms / 3_600_000)
  return hours < 48 ? say`${hours} h` : say`${Math.round(hours / 24)} days`
}
