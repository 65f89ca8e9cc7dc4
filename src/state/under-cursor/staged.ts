import type { ConsoleState } from '../console-state.ts'
import { type List, type ListItem, makeList } from '../lists/list.ts'
import { placeOf } from '../lists/place.ts'

/** Things of the staged screen that the cursor goes over. */
export const stagedList = (state: ConsoleState): List<ListItem> =>
  makeList(
    state.staging.changes.map((change) => ({ id: change.id, search: () => change.summary })),
    '',
  )

/** The staged change under the cursor of the staged screen. */
export function changeUnderCursor(state: ConsoleState): string | null {
  const list = stagedList(state)
  return list.items[placeOf(list, state.view.staged, false)]?.id ?? null
}

/** Rows of the staged screen given to the list of changes. */
export const stagedHeight = (state: ConsoleState, bodyHeight: number): number =>
  Math.max(1, Math.min(state.staging.changes.length, Math.floor(bodyHeight / 3)))
