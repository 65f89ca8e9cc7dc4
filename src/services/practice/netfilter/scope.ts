import { findChain } from '../../areas/firewall/chain-text.ts'
import type { Chain, RuleSet } from '../../model/firewall.ts'
import { Refusal } from './refusal.ts'

/** What a chain or rule has counted. */
export type Counters = { readonly packets: number; readonly bytes: number }
/** Nothing yet. */
export const ZERO: Counters = { packets: 0, bytes: 0 }

/** What one command comes to: the rule set after it, what it prints, and a jump to a chain that is not there. */
export type Done = { readonly after: RuleSet; readonly printed?: string; readonly missing?: Refusal }

/** Where a command works, and the counters of a rule it adds. */
export type Scope = { readonly ruleSet: RuleSet; readonly table: string; readonly counters: Counters }
/** The words after the command. `bare`: the table is not in the kernel yet, where nothing can be found by its number. */
export type Args = { readonly words: readonly string[]; readonly at: Scope; readonly bare: boolean }

/** What the kernel says of anything it does not have. */
export const NO_CHAIN = 'No chain/target/match by that name.'
/** iptables has words of its own for DROP in the nat table. */
export const NO_FILTERING =
  '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n'

/** The chains of a table replaced by others of the same name; new ones go to the end. */
export function putChain(ruleSet: RuleSet, table: string, chain: Chain): RuleSet {
  return onTable(ruleSet, table, (chains) =>
    chains.some((one) => one.name === chain.name)
      ? chains.map((one) => (one.name === chain.name ? chain : one))
      : [...chains, chain],
  )
}

/** A rule set with the chains of one of its tables changed. */
export const onTable = (
  ruleSet: RuleSet,
  name: string,
  change: (chains: readonly Chain[]) => readonly Chain[],
): RuleSet => ({
  ...ruleSet,
  tables: ruleSet.tables.map((table) => (table.name === name ? { ...table, chains: change(table.chains) } : table)),
})

/** A user's chain, empty. */
export const newChain = (name: string): Chain => ({ name, policy: null, ...ZERO, rules: [] })

/** The word at a place, where it is a number. */
export const numberAt = (words: readonly string[], index: number): number | null =>
  /^\d+$/.test(words[index] ?? '') ? Number(words[index]) : null

/** The chain of a name; throws where there is none. */
export function chainOf({ ruleSet, table }: Scope, name: string | undefined): Chain {
  const chain = findChain(ruleSet, { table, chain: name ?? '' })
  if (!chain) throw new Refusal('plain', NO_CHAIN)
  return chain
}
