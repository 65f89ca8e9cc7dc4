import { say } from '../services/model/safe.ts'
import { PANES } from '../state/layout.ts'
import { countOf } from '../state/lists/finding-list.ts'
import { Pane } from './pane.tsx'
import { PRESENTERS } from './presenters/table.ts'
import { fitLine, type Line, span } from './text/line.ts'
import { Beside, Column, T } from './theme.tsx'
import { useConsole, useLook } from './use-console.ts'

/** The four panes: all at once where there is room, else one at a time under tabs. */
export function Dashboard() {
  const { lists } = useConsole()
  const layout = useLook((state) => lists.layout(state))
  const focused = useLook((state) => state.view.focused)
  const { sshd, firewall, units, securelog } = layout.panes
  const alone = layout.panes[focused]
  if (layout.mode === 'grid' && sshd && firewall && units && securelog)
    return (
      <Column height={layout.body.height}>
        <Beside>
          <Pane pane="sshd" rect={sshd} />
          <Pane pane="firewall" rect={firewall} />
        </Beside>
        <Beside>
          <Pane pane="units" rect={units} />
          <Pane pane="securelog" rect={securelog} />
        </Beside>
      </Column>
    )
  return (
    <Column height={layout.body.height}>
      {layout.mode === 'tabs' ? <Tabs width={layout.body.width} /> : null}
      {alone ? <Pane pane={focused} rect={alone} /> : null}
    </Column>
  )
}

const NAMES = { sshd: say`SSH`, firewall: say`Firewall`, units: say`Services`, securelog: say`Secure log` }

/** ` [1 SSH ✗3]  2 Firewall ✗2  3 Services  4 Secure log` */
function Tabs({ width }: { readonly width: number }) {
  const focused = useLook((state) => state.view.focused)
  const findings = useLook((state) => state.readings.findings)
  const line = PANES.flatMap((pane, at): Line => {
    const ofPane = findings[PRESENTERS[pane].area]
    const [failed, unknown] = [countOf(ofPane, 'fail'), countOf(ofPane, 'unknown')]
    const name = say`${at + 1} ${NAMES[pane]}`
    return [
      span(say` `),
      pane === focused ? span(say`[${name}]`, 'strong') : span(say` ${name} `, 'dim'),
      ...(failed > 0 ? [span(say`✗${failed}`, 'bad')] : unknown > 0 ? [span(say`?${unknown}`, 'warn')] : []),
      span(say` `),
    ]
  })
  return <T line={fitLine(line, width)} />
}
