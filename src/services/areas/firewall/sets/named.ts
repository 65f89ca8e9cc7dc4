import { FAMILIES, type FirewallFacts, type RuleEdit, type RuleSet } from '../../../model/firewall.ts'
import type { IpSet, IpSets } from '../../../model/ip-sets.ts'
import { say } from '../../../model/safe.ts'
import { splitWords } from '../words.ts'

const NAMES_SET = new Set(['--match-set', '--add-set', '--del-set', '--map-set'])
const FILLS = /(?:^| )--(?:add|del)-set /

/** Whether a set has the name of one that fail2ban, CrowdSec, SSHGuard or Docker makes when it starts, and fills. */
export const isFilledByPrograms = (name: string): boolean => /^(f2b-|fail2ban|crowdsec|sshguard|docker-)/.test(name)

/** The sets that a rule names, in the order of its text, each once. */
export function setsNamedIn(text: string): readonly string[] {
  if (!text.includes('-set ')) return []
  const words = splitWords(text)
  if (!words.ok) return []
  return [...new Set(words.value.flatMap((word, at, all) => (NAMES_SET.has(word) ? (all[at + 1] ?? []) : [])))]
}

/** The sets, knowing that rules (`-j SET`) put members into some of them, or take them out. */
export function withFilled(sets: IpSets, texts: readonly string[]): IpSets {
  if (sets.state !== 'present') return sets
  const filled = new Set(texts.filter((text) => FILLS.test(text)).flatMap(setsNamedIn))
  if (filled.size === 0) return sets
  const doubted = (set: IpSet): IpSet =>
    filled.has(set.name) && set.doubt === null ? { ...set, doubt: say`its members come and go: a rule fills it` } : set
  return { ...sets, byName: new Map([...sets.byName].map(([name, set]) => [name, doubted(set)])) }
}

export const textsOf = ({ tables }: RuleSet): readonly string[] =>
  tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules.map(({ text }) => text)))

/** Gives the rules of both families the sets that they may name. */
export function withSets(families: FirewallFacts['families'], sets: IpSets): FirewallFacts['families'] {
  const { v4, v6 } = families
  const texts = [v4, v6].flatMap((one) => (one.state === 'present' ? textsOf(one.ruleSet) : []))
  const known = withFilled(sets, texts)
  const add = (one: typeof v4): typeof v4 =>
    one.state === 'present' ? { ...one, ruleSet: { ...one.ruleSet, sets: known } } : one
  return { v4: add(v4), v6: add(v6) }
}

/** What an edit's own text does to the sets beside the rules. */
export const withFilledBy = (ruleSet: RuleSet, edit: RuleEdit): RuleSet =>
  ruleSet.sets && 'text' in edit && FILLS.test(edit.text)
    ? { ...ruleSet, sets: withFilled(ruleSet.sets, [edit.text]) }
    : ruleSet

/** The sets of a host, which both families share; null where nobody asked for them. */
export function setsOf({ families }: Pick<FirewallFacts, 'families'>): IpSets | null {
  const read = FAMILIES.map((family) => families[family]).find((one) => one.state === 'present')
  return read?.state === 'present' ? (read.ruleSet.sets ?? null) : null
}
