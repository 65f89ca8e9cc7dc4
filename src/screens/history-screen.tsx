import { safe, say } from '../services/model/safe.ts'
import { historyHeight } from '../state/under-cursor/past.ts'
import { beyond, PaneFrame } from './parts/pane-frame.tsx'
import { askedLine, historyHead, pastRow } from './presenters/history.ts'
import { EMPTY, indent, type Line, line, span } from './text/line.ts'
import { windowOf } from './text/window.ts'
import { useConsole, useLook } from './use-console.ts'

/** Every change that ended on this server, newest first. */
export function HistoryScreen() {
  const { lists, store } = useConsole()
  useLook((state) => state.history)
  useLook((state) => state.view)
  const state = store.getState()
  const rect = lists.layout(state).body
  const width = Math.max(10, rect.width - 6)
  const { list: asked } = state.history
  const view = state.view.history
  const list = lists.history(state)
  const seen = windowOf(list, view, historyHeight(rect.height), false)
  const said = askedLine(asked, say`what was done on this server before`, width)
  const instead: readonly Line[] =
    said.length > 0
      ? said
      : view.filter !== ''
        ? [line(say`No change holds that text. Esc shows all ${list.total} again.`, 'dim')]
        : [line(say`No change was ever made from hardtui on this server.`, 'dim')]
  const rows: readonly Line[] = seen.items.map((item, at) => [
    at === seen.cursor ? span(say`▸ `, 'focus') : span(say`  `),
    ...pastRow(item.past, width),
  ])
  const again: Line = said.length > 0 ? [span(asked.reading ? say`reading…` : say`✗ not read again: R`, 'warn')] : []
  return (
    <PaneFrame
      rect={rect}
      title={[
        span(say`History of ${safe(state.connection.target.name)} `, 'strong'),
        ...(view.filter === '' ? [] : [span(say`─ filter: ${list.items.length} of ${list.total} `, 'warn')]),
      ]}
      note={rows.length > 0 ? again : []}
      foot={beyond(seen.above, seen.below)}
      focused
      rows={rows.length > 0 ? [[span(say`  `), ...historyHead(width)], ...rows] : [EMPTY, ...indent(instead, 2)]}
      selected={rows.length > 0 ? seen.cursor + 1 : -1}
    />
  )
}
