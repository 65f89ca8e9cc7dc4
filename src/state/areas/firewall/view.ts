import { firewall } from '../../../services/areas/firewall/area.ts'
import { LINE_CAP, type Safe, safe, say } from '../../../services/model/safe.ts'
import { findingText } from '../../lists/finding-list.ts'
import type { AreaView } from '../area-view.ts'
import type { FirewallItem } from './items.ts'
import { FIREWALL_KEYS } from './keys.ts'
import { firewallLists } from './lists.ts'
import { ruleEditor } from './rule-editor.ts'

/** The packet filter: chains and rules of one table, edited where they stand. */
export const firewallView: AreaView<'firewall', FirewallItem> = {
  area: firewall,
  title: 'Firewall',
  cell: 'tr',
  items: (state, lists) => firewallLists(lists).items(state),
  isNotable: (item) => {
    if (item.kind === 'finding') return item.finding.outcome === 'fail'
    return item.kind === 'rule' && (item.mark !== null || item.you !== null)
  },
  text: textOf,
  headRows: 1,
  keys: FIREWALL_KEYS,
  editor: () => ruleEditor,
}

function textOf(item: FirewallItem): Safe {
  switch (item.kind) {
    case 'finding':
      return findingText(item)
    case 'rule':
      return say`-A ${safe(item.at.chain)} ${safe(item.rule.text, LINE_CAP)}`
    case 'chain':
      return say`${safe(item.chain.name)} ${safe(item.chain.policy ?? '-')}`
    case 'beside':
      return item.text
  }
}
