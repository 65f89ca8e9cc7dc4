import type { AreaId } from '../services/model/areas.ts'
import { safe, say } from '../services/model/safe.ts'
import { AREA_IDS, CELLS, VIEWS } from '../state/areas/table.ts'
import type { Cell } from '../state/layout.ts'
import { countOf } from '../state/lists/finding-list.ts'
import { Pane } from './pane.tsx'
import { fitLine, type Line, lineCells, span } from './text/line.ts'
import { Beside, Column, T } from './theme.tsx'
import { useConsole, useLook } from './use-console.ts'

const ROWS: readonly (readonly Cell[])[] = [
  ['tl', 'tr'],
  ['bl', 'br'],
]
const TABS = CELLS.some(({ cell }) => cell === 'tab')

/** The panes of the grid all at once where there is room, else one at a time under tabs. */
export function Dashboard() {
  const { lists } = useConsole()
  const layout = useLook((state) => lists.layout(state))
  const focused = useLook((state) => state.view.focused)
  const tabs = layout.mode === 'tabs' || (layout.mode === 'grid' && TABS)
  const shown = (row: readonly Cell[]): readonly AreaId[] =>
    row.flatMap((cell) => CELLS.filter((one) => one.cell === cell).map(({ id }) => id))
  const rows = layout.mode === 'grid' ? ROWS.map(shown) : [[focused]]
  return (
    <Column height={layout.body.height}>
      {tabs ? <Tabs width={layout.body.width} /> : null}
      {rows.map((row) => (
        <Beside key={row.join(' ')}>
          {row.map((id) => {
            const rect = layout.panes[id]
            return rect ? <Pane key={id} pane={id} rect={rect} /> : null
          })}
        </Beside>
      ))}
    </Column>
  )
}

/** What the tabs that are not open are called, by how much room there is. */
const NAMES: readonly ((title: string) => string)[] = [
  (title) => title,
  (title) => title.split(' ')[0] ?? '',
  (title) => title.slice(0, 4).trimEnd(),
  () => '',
]

/** ` [1 SSH]✗3   2 Firewall ✗2   3 Services ` */
function Tabs({ width }: { readonly width: number }) {
  const focused = useLook((state) => state.view.focused)
  const findings = useLook((state) => state.readings.findings)
  const lineOf = (name: (title: string) => string, level: number): Line =>
    AREA_IDS.flatMap((pane, at): Line => {
      const [failed, unknown] = [countOf(findings[pane], 'fail'), countOf(findings[pane], 'unknown')]
      const { title } = VIEWS[pane]
      const words = safe(`${at + 1} ${pane === focused ? title : name(title)}`.trimEnd())
      return [
        ...(level === 0 ? [span(say` `)] : []),
        pane === focused ? span(say`[${words}]`, 'strong') : span(say` ${words} `, 'dim'),
        ...(failed > 0 ? [span(say`✗${failed}`, 'bad')] : unknown > 0 ? [span(say`?${unknown}`, 'warn')] : []),
        span(say` `),
      ]
    })
  const lines = NAMES.map(lineOf)
  const line = lines.find((one) => lineCells(one) <= width) ?? lines.at(-1) ?? []
  return <T line={fitLine(line, width)} />
}
