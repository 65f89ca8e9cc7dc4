import type { Chain, RuleSet, Table } from '../../model/firewall.ts'

/** Tables and their built-in chains, in iptables-save(8)'s order. A chain listed here has a policy and can't be deleted. */
export const BUILTIN_CHAINS: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}

// A table may be called `constructor`, for all the text of a save says.
const builtinsOf = (table: string): readonly string[] | null =>
  Object.hasOwn(BUILTIN_CHAINS, table) ? (BUILTIN_CHAINS[table] ?? null) : null

export const isBuiltin = (table: string, chain: string): boolean => builtinsOf(table)?.includes(chain) ?? false

const emptyChain = (name: string): Chain => ({ name, policy: 'ACCEPT', packets: 0, bytes: 0, rules: [] })

/**
 * Adds what a table has in the kernel's eyes even when iptables-save does not print it: a host without rules prints
 * nothing at all, yet its INPUT chain accepts everything.
 */
export function withTable(ruleSet: RuleSet, name: string): RuleSet {
  const builtins = builtinsOf(name)
  if (!builtins) return ruleSet
  const found = ruleSet.tables.find((table) => table.name === name)
  const chains = found?.chains ?? []
  if (found && builtins.every((chain) => chains.some((one) => one.name === chain))) return ruleSet
  const own = chains.filter((chain) => !builtins.includes(chain.name))
  const complete = builtins.map((chain) => chains.find((one) => one.name === chain) ?? emptyChain(chain))
  const table: Table = { name, chains: [...complete, ...own] }
  const others = ruleSet.tables.filter((one) => one.name !== name)
  return { ...ruleSet, tables: name === 'filter' ? [table, ...others] : [...others, table] }
}
