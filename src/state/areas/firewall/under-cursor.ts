import type { ConsoleState } from '../../console-state.ts'
import { itemUnderCursor, type Looking } from '../../under-cursor/item.ts'
import type { ChainItem, FirewallItem, RuleItem } from './items.ts'

/** What the cursor of the firewall pane is on; null while another pane has the keys. */
export const itemHere = (looking: Looking, state: ConsoleState): FirewallItem | null =>
  state.view.focused === 'firewall' ? (itemUnderCursor(looking, state) as FirewallItem | null) : null

/** The rule under the cursor. */
export function ruleHere(looking: Looking, state: ConsoleState): RuleItem | null {
  const item = itemHere(looking, state)
  return item?.kind === 'rule' ? item : null
}

/** The user-defined chain under the cursor that is the operator's own. */
export function ownChainHere(looking: Looking, state: ConsoleState): ChainItem | null {
  const item = itemHere(looking, state)
  return item?.kind === 'chain' && item.chain.policy === null && item.owner === null ? item : null
}
