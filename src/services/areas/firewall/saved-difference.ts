import type { Family, RuleSet } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { part } from './foreign-chains.ts'
import { canonicalRule } from './rule-canon.ts'

/** How the rules of the kernel differ from those saved for the next boot. */
export type SavedDifference = {
  readonly onlyLive: number
  readonly onlySaved: number
  /** Chains with the same rules in another order, and built-in ones with another policy. */
  readonly reordered: number
  readonly policies: number
  /** `+ filter INPUT -p tcp …`: what a boot takes away; `- …`: what it brings back. Not more than `most` lines. */
  readonly lines: readonly Safe[]
}

type Texts = { readonly policy: string | null; readonly rules: readonly string[] }

/** Chains by table and name, without those of other programs. A table that says nothing is as good as none. */
function chainsOf(ruleSet: RuleSet): ReadonlyMap<string, Texts> {
  const chains = new Map<string, Texts>()
  for (const table of ruleSet.tables)
    for (const chain of part(table, ruleSet.tables).own.chains) {
      const empty = chain.rules.length === 0 && (chain.policy ?? 'ACCEPT') === 'ACCEPT'
      if (empty && chain.policy !== null) continue
      chains.set(`${table.name} ${chain.name}`, { policy: chain.policy, rules: chain.rules.map((rule) => rule.text) })
    }
  return chains
}

/** Longer chains are compared as they are: only what people write is worded otherwise. */
const WORDED = 5000
const NO_NAMES: ReadonlyMap<string, Safe> = new Map()

/** Two lists of rules that may be one although their texts differ. */
function inOneWording(a: Texts, b: Texts, family: Family): readonly [Texts, Texts] {
  const equal = a.rules.length === b.rules.length && a.rules.every((text, at) => text === b.rules[at])
  if (equal || a.rules.length + b.rules.length > WORDED) return [a, b]
  const worded = (one: Texts): Texts => ({
    ...one,
    rules: one.rules.map((text) => canonicalRule(text, family, NO_NAMES)),
  })
  return [worded(a), worded(b)]
}

const NOTHING: Texts = { policy: null, rules: [] }

/** Compares live rules with saved ones: what they say, order and policies; not counters, nor the order of tables and chains. */
export function savedDifference(live: RuleSet, saved: RuleSet, most: number): SavedDifference {
  const [now, then] = [chainsOf(live), chainsOf(saved)]
  const lines: Safe[] = []
  let [onlyLive, onlySaved, reordered, policies] = [0, 0, 0, 0]
  const note = (line: () => Safe): void => {
    if (lines.length < most) lines.push(line())
  }
  for (const name of new Set([...now.keys(), ...then.keys()])) {
    const [a, b] = inOneWording(now.get(name) ?? NOTHING, then.get(name) ?? NOTHING, live.family)
    const mine = without(a.rules, b.rules)
    const theirs = without(b.rules, a.rules)
    onlyLive += mine.length
    onlySaved += theirs.length
    for (const text of mine) note(() => say`+ live only: ${safe(name)} ${safe(text, 160)}`)
    for (const text of theirs) note(() => say`- saved only: ${safe(name)} ${safe(text, 160)}`)
    if (mine.length + theirs.length === 0 && a.rules.some((text, at) => text !== b.rules[at])) {
      reordered++
      note(() => say`~ ${safe(name)}: the same rules in another order`)
    }
    if ((a.policy ?? 'ACCEPT') !== (b.policy ?? 'ACCEPT')) {
      policies++
      note(() => say`~ ${safe(name)}: policy ${safe(a.policy ?? 'ACCEPT')} now, ${safe(b.policy ?? 'ACCEPT')} saved`)
    }
  }
  return { onlyLive, onlySaved, reordered, policies, lines }
}

/** Texts of one list that the other has not, or not as often. */
function without(texts: readonly string[], others: readonly string[]): readonly string[] {
  if (texts.length === others.length && texts.every((text, at) => text === others[at])) return []
  const counts = new Map<string, number>()
  for (const text of others) counts.set(text, (counts.get(text) ?? 0) + 1)
  return texts.filter((text) => {
    const left = counts.get(text) ?? 0
    if (left > 0) counts.set(text, left - 1)
    return left === 0
  })
}
