import type { AreaId } from '../../services/model/areas.ts'
import { say } from '../../services/model/safe.ts'
import { AREA_IDS } from '../areas/table.ts'
import type { Kit } from '../kit.ts'
import { filteredList, listView, popScreen, pushScreen, type Screen, withList } from '../slices/view.ts'
import { itemUnderCursor } from '../under-cursor/item.ts'

export type NavigateActions = {
  readonly focus: (pane: AreaId) => void
  readonly focusNext: (direction: 1 | -1) => void
  readonly zoom: () => void
  readonly open: (screen: Screen) => void
  readonly openDetail: () => void
  readonly back: () => void
  readonly resize: (columns: number, rows: number) => void
}

/** Going from pane to pane and from screen to screen. */
export function createNavigateActions(kit: Kit): NavigateActions {
  const { get, set } = kit
  const focus = (pane: AreaId): void =>
    set(({ view }) => ({
      view: { ...view, focused: pane, screens: view.screens.filter((screen) => screen.kind === 'dashboard') },
    }))
  return {
    focus,
    focusNext: (direction) => {
      const at = AREA_IDS.indexOf(get().view.focused)
      focus(AREA_IDS[(at + direction + AREA_IDS.length) % AREA_IDS.length] as AreaId)
    },
    zoom: () => set(({ view }) => ({ view: { ...view, zoomed: !view.zoomed } })),
    open: (screen) => set(({ view }) => ({ view: pushScreen(view, screen) })),
    openDetail: () => {
      const state = get()
      const item = itemUnderCursor(kit, state)
      if (item)
        set(({ view }) => ({ view: pushScreen(view, { kind: 'detail', pane: state.view.focused, itemId: item.id }) }))
      else kit.tell('info', say`There is nothing under the cursor.`)
    },
    back: () => goBack(kit),
    resize: (columns, rows) => set(({ view }) => ({ view: { ...view, size: { columns, rows } } })),
  }
}

/** Esc: clears the filter of a list on top, leaves the top screen, else clears the pane's filter, else the zoom. */
function goBack(kit: Kit): void {
  const { view } = kit.get()
  const list = filteredList(view)
  const filtered = listView(view, list).filter !== ''
  if (view.screens.length > 1 && !(list === 'history' && filtered)) kit.set(() => ({ view: popScreen(view) }))
  else if (filtered) kit.set(() => ({ view: withList(view, list, { filter: '', top: 0 }) }))
  else if (view.zoomed) kit.set(() => ({ view: { ...view, zoomed: false } }))
}
