import type { Choices } from '../../services/areas/firewall/baseline/item.ts'
import { AT_START, type ListView } from './list-view.ts'

/** The baseline screen: where the operator stands in its list, and what he has switched. */
export type BaselineSlice = {
  readonly list: ListView
  readonly choices: Choices
  /** Whether the item under the cursor has the whole screen. */
  readonly wide: boolean
  /** Whether the server's iptables looks at it. */
  readonly checking: boolean
}

export const initialBaseline: BaselineSlice = {
  list: AT_START,
  choices: new Map(),
  wide: false,
  checking: false,
}
