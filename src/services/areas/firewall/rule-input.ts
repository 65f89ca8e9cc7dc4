import { fail, ok, type Result } from '../../model/errors.ts'
import type { ChainRef, Family, Rule, RuleEdit, RuleSet } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { withTable } from './builtin-chains.ts'
import { findChain } from './chain-text.ts'
import { applyEdits } from './edits.ts'
import { quoteWord, splitWords } from './words.ts'

/** Where the cursor stands: a bare rule goes here. `before` null means at the end of the chain. */
export type Insertion = { readonly at: ChainRef; readonly before: string | null }

/** What the editor shows for a rule that exists. */
export const ruleInputText = (rule: Pick<Rule, 'text'>): string => rule.text

const LONGEST_RULE = 4096
const OTHER_COMMANDS: ReadonlyMap<string, Safe> = new Map(
  Object.entries({
    '-D': say`To delete a rule, put the cursor on it and press x.`,
    '-R': say`To replace a rule, put the cursor on it and press e.`,
    '-F': say`Flushing a chain is not offered: delete the rules you mean with x.`,
    '-P': say`To change a policy, put the cursor on the chain and press P.`,
    '-E': say`Renaming chains can't be staged yet.`,
  }),
)

/**
 * Reads a rule as a person types it: a bare rule (`-p tcp --dport 80 -j ACCEPT`) goes to `place`; a full
 * `-A CHAIN …` or `-I CHAIN [n] …`, with or without `iptables`, `ip6tables` and `-t table` before it, goes where it
 * says; `-N CHAIN` and `-X CHAIN` make and delete one. iptables(8) itself has the last word on the rest of the syntax, on the server.
 */
export function readRuleInput(
  line: string,
  place: Insertion,
  ruleSet: RuleSet,
  newId: () => string,
): Result<RuleEdit, Safe> {
  if (/[\u0000-\u001f\u007f]/.test(line)) return fail(say`A rule is one line without control characters.`)
  if (line.length > LONGEST_RULE) return fail(say`This rule is longer than ${LONGEST_RULE} characters.`)
  const split = splitWords(line)
  if (!split.ok) return split
  const head = readHead(split.value, place.at)
  if (!head.ok) return head
  const { at, words, position } = head.value
  if (at.family !== ruleSet.family)
    return fail(say`This is a rule for ${safe(at.family)}; switch the pane to that family first.`)
  if (position === 'new-chain' || position === 'delete-chain') return wholeChain(position, at, words, ruleSet)
  const wrong = judgeBody(words)
  if (wrong) return fail(wrong)
  const chain = findChain(withTable(ruleSet, at.table), at)
  if (!chain) return fail(say`There is no chain ${safe(at.chain)} in table ${safe(at.table)}.`)
  const before = position === 'cursor' ? place.before : beforeAt(chain.rules, position)
  if (before === undefined)
    return fail(say`${safe(at.chain)} has ${chain.rules.length} rules: there is no place ${Number(position)}.`)
  return ok({ kind: 'insert', at, before, ruleId: newId(), text: words.map(quoteWord).join(' ') })
}

/** Longest name of a chain, in bytes (XT_EXTENSION_MAXNAMELEN). */
const LONGEST_CHAIN = 28

/** `-N CHAIN` and `-X CHAIN`; what the chain holds when it goes is shown with what is staged. */
function wholeChain(
  kind: 'new-chain' | 'delete-chain',
  at: ChainRef,
  more: readonly string[],
  ruleSet: RuleSet,
): Result<RuleEdit, Safe> {
  const name = safe(at.chain, 40)
  if (more.length > 0) return fail(say`Nothing may follow the name of the chain.`)
  if (kind === 'new-chain' && (!/^[^-!\s][^\s]*$/.test(at.chain) || Buffer.byteLength(at.chain) > LONGEST_CHAIN))
    return fail(say`“${name}” is no name for a chain: at most ${LONGEST_CHAIN} characters, none of them a space.`)
  if (kind === 'new-chain' && TARGETS.has(at.chain)) return fail(say`${name} is a target's name already.`)
  const { conflicts } = applyEdits(ruleSet, [{ kind, at }])
  return conflicts[0] ? fail(say`${name} can't be ${CHAIN_VERBS[kind]}: ${conflicts[0].reason}.`) : ok({ kind, at })
}

const CHAIN_VERBS = { 'new-chain': say`made`, 'delete-chain': say`deleted` } as const
const TARGETS: ReadonlySet<string> = new Set([
  'ACCEPT',
  'DROP',
  'RETURN',
  'QUEUE',
  'REJECT',
  'LOG',
  'MASQUERADE',
  'DNAT',
  'SNAT',
])

type Head = {
  readonly at: ChainRef
  readonly words: readonly string[]
  readonly position: number | 'end' | 'cursor' | 'new-chain' | 'delete-chain'
}

