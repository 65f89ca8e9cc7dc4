import type { Chain, Layer, NftChain, NftTable, Rule, RuleSet, Table } from '../../../model/firewall.ts'
import { matchNftRule } from '../nft/match.ts'
import { ownPriority } from '../nft/own.ts'
import { type Walk, walkChain } from './chain-walk.ts'
import { type Fate, MARKED_ANYHOW, ZONED } from './fate.ts'
import { HOOKS, type Hook } from './hooks.ts'
import { matchRule } from './match.ts'
import type { Direction } from './packet.ts'
import type { Road } from './road.ts'
import type { View } from './view.ts'

/** A chain that the kernel itself calls, of whatever table, with the way through it. */
export type Station = {
  readonly hook: Hook
  /** What its table is called: `filter`, `legacy filter`, `nft inet mine`. */
  readonly table: string
  readonly chain: Pick<Chain, 'name' | 'policy'> & { readonly rules: readonly Rule[] }
  /** Where on its way a packet comes by, and before what else that is there. */
  readonly stage: number
  readonly priority: number
  /** Only packets of these interfaces come by; none is named where they are not known, and null is for all. */
  readonly devices: readonly string[] | null
  readonly go: (fate: Fate, viewFor: (fate: Fate) => View) => Road
}

/** The kernel's hooks in the order in which a packet meets them (nft(8), ADDRESS FAMILIES). */
const STAGES: Readonly<Record<Direction, readonly string[]>> = {
  in: ['ingress', 'prerouting', 'input'],
  out: ['output', 'postrouting', 'egress'],
  forward: ['ingress', 'prerouting', 'forward', 'postrouting', 'egress'],
}

/** Conntrack looks at a packet between those that come before it and all others. */
const CONNTRACK = -200

/** Everything that a packet must pass on its way, of all tables that were read, in the kernel's order. */
export function stationsOf(ruleSet: RuleSet, direction: Direction): readonly Station[] {
  const own = iptablesStations(ruleSet.tables, direction, '')
  const beside = (ruleSet.beside ?? []).flatMap((layer) => layerStations(layer, direction))
  if (beside.length === 0) return own
  const all = [...own, ...beside].toSorted((a, b) => a.stage - b.stage || a.priority - b.priority)
  return all.map((one) => (all.some((other) => other !== one && isTied(one, other)) ? perhapsLater(one) : one))
}

const isTied = (one: Station, other: Station): boolean =>
  one.stage === other.stage && one.priority === other.priority && one.table !== other.table

/** Which of two of one priority comes first is not known: the other one may have set a mark by then. */
const perhapsLater = (station: Station): Station => ({
  ...station,
  go: (fate, viewFor) => station.go(fate | MARKED_ANYHOW, viewFor),
})

function layerStations(layer: Layer, direction: Direction): readonly Station[] {
  if (layer.kind === 'iptables') return iptablesStations(layer.tables, direction, `${layer.backend} `)
  return layer.kind === 'nft' && !layer.table.dormant ? nftStations(layer.table, direction) : []
}

function iptablesStations(tables: readonly Table[], direction: Direction, prefix: string): readonly Station[] {
  return HOOKS[direction].flatMap((hook): readonly Station[] => {
    const table = tables.find((one) => one.name === hook.table)
    const chain = table?.chains.find((one) => one.name === hook.chain)
    if (!table || !chain) return []
    const name = `${prefix}${hook.table}`
    return [
      {
        hook,
        table: name,
        chain,
        stage: STAGES[direction].indexOf(hook.chain.toLowerCase()),
        priority: ownPriority(hook.table, hook.chain) ?? 0,
        devices: null,
        go: goer({ hook, table: name, match: (rule: Rule, view) => matchRule(rule.text, view) }, table.chains, chain),
      },
    ]
  })
}

/** The name of a table of nft(8), as it is shown. */
export const nftName = ({ family, name }: Pick<NftTable, 'family' | 'name'>): string => `nft ${family} ${name}`

function nftStations(table: NftTable, direction: Direction): readonly Station[] {
  const name = nftName(table)
  return table.chains.flatMap((chain: NftChain): readonly Station[] => {
    const at = chain.hook
    const stage = at ? STAGES[direction].indexOf(at.hook) : -1
    if (!at || stage < 0) return []
    const hook: Hook = { table: kindOf(at), chain: at.hook.toUpperCase() }
    const go = goer(
      { hook, table: name, match: (rule: NftChain['rules'][number], view) => matchNftRule(rule, table.sets, view) },
      table.chains,
      chain,
    )
    return [
      {
        hook,
        table: name,
        chain,
        stage,
        priority: at.priority,
        devices: /^(in|e)gress$/.test(at.hook) ? at.devices : null,
        go: at.priority === CONNTRACK ? (fate, viewFor) => go(fate, (one) => viewFor(one | ZONED)) : go,
      },
    ]
  })
}

/** Which of iptables' tables a chain is most like. */
function kindOf({ type, hook, priority }: NonNullable<NftChain['hook']>): string {
  if (type === 'nat') return 'nat'
  if (hook === 'ingress' || (priority < CONNTRACK && (hook === 'prerouting' || hook === 'output'))) return 'raw'
  return /^(input|forward|output)$/.test(hook) ? 'filter' : 'mangle'
}

const goer =
  <R extends Rule>(
    kind: Pick<Walk<R>, 'hook' | 'table' | 'match'>,
    chains: readonly Chain<R>[],
    chain: Chain<R>,
  ): Station['go'] =>
  (fate, viewFor) => {
    const named = new Map(chains.map((one) => [one.name, one]))
    return walkChain({ ...kind, chains: named, viewFor, roads: new Map(), open: new Set([chain.name]) }, chain, fate)
  }
