import { securelog } from '../../../services/areas/securelog/area.ts'
import { say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import { rememberLast } from '../../lists/list.ts'
import type { Lists } from '../../lists/lists.ts'
import type { AreaView } from '../area-view.ts'
import { countLog, createLogItems, type LogCounts, type LogItem } from './list.ts'

const createLists = (_lists: Lists) => ({ items: rememberLast(createLogItems()), counts: rememberLast(countLog) })

/** How the log breaks down. */
export const logCounts = (state: ConsoleState, lists: Lists): LogCounts =>
  lists.own(createLists).counts(state.log.entries)

/** The secure log: tries and logins as they come. */
export const securelogView: AreaView<'securelog', LogItem> = {
  area: securelog,
  title: 'Secure log',
  cell: 'br',
  items: (state, lists) => lists.own(createLists).items(state.log.entries),
  isNotable: ({ entry }) => entry.kind === 'accepted',
  text: ({ entry }) => say`${entry.day} ${entry.time} ${entry.program}: ${entry.text}`,
  followsEnd: true,
  keys: [],
}
