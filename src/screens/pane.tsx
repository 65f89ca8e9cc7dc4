import { memo } from 'react'
import type { AreaId } from '../services/model/areas.ts'
import { say } from '../services/model/safe.ts'
import { AREA_IDS } from '../state/areas/table.ts'
import type { ConsoleState } from '../state/console-state.ts'
import type { Rect } from '../state/layout.ts'
import { topScreen } from '../state/slices/view.ts'
import { PRESENTERS } from './areas/table.ts'
import { beyond, PaneFrame } from './parts/pane-frame.tsx'
import { EMPTY, type Line, line, span, wrap } from './text/line.ts'
import { windowOf } from './text/window.ts'
import { useConsole, useLook } from './use-console.ts'

type Props = { readonly pane: AreaId; readonly rect: Rect }

/** What is said in place of rows: being read, absent, unreadable, or nothing there. */
function placeholder(state: ConsoleState, pane: AreaId, total: number): Line | null {
  const reading = state.readings.byArea[pane]
  if (reading.state === 'unread') {
    const waiting = state.connection.attempt === 'failed' ? say`not read: there is no connection` : say`reading…`
    return line(waiting, 'dim')
  }
  if (reading.state === 'absent') return line(say`Not here: ${reading.reason}.`, 'dim')
  if (reading.state === 'unreadable') return line(say`Can't be read: ${reading.reason}.`, 'warn')
  const { filter } = state.view.panes[pane]
  if (total > 0 && filter !== '') return line(say`No row holds that text. Esc shows all ${total} again.`, 'dim')
  return total === 0 ? line(PRESENTERS[pane].empty(state), 'dim') : null
}

/** The state, looked at again only when a slice that this pane draws has changed: not on every tick or log line. */
function usePaneState(pane: AreaId): ConsoleState {
  useLook((state) => state.view)
  useLook((state) => state.readings)
  useLook((state) => state.staging)
  useLook((state) => state.connection.attempt)
  useLook((state) => state.connection.host)
  useLook((state) => (pane === 'securelog' ? state.log : null))
  return useConsole().store.getState()
}

/** One pane: its title, what is to fix, and the rows that fit. */
export const Pane = memo(function Pane({ pane, rect }: Props) {
  const { lists } = useConsole()
  const state = usePaneState(pane)
  const presenter = PRESENTERS[pane]
  const focused = state.view.focused === pane && topScreen(state.view).kind === 'dashboard'
  const width = Math.max(0, rect.width - 6)
  const list = lists.pane(state, pane)
  const view = state.view.panes[pane]
  const height = lists.paneHeight(state, pane)
  const seen = windowOf(list, view, height, lists.followsEnd(pane))
  const present = state.readings.byArea[pane].state === 'present'
  const head = present ? (presenter.head?.(state, lists, rect.width - 4) ?? []) : []
  const instead = seen.items.length === 0 ? placeholder(state, pane, list.total) : null
  const marker = span(say`▸ `, 'focus')
  const rows: readonly Line[] = instead
    ? [EMPTY, ...wrapLine(instead, rect.width - 6)]
    : seen.items.map((item, at) => [
        focused && at === seen.cursor ? marker : span(say`  `),
        ...presenter.row(item, width, state),
      ])
  const number = AREA_IDS.indexOf(pane) + 1
  const title: Line = [
    span(say`${number} ${presenter.title(state)}`, focused ? 'strong' : 'plain'),
    ...(view.filter === '' ? [] : [span(say` ─ filter: ${list.items.length} of ${list.total}`, 'warn')]),
    span(say` `),
  ]
  return (
    <PaneFrame
      rect={rect}
      title={title}
      note={presenter.note(state, lists)}
      foot={beyond(seen.above, seen.below)}
      focused={focused}
      rows={[...head, ...rows]}
      selected={focused && !instead && seen.cursor >= 0 ? head.length + seen.cursor : -1}
    />
  )
})

const wrapLine = (one: Line, width: number): readonly Line[] =>
  one.flatMap((part) => wrap(part.text, width, part.role)).map((row) => [span(say`  `), ...row])
