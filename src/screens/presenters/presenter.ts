import type { AreaId } from '../../services/model/area.ts'
import type { Safe } from '../../services/model/safe.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import type { PaneItem, Selectors } from '../../state/lists/selectors.ts'
import type { Line } from '../text/line.ts'

/** How one area is drawn: pure functions from state and items to lines. */
export type Presenter = {
  readonly area: AreaId
  /** In the upper border, after the number. */
  readonly title: (state: ConsoleState) => Safe
  /** At the right of the upper border. */
  readonly note: (state: ConsoleState, lists: Selectors) => Line
  /** Lines above the list; as many as `HEAD_ROWS` says. */
  readonly head?: (state: ConsoleState, lists: Selectors, width: number) => readonly Line[]
  readonly row: (item: PaneItem, width: number, state: ConsoleState) => Line
  /** One sentence about the item under the cursor, for the status line. */
  readonly about: (item: PaneItem) => Safe
  /** What stands in place of rows where there are none. */
  readonly empty: (state: ConsoleState) => Safe
}
