import type { ListView } from '../slices/list-view.ts'
import type { List, ListItem } from './list.ts'

/**
 * Where the cursor stands in a list as it is now; -1 in an empty one. An item that has gone leaves it to the one with its
 * words, else to what stands in its place.
 */
export function placeOf(list: List<ListItem>, view: ListView, atEnd: boolean): number {
  const last = list.items.length - 1
  if (last < 0) return -1
  if (view.cursor === null) return atEnd ? last : 0
  const found = list.indexOf(view.cursor)
  if (found >= 0) return found
  const twin = atEnd || view.words === '' ? -1 : list.items.findIndex((item) => item.search() === view.words)
  return twin >= 0 ? twin : Math.min(Math.max(0, view.at), last)
}
