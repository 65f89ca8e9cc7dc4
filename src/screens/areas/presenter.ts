import type { Safe } from '../../services/model/safe.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import type { PaneItem } from '../../state/lists/list.ts'
import type { Lists } from '../../state/lists/lists.ts'
import type { Line } from '../text/line.ts'

/** How one area is drawn: pure functions from state and items to lines. */
export type Presenter<Item extends PaneItem = PaneItem> = {
  /** In the upper border, after the number. */
  title(state: ConsoleState): Safe
  /** At the right of the upper border. */
  note(state: ConsoleState, lists: Lists): Line
  /** Lines above the list; as many as the view's `headRows` says. */
  head?(state: ConsoleState, lists: Lists, width: number): readonly Line[]
  row(item: Item, width: number, state: ConsoleState): Line
  /** One sentence about the item under the cursor, for the status line. */
  about(item: Item): Safe
  /** All that is known about an item. */
  detail(item: Item, width: number): readonly Line[]
  /** What stands in place of rows where there are none. */
  empty(state: ConsoleState): Safe
}
