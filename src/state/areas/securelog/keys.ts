import { say } from '../../../services/model/safe.ts'
import type { LogKind } from '../../../services/model/securelog.ts'
import type { Kit } from '../../kit.ts'
import { placeOf } from '../../lists/place.ts'
import { withPane } from '../../slices/view.ts'
import { putCursor } from '../../under-cursor/put.ts'
import type { AreaKey, Now } from '../area-view.ts'
import type { LogListItem } from './list.ts'

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

/** Who got in stands from the top, the lines from their end on. */
function toggleLogins(kit: Kit): void {
  const logShows = kit.get().view.logShows === 'lines' ? 'logins' : 'lines'
  kit.set(({ view }) => ({ view: withPane({ ...view, logShows }, 'securelog', { cursor: null, top: 0, at: 0 }) }))
  const [first] = kit.lists.pane(kit.get(), 'securelog').items
  if (logShows === 'logins' && first) putCursor(kit, 'securelog', first.id)
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
    help: 'Who got in, in place of the lines: user, address, method and key once each, with how often and since when; again, and the lines are back.',
    footer: 11,
    what: (kit) => ({ run: () => toggleLogins(kit) }),
  },
]
