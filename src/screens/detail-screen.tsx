import { safe, say } from '../services/model/safe.ts'
import { VIEWS } from '../state/areas/table.ts'
import { topScreen } from '../state/slices/view.ts'
import { PRESENTERS } from './areas/table.ts'
import { TextScreen } from './parts/text-screen.tsx'
import { gone } from './presenters/labelled.ts'
import { EMPTY, indent, span } from './text/line.ts'
import { useConsole, useLook } from './use-console.ts'

/** All about one row, read afresh: it follows every new reading. */
export function DetailScreen() {
  const { lists, store } = useConsole()
  useLook((state) => state.view)
  useLook((state) => state.readings)
  useLook((state) => state.log)
  useLook((state) => state.staging)
  const state = store.getState()
  const screen = topScreen(state.view)
  const rect = lists.layout(state).body
  if (screen.kind !== 'detail') return null
  const list = lists.pane(state, screen.pane)
  const item = list.items[list.indexOf(screen.itemId)]
  const width = Math.max(10, rect.width - 8)
  return (
    <TextScreen
      rect={rect}
      title={[span(say`${safe(VIEWS[screen.pane].title)} ─ detail `, 'strong')]}
      lines={[EMPTY, ...indent(item ? PRESENTERS[screen.pane].detail(item, width) : gone, 2)]}
    />
  )
}
