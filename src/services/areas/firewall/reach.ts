import type { Table } from '../../model/firewall.ts'
import { targetOf } from './rule-text.ts'

/** The chains of a table that packets may come to from one of them, itself included. */
function reachedFrom(table: Table, start: string): ReadonlySet<string> {
  const chains = new Map(table.chains.map((chain) => [chain.name, chain]))
  const reached = new Set<string>()
  const open = [start]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const chain = chains.get(name)
    if (!chain || reached.has(name)) continue
    reached.add(name)
    for (const { text } of chain.rules) {
      const target = targetOf(text)
      if (target !== null && chains.has(target)) open.push(target)
    }
  }
  return reached
}

/** Remembered as long as the table is the same object: rows of a list ask one after the other. */
const remembered = new WeakMap<Table, ReadonlySet<string>>()

/** The chains of the filter table whose packets are all for the host itself: met from INPUT, and from no other hook. */
export function inwardChains(table: Table): ReadonlySet<string> {
  const known = remembered.get(table)
  if (known) return known
  const others = [...reachedFrom(table, 'FORWARD'), ...reachedFrom(table, 'OUTPUT')]
  const inward = new Set(reachedFrom(table, 'INPUT'))
  for (const name of others) inward.delete(name)
  remembered.set(table, inward)
  return inward
}