const LONG: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '--append': '-A',
    '--insert': '-I',
    '--delete': '-D',
    '--replace': '-R',
    '--flush': '-F',
    '--policy': '-P',
    '--new-chain': '-N',
    '--delete-chain': '-X',
    '--rename-chain': '-E',
  }),
)

function readHead(all: readonly string[], cursor: ChainRef): Result<Head, Safe> {
  let at = cursor
  let rest = all[0] === 'sudo' ? all.slice(1) : all
  const [, program] = /^(?:.*\/)?(ip6?tables)(?:-nft|-legacy)?$/.exec(rest[0] ?? '') ?? []
  if (program !== undefined) {
    const family: Family = program === 'iptables' ? 'v4' : 'v6'
    at = { ...at, family }
    rest = rest.slice(1)
  }
  for (;;) {
    const { option, value, words } = beforeCommand(rest)
    if (option === null) break
    // In iptables' own files such a line is skipped by the program of the other family.
    if (option === '-4' || option === '-6') at = { ...at, family: option === '-4' ? 'v4' : 'v6' }
    if (option === '-t') {
      if (!value) return fail(say`-t needs the name of a table.`)
      at = { ...at, table: value }
    }
    rest = words
  }
  const command = LONG.get(rest[0] ?? '') ?? rest[0] ?? ''
  const refused = OTHER_COMMANDS.get(command)
  if (refused) return fail(refused)
  if (!PLACED.has(command)) return ok({ at, words: rest, position: 'cursor' })
  const chain = rest[1]
  if (!chain || chain.startsWith('-')) return fail(say`${safe(command)} needs the name of a chain.`)
  at = { ...at, chain }
  if (command === '-N') return ok({ at, words: rest.slice(2), position: 'new-chain' })
  if (command === '-X') return ok({ at, words: rest.slice(2), position: 'delete-chain' })
  if (command === '-A') return ok({ at, words: rest.slice(2), position: 'end' })
  const numbered = /^\d+$/.test(rest[2] ?? '')
  return ok({ at, words: rest.slice(numbered ? 3 : 2), position: numbered ? Number(rest[2]) : 1 })
}

/** Options before the command, in all ways of getopt_long(3), and what takes a value: a word, perhaps a number, or none. */
const BEFORE: readonly (readonly [names: RegExp, option: string, takes: 'word' | 'number' | 'nothing'])[] = [
  [/^(?:-t|--table)(?:=(.*))?$|^-t(.+)$/, '-t', 'word'],
  [/^(?:-w|--wait)(?:=(.*))?$|^-w(\d+)$/, '-w', 'number'],
  [/^(?:-W|--wait-interval)(?:=(.*))?$|^-W(\d+)$/, '-W', 'number'],
  [/^(?:-4|--ipv4)$/, '-4', 'nothing'],
  [/^(?:-6|--ipv6)$/, '-6', 'nothing'],
  [/^(?:-v+|--verbose|-n|--numeric)$/, '-v', 'nothing'],
]

/** The option that a line begins with, its value, and the words behind them; an `option` of null is the command's turn. */
function beforeCommand(all: readonly string[]): {
  readonly option: string | null
  readonly value: string | undefined
  readonly words: readonly string[]
} {
  for (const [names, option, takes] of BEFORE) {
    const match = names.exec(all[0] ?? '')
    if (!match) continue
    const joined = match[1] ?? match[2]
    const next = takes === 'word' || (takes === 'number' && /^\d+$/.test(all[1] ?? '')) ? all[1] : undefined
    if (joined !== undefined || next === undefined) return { option, value: joined, words: all.slice(1) }
    return { option, value: next, words: all.slice(2) }
  }
  return { option: null, value: undefined, words: all }
}

/** Commands that name a chain. */
const PLACED: ReadonlySet<string> = new Set(['-A', '-I', '-N', '-X'])

/** The id to insert before for a 1-based place; null at the end, undefined where there is no such place. */
function beforeAt(rules: readonly Rule[], position: number | 'end'): string | null | undefined {
  if (position === 'end' || position === rules.length + 1) return null
  return position < 1 ? undefined : rules[position - 1]?.id
}

function judgeBody(words: readonly string[]): Safe | null {
  const first = words[0]
  if (first === undefined) return say`A rule needs at least a target, such as -j ACCEPT.`
  if (first !== '!' && !first.startsWith('-'))
    return say`“${safe(first, 40)}” is not a match or target: a rule starts with one, such as -p tcp or -j DROP.`
  const jump = words.findIndex((word) => /^(-j|-g|--jump|--goto)$/.test(word))
  if (jump >= 0 && words[jump + 1] === undefined) return say`${safe(words[jump] as string)} needs a target.`
  const command = words.find((word) => OTHER_COMMANDS.has(word) || PLACED.has(word))
  if (command && words.indexOf(command) > 0 && !words[words.indexOf(command) - 1]?.startsWith('--'))
    return say`${safe(command)} comes before the rule, not inside it.`
  return null
}
