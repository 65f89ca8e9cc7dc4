import { layerTables, standsIn, unreadOf } from '../../../services/areas/firewall/beside.ts'
import type { Chain, Layer, RuleSet } from '../../../services/model/firewall.ts'
import { LINE_CAP, type Safe, safe, say } from '../../../services/model/safe.ts'

/** A line of a table that this console shows and does not change, or a word about what it could not read. */
export type BesideItem = {
  readonly kind: 'beside'
  readonly id: string
  readonly search: () => string
  readonly as: 'unread' | 'chain' | 'rule'
  /** Place of a rule in its chain, from 1. */
  readonly number: number | null
  readonly text: Safe
  /** How often it was met, or what a chain is. */
  readonly tail: Safe
}

type Named = { readonly name: string; readonly items: () => readonly BesideItem[] }

/** Names of the read-only tables: what stands in the place of a table of iptables' own has that one's name. */
export const besideTables = (beside: RuleSet['beside']): readonly string[] =>
  (beside ?? []).flatMap(named).map(({ name }) => name)

/** What a read-only table lists, or null where a name is that of no such table. */
export const besideItems = (beside: RuleSet['beside'], table: string): readonly BesideItem[] | null =>
  (beside ?? [])
    .flatMap(named)
    .find(({ name }) => name === table)
    ?.items() ?? null

/** What could not be read, to be said above whatever is shown. */
export const unreadItems = (beside: RuleSet['beside']): readonly BesideItem[] =>
  unreadOf(beside).map((reason, at) => item(`unread:${at}`, 'unread', null, say`not read: ${reason}`, say``))

/** Whether a table can't be changed from here. */
export const isReadOnly = (beside: RuleSet['beside'], table: string): boolean =>
  standsIn(beside, table) || besideTables(beside).includes(table)

function named(layer: Layer): readonly Named[] {
  if (layer.kind === 'unknown') return layer.insteadOf === null ? [] : [{ name: layer.insteadOf, items: () => [] }]
  if (layer.kind === 'nft')
    return layerTables(layer).map(({ name }) => ({ name: layer.insteadOf ?? name, items: () => nftItems(name, layer) }))
  return layerTables(layer).map(({ name, chains }) => ({
    name,
    items: () =>
      chains.flatMap((chain) => rowsOf(name, chain, chain.policy === null ? say`` : say`policy ${safe(chain.policy)}`)),
  }))
}

const nftItems = (name: string, { table }: Extract<Layer, { kind: 'nft' }>): readonly BesideItem[] =>
  table.chains.flatMap((chain) => {
    const { hook, policy } = chain
    const at = hook ? say`${safe(hook.hook)} at ${hook.priority}` : say``
    const on = hook && hook.devices.length > 0 ? say` on ${safe(hook.devices.join(', '), 40)}` : say``
    const words = hook ? say`${at}${on}, policy ${safe(policy ?? 'ACCEPT')}` : say``
    return rowsOf(name, chain, table.dormant ? say`dormant, does nothing` : words)
  })

const rowsOf = (table: string, { name, rules }: Chain, words: Safe): readonly BesideItem[] => [
  item(`${table}:${name}`, 'chain', null, safe(name), words),
  ...rules.map((rule, at) =>
    item(`${table}:${name}:${at}:${rule.id}`, 'rule', at + 1, safe(rule.text, LINE_CAP), say`${rule.packets}`),
  ),
]

const item = (id: string, as: BesideItem['as'], number: number | null, text: Safe, tail: Safe): BesideItem => ({
  kind: 'beside',
  id: `beside:${id}`,
  search: () => `${text} ${tail}`,
  as,
  number,
  text,
  tail,
})
