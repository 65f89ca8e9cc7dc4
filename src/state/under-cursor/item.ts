import type { ConsoleState } from '../console-state.ts'
import type { PaneItem } from '../lists/list.ts'
import type { Lists } from '../lists/lists.ts'
import { placeOf } from '../lists/place.ts'

/** What is asked about the cursor knows the lists, and sets nothing going. */
export type Looking = { readonly lists: Lists }

/** The item of the focused pane that the cursor is on. */
export function itemUnderCursor({ lists }: Looking, state: ConsoleState): PaneItem | null {
  const pane = state.view.focused
  const list = lists.pane(state, pane)
  return list.items[placeOf(list, state.view.panes[pane], lists.followsEnd(pane))] ?? null
}
