import { isBuiltin } from '../../areas/firewall/builtin-chains.ts'
import { findChain } from '../../areas/firewall/chain-text.ts'
import type { Chain, Rule } from '../../model/firewall.ts'
import { Refusal } from './refusal.ts'
import type { ReadRule } from './rule-print.ts'
import { readRule } from './rule-text.ts'
import {
  type Args,
  type Counters,
  chainOf,
  type Done,
  NO_CHAIN,
  NO_FILTERING,
  numberAt,
  putChain,
  type Scope,
} from './scope.ts'
import { TARGET_PLACES } from './targets.ts'

const BAD_RULE = 'Bad rule (does a matching rule exist in that chain?).'

/** The commands on single rules, by their short names. */
export const RULE_COMMANDS: Readonly<Record<string, (args: Args) => Done>> = {
  '-A': (args) => addRules(args, args.words.slice(1), 'APPEND', (rules) => rules.length),
  '-I': (args) => {
    const number = numberAt(args.words, 1)
    return addRules(args, args.words.slice(number === null ? 1 : 2), 'INSERT', (rules) => {
      if ((number ?? 1) > rules.length + 1) throw new Refusal('plain', 'Index of insertion too big.')
      return (number ?? 1) - 1
    })
  },
  '-R': (args) => replaceRule(args),
  '-D': (args) => deleteRule(args),
  '-C': ({ words, at }) => {
    const rule = read(at, words.slice(1))
    const missing = checkRule(at, words[0] ?? '', rule)
    if (!missing) indexOfRule(chainOf(at, words[0]), rule)
    return missing ? { after: at.ruleSet, missing } : { after: at.ruleSet }
  },
}

const read = ({ ruleSet }: Scope, words: readonly string[]): ReadRule => readRule(ruleSet.family, words)

const newRule = (text: string, { packets, bytes }: Counters): Rule => ({ id: text, text, packets, bytes })

/** What iptables checks before it looks at the chain; a jump to a chain that is not there is found last. */
function checkRule({ ruleSet, table }: Scope, chain: string, rule: ReadRule): Refusal | null {
  checkInterfaces(chain, rule)
  if (rule.wrong) throw rule.wrong
  const gone = rule.isChain && rule.target !== null && !findChain(ruleSet, { table, chain: rule.target })
  if (gone) return new Refusal('usage', `Chain '${rule.target}' does not exist`)
  return null
}

function checkInterfaces(chain: string, rule: ReadRule): void {
  if (rule.hasOut && (chain === 'INPUT' || chain === 'PREROUTING'))
    throw new Refusal('usage', `Can't use -o with ${chain}\n`)
  if (rule.hasIn && (chain === 'OUTPUT' || chain === 'POSTROUTING'))
    throw new Refusal('usage', `Can't use -i with ${chain}\n`)
}

/** What only the kernel refuses: a target out of its place, a reset for what is no tcp, a module of the other end. */
function checkKernel(verb: string, { table }: Scope, chain: string, rule: ReadRule): void {
  const places = TARGET_PLACES[rule.target ?? '']
  const misplaced = places && !(isBuiltin(table, chain) ? places[table]?.includes(chain) : places[table])
  const reset = rule.texts[0]?.includes('--reject-with tcp-reset') && rule.protocol !== 'tcp'
  const owner = rule.texts[0]?.includes(' owner ') && (chain === 'INPUT' || chain === 'PREROUTING')
  if (table === 'nat' && rule.target === 'DROP') throw new Refusal('usage', NO_FILTERING)
  if (misplaced || reset || owner)
    throw new Refusal('kernel', `RULE_${verb} failed (Invalid argument): rule in chain ${chain}`)
}

/** How many jumps the kernel follows (NFT_JUMP_STACK_SIZE). */
const DEEPEST = 16

/** Whether a packet could jump deeper than the kernel follows, as it does in a loop; from a built-in chain, that is. */
function isTooDeep({ ruleSet, table }: Scope): boolean {
  const chains = ruleSet.tables.find((one) => one.name === table)?.chains ?? []
  const jumps = new Map(
    chains.map(({ name, rules }) => [
      name,
      new Set(rules.flatMap(({ text }) => / -[jg] (\S+)$/.exec(` ${text}`)?.[1] ?? [])),
    ]),
  )
  let reached = new Set(chains.filter((chain) => chain.policy !== null).map((chain) => chain.name))
  for (let depth = 0; depth < DEEPEST && reached.size > 0; depth++)
    reached = new Set([...reached].flatMap((name) => [...(jumps.get(name) ?? [])].filter((next) => jumps.has(next))))
  return reached.size > 0
}

function addRules(
  { words, at }: Args,
  ruleWords: readonly string[],
  verb: string,
  place: (rules: readonly Rule[]) => number,
): Done {
  const rule = read(at, ruleWords)
  const chain = words[0] ?? ''
  const missing = checkRule(at, chain, rule)
  if (missing) return { after: at.ruleSet, missing }
  const old = chainOf(at, chain)
  const index = place(old.rules)
  checkKernel(verb, at, chain, rule)
  // A list of addresses is a rule for each, and each is inserted at the same place: before the last.
  const texts = verb === 'INSERT' ? rule.texts.toReversed() : rule.texts
  const rules = old.rules.toSpliced(index, 0, ...texts.map((text) => newRule(text, at.counters)))
  const after = putChain(at.ruleSet, at.table, { ...old, rules })
  if (rule.isChain && isTooDeep({ ...at, ruleSet: after }))
    throw new Refusal('kernel', `RULE_${verb} failed (Too many links): rule in chain ${chain}`)
  return { after }
}

function replaceRule({ words, at, bare }: Args): Done {
  const number = numberAt(words, 1)
  if (number === null) throw new Refusal('usage', '-R requires a rule number')
  const rule = read(at, words.slice(2))
  const missing = checkRule(at, words[0] ?? '', rule)
  if (missing) return { after: at.ruleSet, missing }
  const old = chainOf(at, words[0])
  if (bare) throw new Refusal('plain', NO_CHAIN)
  if (number < 1 || number > old.rules.length) throw new Refusal('plain', 'Index of replacement too big.')
  checkKernel('REPLACE', at, old.name, rule)
  const rules = old.rules.toSpliced(number - 1, 1, newRule(rule.texts[0] as string, at.counters))
  return { after: putChain(at.ruleSet, at.table, { ...old, rules }) }
}

function indexOfRule(chain: Chain, rule: ReadRule): number {
  const index = chain.rules.findIndex((one) => one.text === rule.texts[0])
  if (index < 0) throw new Refusal('plain', BAD_RULE)
  return index
}

function deleteRule({ words, at, bare }: Args): Done {
  const number = words.length === 2 ? numberAt(words, 1) : null
  const rule = number === null ? read(at, words.slice(1)) : null
  const missing = rule && checkRule(at, words[0] ?? '', rule)
  if (missing) return { after: at.ruleSet, missing }
  const old = chainOf(at, words[0])
  if (number !== null && bare) throw new Refusal('plain', NO_CHAIN)
  if (number !== null && (number < 1 || number > old.rules.length))
    throw new Refusal('plain', 'Index of deletion too big.')
  const index = rule ? indexOfRule(old, rule) : (number as number) - 1
  return { after: putChain(at.ruleSet, at.table, { ...old, rules: old.rules.toSpliced(index, 1) }) }
}
