import type { AreaId } from '../../services/model/areas.ts'
import type { Kit } from '../kit.ts'
import { windowTop } from '../layout.ts'
import { withPane } from '../slices/view.ts'

/** Puts the cursor of a pane on an item, and the item in sight. */
export function putCursor({ get, set, lists }: Kit, pane: AreaId, id: string): void {
  const state = get()
  const list = lists.pane(state, pane)
  const at = list.indexOf(id)
  if (at < 0) return
  const top = windowTop(state.view.panes[pane].top, at, list.items.length, lists.paneHeight(state, pane))
  set(({ view }) => ({
    view: withPane(view, pane, { cursor: id, words: list.items[at]?.search() ?? '', at, top }),
  }))
}
