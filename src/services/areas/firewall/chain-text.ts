import type { Chain, ChainRef, RuleSet } from '../../model/firewall.ts'
import { isBuiltin } from './builtin-chains.ts'

/** The chain a reference names, or null. */
export const findChain = (ruleSet: RuleSet, at: Pick<ChainRef, 'table' | 'chain'>): Chain | null =>
  ruleSet.tables.find((table) => table.name === at.table)?.chains.find((chain) => chain.name === at.chain) ?? null

/** The rule as one line of iptables-save(8), without counters. */
export const ruleLine = (chain: string, text: string): string => (text === '' ? `-A ${chain}` : `-A ${chain} ${text}`)

/**
 * The canonical text of some chains, without counters: what drift is judged by. The server's guard makes the same
 * text from iptables-save (`chains_of`), so that both sides compare equal things. A built-in chain that the save
 * does not mention is empty and accepts.
 */
export function chainText(ruleSet: RuleSet, refs: readonly Pick<ChainRef, 'table' | 'chain'>[]): string {
  return refs
    .map((ref) => {
      const chain = findChain(ruleSet, ref)
      const head = `*${ref.table} ${ref.chain} `
      if (!chain) return `${head}${isBuiltin(ref.table, ref.chain) ? 'ACCEPT' : 'absent'}\n`
      const rules = chain.rules.map((rule) => `${ruleLine(chain.name, rule.text)}\n`)
      return `${head}${chain.policy ?? '-'}\n${rules.join('')}`
    })
    .join('')
}

/** Reads the rule texts of one chain back out of `chainText`. */
export function rulesInChainText(text: string, ref: Pick<ChainRef, 'table' | 'chain'>): readonly string[] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`*${ref.table} ${ref.chain} `))
  if (start < 0) return []
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line.startsWith('*'))
  const prefix = `-A ${ref.chain}`
  return (end < 0 ? rest : rest.slice(0, end))
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).replace(/^ /, ''))
}
