import { ruleLine } from '../../src/services/areas/firewall/chain-text.ts'
import type { Chain, Rule, RuleSet, Table } from '../../src/services/model/firewall.ts'

/**
 * The text of a rule set as iptables-save(8) prints it; `counters` as its option -c. Whatever `parseRuleSet` read of such
 * a text comes back byte for byte.
 */
export function printRuleSet(ruleSet: RuleSet, { counters }: { readonly counters: boolean }): string {
  const lines = [...ruleSet.tables.flatMap((table) => tableLines(table, counters)), ...(ruleSet.comments ?? [])]
  return lines.map((line) => `${line}\n`).join('')
}

const tableLines = ({ name, chains, comments }: Table, counters: boolean): readonly string[] => [
  ...(comments ?? []),
  `*${name}`,
  ...chains.map((chain) => `:${chain.name} ${chain.policy ?? '-'} [${countersOf(chain)}]`),
  ...chains.flatMap((chain) => ruleLines(chain, counters)),
  'COMMIT',
]

const ruleLines = ({ name, rules }: Chain, counters: boolean): readonly string[] =>
  rules.map((rule) => `${counters ? `[${countersOf(rule)}] ` : ''}${ruleLine(name, rule.text)}`)

const countersOf = ({ packets, bytes, counters }: Pick<Rule, 'packets' | 'bytes' | 'counters'>): string =>
  counters ?? `${packets}:${bytes}`
