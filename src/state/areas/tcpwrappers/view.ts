import { tcpwrappers } from '../../../services/areas/tcpwrappers/area.ts'
import { type StagedOf, stagedIn } from '../../../services/model/areas.ts'
import { LINE_CAP, type Safe, safe } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import { findingItems, findingText } from '../../lists/finding-list.ts'
import { rememberLast, rememberSame } from '../../lists/list.ts'
import type { Lists } from '../../lists/lists.ts'
import type { AreaView } from '../area-view.ts'
import { accessEditor } from './ask.ts'
import { TCPWRAPPERS_KEYS } from './keys.ts'
import { type AccessItem, accessItems } from './list.ts'
import { ruleEditor } from './rule-editor.ts'

const createItems = (lists: Lists) => {
  const items = rememberLast(accessItems)
  const own = rememberSame<StagedOf<'tcpwrappers'>>()
  return (state: ConsoleState): readonly AccessItem[] => {
    const { readings, staging, connection } = state
    const merged = lists.merged(state, 'tcpwrappers')
    const [findings, fixes] = [readings.findings.tcpwrappers, lists.fixes(state)]
    if (!merged) return findingItems(findings, fixes)
    return items(merged, own(stagedIn(staging.changes, 'tcpwrappers')), findings, fixes, connection.host)
  }
}

/** Who may talk to daemons that ask /etc/hosts.allow and /etc/hosts.deny: what was checked, and the rules of both. */
export const tcpwrappersView: AreaView<'tcpwrappers', AccessItem> = {
  area: tcpwrappers,
  title: 'TCP wrappers',
  cell: 'tab',
  items: (state, lists) => lists.own(createItems)(state),
  isNotable: (item) => {
    if (item.kind === 'finding') return item.finding.outcome === 'fail'
    return item.kind === 'rule' && (item.mark !== null || item.fault !== null || item.commands.length > 0)
  },
  text: textOf,
  keys: TCPWRAPPERS_KEYS,
  editor: ({ task }) => (task === null ? accessEditor : ruleEditor),
}

function textOf(item: AccessItem): Safe {
  if (item.kind === 'finding') return findingText(item)
  return item.kind === 'file' ? item.path : safe(item.text, LINE_CAP)
}
