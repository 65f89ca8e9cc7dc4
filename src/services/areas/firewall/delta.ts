import type { Chain, ChainRef, RuleSet } from '../../model/firewall.ts'
import { longestCommon } from '../../steps/longest-common.ts'
import { withTable } from './builtin-chains.ts'
import { findChain, ruleLine } from './chain-text.ts'

/** The chains in which two rule sets of one family differ in policy or rules, or that only one of them has. */
export function touchedChains(base: RuleSet, after: RuleSet): readonly ChainRef[] {
  const names = new Set([...after.tables, ...base.tables].map((table) => table.name))
  return [...names].flatMap((table) => {
    const old = chainsByName(withTable(base, table), table)
    const now = chainsByName(withTable(after, table), table)
    const changed = [...now.values()].filter((chain) => {
      const was = old.get(chain.name)
      return was !== chain && !(was && same(was, chain))
    })
    const gone = [...old.values()].filter((chain) => !now.has(chain.name))
    return [...changed, ...gone].map((chain) => ({ family: after.family, table, chain: chain.name }))
  })
}

const chainsByName = (ruleSet: RuleSet, table: string): ReadonlyMap<string, Chain> =>
  new Map(ruleSet.tables.find((one) => one.name === table)?.chains.map((chain) => [chain.name, chain]))

const same = (a: Chain, b: Chain): boolean =>
  a.policy === b.policy &&
  a.rules.length === b.rules.length &&
  a.rules.every((rule, i) => rule.text === b.rules[i]?.text)

/**
 * The smallest change from one rule set to another as one `iptables-restore --noflush` input, a table after the other:
 * new chains, then in each chain deletions from the bottom up and insertions from the top down, then policies, and at
 * last the chains that go. What it does not name is not rewritten, so chains of Docker, fail2ban and others keep what
 * they have. Each table commits atomically; '' when nothing differs.
 */
export function delta(base: RuleSet, after: RuleSet): string {
  const touches = touchedChains(base, after)
  // What the raw table refuses (a helper that the kernel lacks) is refused before anything else has been committed.
  const tables = [...new Set(touches.map((ref) => ref.table))].toSorted(
    (a, b) => Number(b === 'raw') - Number(a === 'raw'),
  )
  return tables
    .map((table) => {
      const refs = touches.filter((ref) => ref.table === table)
      const stay = refs.filter((ref) => findChain(withTable(after, table), ref))
      const made = stay.filter((ref) => !findChain(withTable(base, table), ref)).map((ref) => `-N ${ref.chain}`)
      const gone = refs.filter((ref) => !stay.includes(ref))
      const lines = [
        ...made,
        ...stay.flatMap((ref) => chainLines(base, after, ref)),
        ...stay.flatMap((ref) => policyLine(base, after, ref)),
        // Chains that go may still jump into each other.
        ...gone.map((ref) => `-F ${ref.chain}`),
        ...gone.map((ref) => `-X ${ref.chain}`),
      ]
      return `*${table}\n${lines.join('\n')}\nCOMMIT\n`
    })
    .join('')
}

function chainLines(base: RuleSet, after: RuleSet, ref: ChainRef): string[] {
  const old = findChain(base, ref)?.rules ?? []
  const now = findChain(after, ref)?.rules ?? []
  const kept = longestCommon(
    old.map((rule) => rule.text),
    now.map((rule) => rule.text),
  )
  const keptOld = new Set(kept.map(([i]) => i))
  const keptNow = new Set(kept.map(([, j]) => j))
  const deletions = old.flatMap((_, i) => (keptOld.has(i) ? [] : [`-D ${ref.chain} ${i + 1}`])).reverse()
  const insertions = now.flatMap((rule, j) =>
    keptNow.has(j) ? [] : [`-I ${ref.chain} ${j + 1}${ruleLine(ref.chain, rule.text).slice(`-A ${ref.chain}`.length)}`],
  )
  return [...deletions, ...insertions]
}

function policyLine(base: RuleSet, after: RuleSet, ref: ChainRef): string[] {
  const old = findChain(withTable(base, ref.table), ref)?.policy ?? null
  const now = findChain(after, ref)?.policy ?? null
  return now !== null && now !== old ? [`-P ${ref.chain} ${now}`] : []
}
