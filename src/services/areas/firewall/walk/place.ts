import type { Rule } from '../../../model/firewall.ts'
import type { IpSets } from '../../../model/ip-sets.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'

/** Where in a rule set something is decided. The names and the id are a server's text: draw them through `safe`. */
export type Place = {
  readonly table: string
  readonly chain: string
  /** Counted from 1, as iptables(8) does. */
  readonly ruleNumber: number | 'policy'
  readonly ruleId: string | null
}

/** A place with what stands there. */
export type Spot = {
  readonly table: string
  readonly chain: string
  readonly index: number
  /** null at the policy. */
  readonly rule: Rule | null
  readonly policy: string | null
  /** The sets that its rule may name. */
  readonly sets?: IpSets | null
}

/** What of a spot is given away. */
export const placeOf = ({ table, chain, index, rule }: Spot): Place => ({
  table,
  chain,
  ruleNumber: rule ? index + 1 : 'policy',
  ruleId: rule?.id ?? null,
})

/** A spot in words: `filter INPUT rule 3: -p tcp -j DROP`, `filter INPUT policy DROP`. */
export const spotWords = ({ table, chain, index, rule, policy }: Spot): Safe =>
  rule
    ? say`${safe(table)} ${safe(chain)} rule ${index + 1}: ${safe(rule.text, 80)}`
    : say`${safe(table)} ${safe(chain)} policy ${safe(policy ?? 'ACCEPT')}`
