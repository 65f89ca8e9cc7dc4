import { tcpwrappers } from '../../../services/areas/tcpwrappers/area.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { say } from '../../../services/model/safe.ts'
import type { FindingItem } from '../../lists/finding-list.ts'
import type { AreaKey, AreaView } from '../area-view.ts'
import { findingsView } from '../findings-view.ts'
import { accessEditor, askAccess } from './ask.ts'

/** Keys of the pane of TCP wrappers. */
const TCPWRAPPERS_KEYS: readonly AreaKey[] = [
  {
    id: 'tcpwrappers.ask',
    keys: ['t'],
    label: 'would it let in?',
    help: 'Ask whether a client may talk to a daemon. The answer names the rule that decides, now and as staged.',
    footer: 18,
    what: (kit) =>
      factsOf(kit.get().readings.byArea.tcpwrappers)
        ? { run: () => askAccess(kit) }
        : { why: say`the files have not been read` },
  },
]

/** Who may talk to daemons that ask /etc/hosts.allow and /etc/hosts.deny. */
export const tcpwrappersView: AreaView<'tcpwrappers', FindingItem> = {
  ...findingsView({ area: tcpwrappers, title: 'TCP wrappers', cell: 'tab' }),
  keys: TCPWRAPPERS_KEYS,
  editor: () => accessEditor,
}
