import { securelog } from '../../../services/areas/securelog/area.ts'
import { say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import { rememberLast } from '../../lists/list.ts'
import type { Lists } from '../../lists/lists.ts'
import type { AreaView } from '../area-view.ts'
import { LOG_KEYS } from './keys.ts'
import { countLog, createLogItems, type LogCounts, type LogListItem, loginItems } from './list.ts'

const createLists = (_lists: Lists) => ({
  items: rememberLast(createLogItems()),
  logins: rememberLast(loginItems),
  counts: rememberLast(countLog),
})

/** How the log breaks down. */
export const logCounts = (state: ConsoleState, lists: Lists): LogCounts => {
  const { items, counts } = lists.own(createLists)
  return counts(items(state.log.entries))
}

/** The secure log: tries and logins as they come. */
export const securelogView: AreaView<'securelog', LogListItem> = {
  area: securelog,
  title: 'Secure log',
  cell: 'br',
  items: (state, lists) => {
    const { items, logins } = lists.own(createLists)
    return state.view.logShows === 'lines' ? items(state.log.entries) : logins(state.log.entries)
  },
  isNotable: (item) => (item.kind === 'log' ? item.event.kind === 'accepted' : !item.login.own),
  text: (item) => {
    const { day, time, program, text } = item.kind === 'log' ? item.event.told : item.login.last
    return say`${day} ${time} ${program}: ${text}`
  },
  followsEnd: true,
  keys: LOG_KEYS,
}
