import { FAMILIES, type Family, type FirewallFacts, type Layer, type RuleSet } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
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

/** What the tables of a layer are called, as places in them are: `legacy filter`, `nft inet mine`. */
export const layerNames = (layer: Layer): readonly string[] =>
  layer.kind === 'nft'
    ? [nftName(layer.table)]
    : layer.kind === 'iptables'
      ? layer.tables.map((table) => `${layer.backend} ${table.name}`)
      : []

/** The tables that were read beside iptables' own, in words: `legacy filter, nft inet mine`. */
export const besideWords = (beside: readonly Layer[]): Safe =>
  safe([...new Set(beside.flatMap(layerNames))].join(', '), 120)

/** Says of each read table beside iptables' own that packets must pass it too. */
export const besideReasons = (facts: Pick<FirewallFacts, 'families'>): readonly Safe[] => {
  const names = besideWords(FAMILIES.flatMap((family) => besideOf(facts, family)))
  return names === '' ? [] : [say`packets must pass these tables as well: ${names}`]
}
