import type { ConsoleState } from '../console-state.ts'
import { placeOf } from '../lists/place.ts'
import { topScreen } from '../slices/view.ts'
import type { Looking } from './item.ts'

/** The past transaction that a key is about: the one shown, or the one under the cursor of the list. */
export function pastUnderCursor({ lists }: Looking, state: ConsoleState): string | null {
  const screen = topScreen(state.view)
  if (screen.kind === 'past') return screen.id
  if (screen.kind !== 'history') return null
  const list = lists.history(state)
  return list.items[placeOf(list, state.view.history, false)]?.id ?? null
}

/** Rows of the history screen that hold transactions: without its borders and the line of headings. */
export const historyHeight = (bodyHeight: number): number => Math.max(1, bodyHeight - 3)
