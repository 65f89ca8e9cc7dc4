import type { AreaId } from '../services/model/area.ts'
import { type Safe, say } from '../services/model/safe.ts'
import { topScreen } from '../state/slices/view.ts'
import { TextScreen } from './parts/text-screen.tsx'
import { detailLines, gone } from './presenters/detail.ts'
import { EMPTY, indent, span } from './text/line.ts'
import { useConsole, useLook } from './use-console.ts'

const TITLES: Readonly<Record<AreaId, Safe>> = {
  sshd: say`SSH`,
  firewall: say`Firewall`,
  units: say`Services`,
  securelog: say`Secure log`,
}

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
      title={[span(say`${TITLES[screen.pane]} ─ detail `, 'strong')]}
      lines={[EMPTY, ...indent(item ? detailLines(item, width) : gone, 2)]}
    />
  )
}
