import type { AreaId } from '../../services/model/area.ts'
import type { ListView } from '../slices/view.ts'
import type { List, ListItem } from './list.ts'

/** The pane whose cursor, unless the operator moved it, stays on the newest item. */
export const followsEnd = (pane: AreaId): boolean => pane === 'securelog'

/** Where the cursor stands in a list as it is now; -1 in an empty one. */
export function placeOf(list: List<ListItem>, view: ListView, atEnd: boolean): number {
  const last = list.items.length - 1
  if (last < 0) return -1
  if (view.cursor === null) return atEnd ? last : 0
  const found = list.indexOf(view.cursor)
  return found >= 0 ? found : Math.min(Math.max(0, view.at), last)
}
