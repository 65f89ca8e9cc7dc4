import { type Safe, say } from '../../../services/model/safe.ts'
import type { LogKind } from '../../../services/model/securelog.ts'
import type { Kit } from '../../kit.ts'
import { placeOf } from '../../lists/place.ts'
import { withPane } from '../../slices/view.ts'
import { itemUnderCursor } from '../../under-cursor/item.ts'
import { putCursor } from '../../under-cursor/put.ts'
import type { AreaKey, Now } from '../area-view.ts'
import { stageOnly, stageShutOut } from './doors.ts'
import { toggleKnown } from './known.ts'
import type { LogListItem } from './list.ts'
import { togglePause } from './older.ts'
import { readWholeLog, stopReading } from './whole.ts'

/** To the next line of some kind below the cursor; from the last one to the first. */
function toNext(kit: Kit, kinds: readonly LogKind[], nothing: 'failure' | 'login'): Now {
  return {
    run: () => {
      const state = kit.get()
      const list = kit.lists.pane(state, 'securelog')
      const items = list.items as readonly LogListItem[]
      const here = placeOf(list, state.view.panes.securelog, kit.lists.followsEnd('securelog'))
      const isOne = (item: LogListItem): boolean => item.kind === 'log' && kinds.includes(item.event.kind)
      const below = items.findIndex((item, at) => at > here && isOne(item))
      const found = below >= 0 ? below : items.findIndex(isOne)
      const item = items[found]
      if (!item) return nothing === 'failure' ? say`no try failed in these lines` : say`nobody logged in in these lines`
      putCursor(kit, 'securelog', item.id)
      if (below < 0) kit.tell('info', say`From the top: there is none below.`)
    },
  }
}

/** Who got in and who tried stand from the top, the lines from their end on. Of both all that there is is read. */
function toggle(kit: Kit, shows: 'logins' | 'pressure'): Safe | null {
  const logShows = kit.get().view.logShows === shows ? 'lines' : shows
  const why = logShows === 'lines' ? null : readWholeLog(kit)
  // On the first row until the operator moves, whatever comes to stand there while the log is read.
  const cursor = logShows === 'lines' ? null : 'pressure:sum'
  kit.set(({ view }) => ({ view: withPane({ ...view, logShows }, 'securelog', { cursor, words: '', top: 0, at: 0 }) }))
  return why && say`Only what is here already is shown: ${why}.`
}

/** Keys of the secure log. */
export const LOG_KEYS: readonly AreaKey[] = [
  {
    id: 'log.failure',
    keys: ['e'],
    label: 'next failure',
    help: 'To the next failed try below the cursor.',
    footer: 12,
    what: (kit) => toNext(kit, ['failed', 'invalid', 'left'], 'failure'),
  },
  {
    id: 'log.success',
    keys: ['w'],
    label: 'next login',
    help: 'To the next login below the cursor.',
    footer: 13,
    what: (kit) => toNext(kit, ['accepted'], 'login'),
  },
  {
    id: 'log.logins',
    keys: ['l'],
    label: 'who got in',
    help: 'Who got in, by all of the log, in place of the lines: user, address, method and key once each, with how often and since when; again, and the lines are back.',
    footer: 10,
    what: (kit) => ({ run: () => toggle(kit, 'logins') }),
  },
  {
    id: 'log.pressure',
    keys: ['a'],
    label: 'who tried',
    help: 'Who tried and failed, by all of the log, in place of the lines: how often, when, from which addresses and networks, as whom; again, and the lines are back.',
    footer: 11,
    what: (kit) => ({ run: () => toggle(kit, 'pressure') }),
  },
  {
    id: 'log.pause',
    keys: ['p'],
    label: 'hold',
    help: 'Hold the lines: new ones wait, so that nothing moves; again, and they come in. While all of the log is read, in place of the lines: stop that.',
    footer: 16,
    what: (kit) => stopReading(kit) ?? togglePause(kit),
  },
  {
    id: 'log.known',
    keys: ['K'],
    label: 'I know him',
    help: 'Says that you know who got in here; again, and you do no longer. It is kept on this machine, for this server.',
    footer: 15,
    what: (kit) => toggleKnown(kit, itemUnderCursor(kit, kit.get()) as LogListItem | undefined),
  },
  {
    id: 'log.shut-out',
    keys: ['x'],
    label: 'shut out',
    help: 'Stages a rule that drops all that comes from the address or network of this row.',
    footer: 14,
    what: stageShutOut,
  },
  {
    id: 'log.only',
    keys: ['o'],
    label: 'only these',
    help: 'Stages rules that let nobody log in by this port but you and whoever comes from the address of this row; on another row, and that one is let in as well.',
    footer: 17,
    what: stageOnly,
  },
]
