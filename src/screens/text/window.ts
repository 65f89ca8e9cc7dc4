import { windowTop } from '../../state/layout.ts'
import type { List, ListItem } from '../../state/lists/list.ts'
import { placeOf } from '../../state/lists/place.ts'
import type { ListView } from '../../state/slices/list-view.ts'

/** The rows of a list that are seen: only these are ever drawn. */
export type Window<T> = {
  readonly items: readonly T[]
  /** Which of them the cursor is on; -1 for none. */
  readonly cursor: number
  readonly above: number
  readonly below: number
}

/** Cuts the window out of a list. */
export function windowOf<T extends ListItem>(list: List<T>, view: ListView, height: number, atEnd: boolean): Window<T> {
  const place = placeOf(list, view, atEnd)
  const start = atEnd && view.cursor === null ? list.items.length : view.top
  const top = windowTop(start, place, list.items.length, height)
  const items = list.items.slice(top, top + height)
  return { items, cursor: place - top, above: top, below: list.items.length - top - items.length }
}
