import { safe, say } from '../services/model/safe.ts'
import { baselineHeight } from '../state/areas/firewall/baseline-list.ts'
import { firewallLists } from '../state/areas/firewall/lists.ts'
import { TextScreen } from './parts/text-screen.tsx'
import { baselineRow, countWords, itemLines, verdictLines } from './presenters/baseline.ts'
import { EMPTY, type Line, line, span } from './text/line.ts'
import { windowOf } from './text/window.ts'
import { useConsole, useLook } from './use-console.ts'

/** The baseline for this host: its parts to switch, what becomes of the ways in, and the part under the cursor. */
export function BaselineScreen() {
  const { lists, store } = useConsole()
  useLook((state) => state.view)
  useLook((state) => state.readings)
  useLook((state) => state.staging)
  useLook((state) => state.connection.host)
  const state = store.getState()
  const rect = lists.layout(state).body
  const width = Math.max(10, rect.width - 6)
  const now = firewallLists(lists).baseline(state)
  const { baseline, firewall } = state.view
  const title: Line = [span(say`Baseline for ${safe(state.connection.target.name)} `, 'strong')]
  if (!now) return <TextScreen rect={rect} title={title} lines={[line(say`  The rules have not been read.`, 'dim')]} />
  const height = baselineHeight(state, now.rows.items.length, rect.height)
  const seen = windowOf(now.rows, baseline.list, height, false)
  const hidden = [
    ...(seen.above > 0 ? [say`↑ ${seen.above}`] : []),
    ...(seen.below > 0 ? [say`↓ ${seen.below} more`] : []),
  ].map((text) => span(say`${text}  `, 'dim'))
  const head: readonly Line[] = [
    ...seen.items.map(
      (row, at): Line => [at === seen.cursor ? span(say`▸ `, 'focus') : span(say`  `), ...baselineRow(row, width)],
    ),
    hidden.length > 0 ? [span(say`      `), ...hidden] : EMPTY,
    ...verdictLines(now, width).map((one): Line => [span(say`  `), ...one]),
  ]
  const item = now.rows.items[seen.above + seen.cursor]?.item ?? null
  return (
    <TextScreen
      rect={rect}
      title={title}
      note={[
        baseline.checking
          ? span(say`the server's iptables is trying it…`, 'warn')
          : span(countWords(now), now.changes.length > 0 ? 'staged' : 'good'),
      ]}
      head={head}
      selected={seen.cursor}
      lines={itemLines(item, firewall.family, width).map((one) => [span(say`  `), ...one])}
    />
  )
}
