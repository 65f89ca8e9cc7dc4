import type { AreaId } from '../../services/model/areas.ts'
import { say } from '../../services/model/safe.ts'
import { baselineHeight } from '../areas/firewall/baseline-list.ts'
import { firewallLists } from '../areas/firewall/lists.ts'
import { VIEWS } from '../areas/table.ts'
import type { Kit } from '../kit.ts'
import { windowTop } from '../layout.ts'
import type { List, ListItem } from '../lists/list.ts'
import { placeOf } from '../lists/place.ts'
import type { ListView } from '../slices/list-view.ts'
import { topScreen, withPane } from '../slices/view.ts'
import { itemUnderCursor } from '../under-cursor/item.ts'
import { historyHeight } from '../under-cursor/past.ts'
import { putCursor } from '../under-cursor/put.ts'
import { stagedHeight, stagedList } from '../under-cursor/staged.ts'

export type CursorActions = {
  /** Moves the cursor (or scrolls a text) by so many rows. */
  readonly move: (rows: number) => void
  readonly toEnd: (end: 'first' | 'last') => void
  /** Half a page; a text scrolls, a list moves its cursor. */
  readonly page: (direction: 1 | -1) => void
  /** Next match of the filter; without one, the next thing to fix or staged. */
  readonly next: (direction: 1 | -1) => void
  readonly putCursor: (pane: AreaId, id: string) => void
  /** A screen says how long its text is and how much of it is seen. */
  readonly measured: (lines: number, height: number) => void
}

/** The list that j and k move in, and where its cursor is kept. */
type Moving = {
  readonly list: List<ListItem>
  readonly view: ListView
  readonly height: number
  readonly atEnd: boolean
  /** Whether the page keys move in it; else they scroll the text below. */
  readonly pages: boolean
  readonly save: (change: Partial<ListView>) => void
}

/** The list of the screen on top; null where there is only text. */
function movingIn({ get, set, lists }: Kit): Moving | null {
  const state = get()
  const screen = topScreen(state.view).kind
  if (screen === 'staged')
    return {
      list: stagedList(state),
      view: state.view.staged,
      height: stagedHeight(state, lists.layout(state).body.height),
      atEnd: false,
      pages: false,
      save: (change) => set(({ view }) => ({ view: { ...view, staged: { ...view.staged, ...change } } })),
    }
  if (screen === 'history')
    return {
      list: lists.history(state),
      view: state.view.history,
      height: historyHeight(lists.layout(state).body.height),
      atEnd: false,
      pages: true,
      save: (change) => set(({ view }) => ({ view: { ...view, history: { ...view.history, ...change } } })),
    }
  if (screen === 'baseline') {
    const rows = firewallLists(lists).baseline(state)?.rows
    if (!rows) return null
    return {
      list: rows,
      view: state.view.baseline.list,
      height: baselineHeight(state, rows.items.length, lists.layout(state).body.height),
      atEnd: false,
      pages: false,
      save: (change) =>
        set(({ view }) => ({
          view: { ...view, scroll: 0, baseline: { ...view.baseline, list: { ...view.baseline.list, ...change } } },
        })),
    }
  }
  if (screen !== 'dashboard') return null
  const pane = state.view.focused
  return {
    list: lists.pane(state, pane),
    view: state.view.panes[pane],
    height: lists.paneHeight(state, pane),
    atEnd: lists.followsEnd(pane),
    pages: true,
    save: (change) => set(({ view }) => ({ view: withPane(view, pane, change) })),
  }
}

function go(to: Moving, place: number): void {
  const last = to.list.items.length - 1
  const at = Math.max(0, Math.min(last, place))
  const top = windowTop(to.view.top, at, to.list.items.length, to.height)
  // At the newest entry of a log the cursor lets go, so that it follows what comes.
  const item = to.atEnd && at === last ? undefined : to.list.items[at]
  to.save({ cursor: item?.id ?? null, words: item?.search() ?? '', at, top })
}

/** The next place worth looking at; null when there is none. */
function nextPlace(kit: Kit, to: Moving, direction: 1 | -1): number | null {
  const state = kit.get()
  const pane = state.view.focused
  const { items } = kit.lists.pane(state, pane)
  const filtered = state.view.panes[pane].filter !== ''
  const start = placeOf(to.list, to.view, to.atEnd)
  for (let step = 1; step <= items.length; step++) {
    const at = (start + direction * step + items.length * 2) % items.length
    const item = items[at]
    if (item && (filtered || VIEWS[pane].isNotable(item))) return at
  }
  return null
}

/** Moving the cursor of a list, or scrolling a text. */
export function createCursorActions(kit: Kit): CursorActions {
  const { get, set } = kit
  const scroll = (rows: number): void =>
    set(({ view }) => ({ view: { ...view, scroll: Math.max(0, Math.min(view.scrollMax, view.scroll + rows)) } }))
  /** An area hears where in its pane the cursor has come to. */
  const cameTo = (): void => {
    const { view } = get()
    if (topScreen(view).kind !== 'dashboard') return
    VIEWS[view.focused].cameTo?.(kit, itemUnderCursor(kit, get())?.id ?? null)
  }
  const move = (rows: number): void => {
    const to = movingIn(kit)
    if (!to) return scroll(rows)
    go(to, placeOf(to.list, to.view, to.atEnd) + rows)
    cameTo()
  }
  return {
    move,
    toEnd: (end) => {
      const to = movingIn(kit)
      if (!to) return scroll(end === 'first' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
      go(to, end === 'first' ? 0 : Number.POSITIVE_INFINITY)
      cameTo()
    },
    page: (direction) => {
      const to = movingIn(kit)
      if (to?.pages) move(direction * Math.max(1, Math.floor(to.height / 2)))
      else scroll(direction * Math.max(1, Math.floor(get().view.scrollPage / 2)))
    },
    next: (direction) => {
      const to = movingIn(kit)
      const place = to && nextPlace(kit, to, direction)
      if (to && place !== null) go(to, place)
      else kit.tell('info', say`Nothing here needs you: no match, nothing to fix, nothing staged.`)
    },
    putCursor: (pane, id) => putCursor(kit, pane, id),
    measured: (lines, height) =>
      set(({ view }) => {
        const scrollMax = Math.max(0, lines - height)
        if (view.scrollMax === scrollMax && view.scrollPage === height && view.scroll <= scrollMax) return {}
        return { view: { ...view, scrollMax, scrollPage: height, scroll: Math.min(view.scroll, scrollMax) } }
      }),
  }
}
