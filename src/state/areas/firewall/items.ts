import type { Chain, ChainRef, Family, Rule, Table } from '../../../services/model/firewall.ts'
import type { IpSets } from '../../../services/model/ip-sets.ts'
import type { Safe } from '../../../services/model/safe.ts'
import type { Listener } from '../../../services/model/units.ts'
import type { FindingItem } from '../../lists/finding-list.ts'
import type { StagedMark } from '../staged-mark.ts'
import type { BesideItem } from './beside-list.ts'

/** What the rows of rules are told by, beside the rules. */
export type RuleContext = {
  /** The sockets that others can reach, by family; null where they were not read. */
  readonly listeners: Readonly<Record<Family, readonly Listener[]>> | null
  readonly isIdle: Readonly<Record<Family, (text: string) => boolean>>
  /** Name of a port as the server's services(5) has it. */
  readonly portName: (protocol: string, port: string) => Safe | null
  /** Packets of a rule at the reading before, or null; and the seconds since. */
  readonly packetsBefore: (family: Family, ruleId: string) => number | null
  readonly secondsBetween: number
  /** The sets that rules may name; null where nobody asked for them. */
  readonly sets: IpSets | null
}

export const NO_CONTEXT: RuleContext = {
  listeners: null,
  isIdle: { v4: () => false, v6: () => false },
  portName: () => null,
  packetsBefore: () => null,
  secondsBetween: 0,
  sets: null,
}

export type ChainItem = {
  readonly kind: 'chain'
  readonly id: string
  readonly search: () => string
  readonly at: ChainRef
  readonly chain: Chain
  /** The policy the server has now. */
  readonly livePolicy: string | null
  /** The program that owns the chain; its rules are counted, not listed. */
  readonly owner: Safe | null
  readonly mark: 'added' | 'deleted' | null
}

export type RuleItem = {
  readonly kind: 'rule'
  readonly id: string
  readonly search: () => string
  readonly at: ChainRef
  readonly rule: Rule
  /** Its place as iptables counts, from 1; null for a rule staged for deletion. */
  readonly number: number | null
  readonly mark: StagedMark | null
  /** What the server has in its place. */
  readonly was: Rule | null
  readonly you: 'yes' | 'maybe' | null
  /** The chain it stands in, with its table. */
  readonly home: Home
  readonly context: RuleContext
}

export type Home = { readonly table: Table; readonly chain: Chain }

export type FirewallItem = FindingItem | ChainItem | RuleItem | BesideItem
