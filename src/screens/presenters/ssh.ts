import { factsOf } from '../../services/model/reading.ts'
import { safe, say } from '../../services/model/safe.ts'
import { EMPTY } from '../text/line.ts'
import { toFix } from './finding.ts'
import { aboutFinding, settingRow } from './finding-row.ts'
import type { Presenter } from './presenter.ts'

/** The SSH pane: what was checked of sshd's settings. */
export const ssh: Presenter = {
  area: 'sshd',
  title: (state) => {
    const facts = factsOf(state.readings.byArea.sshd)
    if (!facts || facts.portsFrom === 'settings' || facts.ports.length === 0) return say`SSH`
    const by = facts.portsFrom === 'socket' ? say` (ssh.socket)` : say``
    return say`SSH ─ port ${safe(facts.ports.join(' '))}${by}`
  },
  note: (state) => toFix(state.readings.findings.sshd),
  row: (item, width) => (item.kind === 'finding' ? settingRow(item.finding, width) : EMPTY),
  about: (item) => (item.kind === 'finding' ? aboutFinding(item.finding) : say``),
  empty: () => say`Nothing was checked.`,
}
