import type { Chain, Rule, RuleSet } from '../../../model/firewall.ts'
import { hasRules } from '../layers.ts'
import { cutNet, type Net, readNet } from '../shadow/conditions.ts'

/** Where the packets that are asked about come from, and the ports they go to. */
export type Traffic = {
  readonly sources: readonly string[]
  /** Networks of the host's interfaces, whose other addresses may be sources as well. */
  readonly neighbours: readonly { readonly address: string; readonly prefix: number }[]
  readonly ports: ReadonlySet<number>
}

/** Chains of fewer rules are walked as they are. */
const SHORT = 400

type Kept = { readonly key: string; readonly ruleSet: RuleSet }

/** What was kept of a rule set last: every check of one reading asks about the same packets. Only speed hangs on it. */
const remembered = new WeakMap<RuleSet, Kept>()

/**
 * A rule set without the rules of long chains that match none of the packets asked about, whatever else they say: those
 * of another source, or another port. Answers stay the same; the numbers of rules in them do not.
 */
export function relevant(ruleSet: RuleSet, traffic: Traffic): RuleSet {
  if (!isLong(ruleSet)) return ruleSet
  const key = JSON.stringify([traffic.sources, traffic.neighbours, [...traffic.ports]])
  const known = remembered.get(ruleSet)
  if (known?.key === key) return known.ruleSet
  const kept = shortened(ruleSet, keeperOf(ruleSet, traffic))
  remembered.set(ruleSet, { key, ruleSet: kept })
  return kept
}

/** The same for rules that are going to be edited: those of these ids stay, and whatever a fix has put in. */
export function relevantWith(ruleSet: RuleSet, traffic: Traffic, ids: ReadonlySet<string | null>): RuleSet {
  if (!isLong(ruleSet)) return ruleSet
  const keeps = keeperOf(ruleSet, traffic)
  return shortened(ruleSet, (rule) => ids.has(rule.id) || rule.id.startsWith('fix:') || keeps(rule))
}

const isLong = (ruleSet: RuleSet): boolean =>
  ruleSet.tables.some((table) => table.chains.some((chain) => chain.rules.length > SHORT))

const shortened = (ruleSet: RuleSet, keeps: (rule: Rule) => boolean): RuleSet => ({
  ...ruleSet,
  tables: ruleSet.tables.map((table) => ({
    ...table,
    chains: table.chains.map(
      (chain): Chain => (chain.rules.length > SHORT ? { ...chain, rules: chain.rules.filter(keeps) } : chain),
    ),
  })),
})

/** More rules than this, none of which can be left out, are too many to walk for every question. */
const WALKED = 5000

/** Whether so few rules are left that they can be walked without anybody noticing. */
export const isWalkable = (kept: RuleSet): boolean =>
  kept.tables.every((table) => table.chains.every((chain) => chain.rules.length <= WALKED))

function keeperOf(ruleSet: RuleSet, traffic: Traffic): (rule: Rule) => boolean {
  const concerns = sourceTest(traffic)
  const ports = [...traffic.ports]
  // A port that is redirected to may be any.
  const redirects =
    ruleSet.beside?.some(hasRules) ||
    ruleSet.tables.some(
      (table) =>
        table.name === 'nat' && table.chains.some((chain) => chain.rules.some((rule) => REDIRECTS.test(rule.text))),
    )
  return ({ text }) => {
    if (text.startsWith('-s ') && !concerns(text)) return false
    if (redirects) return true
    const at = text.indexOf(' --dport ')
    // A quote may hide anything; behind `!` the port is one that does not match.
    if (at < 1 || text[at - 1] === '!' || text.includes('"')) return true
    const end = text.indexOf(' ', at + 9)
    const [from = '', to = from] = text.slice(at + 9, end < 0 ? text.length : end).split(':')
    const [first, last] = [Number(from), Number(to)]
    return !(first <= last) || ports.some((port) => port >= first && port <= last)
  }
}

const REDIRECTS = /-j (REDIRECT|DNAT|NETMAP|TPROXY)/

/** Whether the network behind the `-s` that a text begins with may have a source in it that is asked about. */
function sourceTest({ sources, neighbours }: Traffic): (text: string) => boolean {
  const nets: readonly Net[] = [
    ...sources.flatMap((source) => readNet(source) ?? []),
    ...neighbours.flatMap(({ address, prefix }) => readNet(`${address}/${prefix}`) ?? []),
  ]
  const v4 = nets.filter((net) => net.words.length === 1).map(({ words, bits }) => ({ word: words[0] as number, bits }))
  return (text) => {
    const quick = readV4(text, 3)
    if (quick) {
      const { word, bits } = quick
      return v4.some((one) => {
        const unit = 2 ** (32 - Math.min(one.bits, bits))
        return Math.floor(one.word / unit) === Math.floor(word / unit)
      })
    }
    const end = text.indexOf(' ', 3)
    const net = readNet(end < 0 ? text.slice(3) : text.slice(3, end))
    return !net || nets.some((one) => meets(one, net))
  }
}

/** Whether two networks have an address in common: one of them is inside the other. */
const meets = (a: Net, b: Net): boolean => {
  const bits = Math.min(a.bits, b.bits)
  const [first, second] = [cutNet(a.words, bits), cutNet(b.words, bits)]
  return first.words.length === second.words.length && first.words.every((word, i) => word === second.words[i])
}

/** `192.0.2.0/24 ` by hand, as rule sets of a hundred thousand rules are mostly that; null for everything else. */
function readV4(text: string, start: number): { readonly word: number; readonly bits: number } | null {
  let [word, part, dots, bits] = [0, 0, 0, 32]
  let i = start
  for (; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit >= 0 && digit <= 9) part = part * 10 + digit
    else if (digit === -2 && dots < 3) {
      word = word * 256 + part
      part = 0
      dots++
    } else break
  }
  word = word * 256 + part
  if (dots !== 3) return null
  if (text[i] === '/') {
    bits = 0
    for (i++; i < text.length && text[i] !== ' '; i++) {
      const digit = text.charCodeAt(i) - 48
      if (digit < 0 || digit > 9) return null
      bits = bits * 10 + digit
    }
  }
  return text[i] === ' ' && bits <= 32 ? { word, bits } : null
}
