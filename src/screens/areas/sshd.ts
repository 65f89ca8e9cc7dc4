import { factsOf } from '../../services/model/reading.ts'
import { safe, say } from '../../services/model/safe.ts'
import type { FindingItem } from '../../state/lists/finding-list.ts'
import type { Presenter } from './presenter.ts'
import { settingsPresenter } from './settings.ts'

/** The SSH pane: what was checked of sshd's settings, and where it listens. */
export const sshdPresenter: Presenter<FindingItem> = {
  ...settingsPresenter('sshd'),
  title: (state) => {
    const facts = factsOf(state.readings.byArea.sshd)
    if (!facts || facts.portsFrom === 'settings' || facts.ports.length === 0) return say`SSH`
    const by = facts.portsFrom === 'socket' ? say` (ssh.socket)` : say``
    return say`SSH ─ port ${safe(facts.ports.join(' '))}${by}`
  },
}
