import { say } from '../../services/model/safe.ts'
import { EMPTY } from '../text/line.ts'
import { toFix } from './finding.ts'
import { aboutFinding, settingRow } from './finding-row.ts'
import type { Presenter } from './presenter.ts'

/** The SSH pane: what was checked of sshd's settings. */
export const ssh: Presenter = {
  area: 'sshd',
  title: () => say`SSH`,
  note: (state) => toFix(state.readings.findings.sshd),
  row: (item, width) => (item.kind === 'finding' ? settingRow(item.finding, width) : EMPTY),
  about: (item) => (item.kind === 'finding' ? aboutFinding(item.finding) : say``),
  empty: () => say`Nothing was checked.`,
}
