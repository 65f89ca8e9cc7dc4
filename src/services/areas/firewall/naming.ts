import { FAMILIES, type FirewallFacts, type RuleSet } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'

/** Where a rule names ports: `--dport 22`, `--dports 22,80`, `dport { 22, 80 }`. */
const PORTS = /((?:--(?:[ds]ports?|ports)|\b[ds]port)\s+)(\{[^}]*\}|\S+)/g

const single = (port: number): RegExp => new RegExp(`(^|[\\s,{])${port}(?=$|[\\s,}])`, 'g')

/** Whether a rule names a port by itself or in a list, not in a range. */
const names = (text: string, port: number): boolean =>
  [...text.matchAll(PORTS)].some(([, , list = '']) => single(port).test(list))

/** The same rule for another port. */
export const withPort = (text: string, port: number, other: number): string =>
  text.replace(PORTS, (_, option: string, list: string) => `${option}${list.replace(single(port), `$1${other}`)}`)

/**
 * Rules of any table, of other programs too, that name a port and have no twin beside them for one of the others: what
 * they do at the one they don't do at those. Each with its place.
 */
export function rulesNaming(facts: FirewallFacts, port: number, others: readonly number[]): readonly Safe[] {
  const found = FAMILIES.flatMap((family) => {
    const read = facts.families[family]
    return read.state === 'present' ? inRuleSet(read.ruleSet, port, others) : []
  })
  // A table of both families is beside the rules of each.
  return [...new Set(found)]
}

function inRuleSet({ family, tables, beside = [] }: RuleSet, port: number, others: readonly number[]): readonly Safe[] {
  const own = tables.flatMap((table) =>
    table.chains.flatMap((chain) =>
      alone(chain.rules, port, others).map(
        (text) => say`${safe(family)} ${safe(table.name)} ${safe(chain.name)}: ${safe(text, 200)}`,
      ),
    ),
  )
  const theirs = beside.flatMap((layer) => {
    if (layer.kind === 'unknown') return []
    const tablesOf = layer.kind === 'nft' ? [layer.table] : layer.tables
    return tablesOf.flatMap((table) =>
      table.chains.flatMap((chain) =>
        alone(chain.rules, port, others).map(
          (text) => say`table ${safe(table.name)} ${safe(chain.name)}: ${safe(text, 200)}`,
        ),
      ),
    )
  })
  return [...own, ...theirs]
}

function alone(
  rules: readonly { readonly text: string }[],
  port: number,
  others: readonly number[],
): readonly string[] {
  const texts = rules.map(({ text }) => text)
  return texts.filter(
    (text) =>
      names(text, port) && !others.some((other) => names(text, other) || texts.includes(withPort(text, port, other))),
  )
}
