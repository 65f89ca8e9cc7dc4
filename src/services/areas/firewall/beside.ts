import {
  type Chain,
  type ChainRef,
  FAMILIES,
  type Family,
  type FirewallFacts,
  type Layer,
  type RuleSet,
  type Table,
} from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { findChain } from './chain-text.ts'
import { nftName } from './walk/stations.ts'

/** Whether a layer stands in the place of a table of iptables' own, which then can't be changed with iptables. */
export const standsIn = (beside: RuleSet['beside'], table: string): boolean =>
  beside?.some((layer) => layer.insteadOf === table) ?? false

/** The layers of one family; none where its rules can't be read at all. */
export const besideOf = ({ families }: Pick<FirewallFacts, 'families'>, family: Family): readonly Layer[] => {
  const one = families[family]
  return one.state === 'present' ? (one.ruleSet.beside ?? []) : []
}

/** What could not be read of a family's rules, so that nothing is said about packets. */
export const unreadOf = (beside: RuleSet['beside']): readonly Safe[] =>
  (beside ?? []).flatMap((layer) => (layer.kind === 'unknown' ? [layer.reason] : []))

/** All that could not be read, of either family, each reason once. */
export const unreadReasons = (facts: Pick<FirewallFacts, 'families'>): readonly Safe[] => [
  ...new Set(FAMILIES.flatMap((family) => unreadOf(besideOf(facts, family)))),
]

/** The tables of a layer, called as places in them are: `legacy filter`, `nft inet mine`. */
export const layerTables = (layer: Layer): readonly Table[] => {
  if (layer.kind === 'nft') return [{ ...layer.table, name: nftName(layer.table) }]
  return layer.kind === 'iptables' ? layer.tables.map((one) => ({ ...one, name: `${layer.backend} ${one.name}` })) : []
}

/** The chain that a place is in, of a rule set or of what filters beside it; null where neither has it. */
export const chainAt = (ruleSet: RuleSet, at: Pick<ChainRef, 'table' | 'chain'>): Chain | null =>
  findChain({ ...ruleSet, tables: [...ruleSet.tables, ...(ruleSet.beside ?? []).flatMap(layerTables)] }, at)

/** The tables that were read beside iptables' own, in words: `legacy filter, nft inet mine`. */
export const besideWords = (beside: readonly Layer[]): Safe =>
  safe([...new Set(beside.flatMap(layerTables).map(({ name }) => name))].join(', '), 120)

/** Says of each read table beside iptables' own that packets must pass it too. */
export const besideReasons = (facts: Pick<FirewallFacts, 'families'>): readonly Safe[] => {
  const names = besideWords(FAMILIES.flatMap((family) => besideOf(facts, family)))
  return names === '' ? [] : [say`packets must pass these tables as well: ${names}`]
}
