import { securelog } from '../../../services/areas/securelog/area.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { LoginGroup } from '../../../services/model/securelog.ts'
import type { ConsoleState } from '../../console-state.ts'
import { findingText } from '../../lists/finding-list.ts'
import { rememberLast } from '../../lists/list.ts'
import type { Lists } from '../../lists/lists.ts'
import { surveyOf } from '../../slices/log.ts'
import type { AreaView } from '../area-view.ts'
import { LOG_KEYS } from './keys.ts'
import {
  countLog,
  createLogItems,
  hisLogins,
  type LogCounts,
  type LogListItem,
  loginItems,
  olderWords,
  withOlder,
} from './list.ts'
import { cameTo } from './older.ts'
import { type PressureRow, pressureItems } from './pressure.ts'

const createLists = (_lists: Lists) => ({
  items: rememberLast(createLogItems()),
  older: rememberLast(withOlder),
  logins: rememberLast(loginItems),
  pressure: rememberLast(pressureItems),
  counts: rememberLast(countLog),
  his: rememberLast(hisLogins),
})

const NONE: readonly LoginGroup[] = []

/** How the log breaks down. */
export const logCounts = (state: ConsoleState, lists: Lists): LogCounts => {
  const { items, counts } = lists.own(createLists)
  return counts(items(state.log.entries), ownLogins(state, lists))
}

/** The logins that are the operator's own, or that he knows. */
const ownLogins = (state: ConsoleState, lists: Lists): ReadonlySet<string> =>
  lists.own(createLists).his(factsOf(state.readings.byArea.securelog)?.logins ?? NONE, state.log.known)

/** The secure log: tries and logins as they come. */
export const securelogView: AreaView<'securelog', LogListItem> = {
  area: securelog,
  title: 'Secure log',
  cell: 'br',
  items: (state, lists) => {
    const { items, older, logins, pressure } = lists.own(createLists)
    const { entries, before, reading, whole, known } = state.log
    switch (state.view.logShows) {
      case 'lines':
        return older(items(entries), before, reading)
      case 'logins':
        return logins(
          factsOf(state.readings.byArea.securelog)?.logins ?? NONE,
          known,
          state.readings.findings.securelog,
          surveyOf(whole),
        )
      case 'pressure':
        return pressure(surveyOf(whole), factsOf(state.readings.byArea.firewall), state.connection.host)
    }
  },
  isNotable: (item) => {
    if (item.kind === 'older') return false
    if (item.kind === 'finding') return true
    if (item.kind === 'log') return item.event.kind === 'accepted'
    return item.kind === 'login' ? !(item.login.own || item.isKnown) : item.row.what === 'head'
  },
  text: (item) => {
    if (item.kind === 'pressure') return rowText(item.row)
    if (item.kind === 'older') return olderWords(item)
    if (item.kind === 'finding') return findingText(item)
    const { day, time, program, text } = item.kind === 'log' ? item.event.told : item.login.last
    return say`${day} ${time} ${program}: ${text}`
  },
  followsEnd: true,
  cameTo,
  keys: LOG_KEYS,
}

function rowText(row: PressureRow): Safe {
  switch (row.what) {
    case 'sum':
      return say`${row.survey.pressure.tries} tries failed from ${row.survey.pressure.addresses.length} addresses`
    case 'chart':
      return safe(row.buckets.map(({ tries }) => tries).join(' '))
    case 'head':
      return row.title
    case 'note':
      return row.text
    default:
      return say`${row.of.name} ${row.of.tries}`
  }
}
