import { isBuiltin, withTable } from '../../areas/firewall/builtin-chains.ts'
import { findChain, ruleLine } from '../../areas/firewall/chain-text.ts'
import type { Chain, Rule } from '../../model/firewall.ts'
import { Refusal } from './refusal.ts'
import { RULE_COMMANDS } from './rule-commands.ts'
import { type Args, chainOf, type Done, NO_FILTERING, newChain, onTable, putChain, type Scope, ZERO } from './scope.ts'

const LONG: Readonly<Record<string, string>> = {
  '--append': '-A',
  '--insert': '-I',
  '--delete': '-D',
  '--replace': '-R',
  '--check': '-C',
  '--flush': '-F',
  '--zero': '-Z',
  '--policy': '-P',
  '--new-chain': '-N',
  '--delete-chain': '-X',
  '--rename-chain': '-E',
  '--list-rules': '-S',
  '--list': '-L',
}

/** Carries out one command (`-A CHAIN …`) on one table; throws a Refusal and leaves the rule set alone. */
export function runCommand(words: readonly string[], at: Scope): Done {
  const verb = LONG[words[0] ?? ''] ?? words[0] ?? ''
  const command = COMMANDS[verb]
  if (!command) throw new Refusal('usage', 'no command specified')
  const bare = !at.ruleSet.tables.some((table) => table.name === at.table)
  return command({ words: words.slice(1), at: { ...at, ruleSet: withTable(at.ruleSet, at.table) }, bare })
}

/** Whether a word is a command, short or long. */
export const isCommand = (word: string): boolean => Object.hasOwn(COMMANDS, LONG[word] ?? word)

const COMMANDS: Readonly<Record<string, (args: Args) => Done>> = {
  ...RULE_COMMANDS,
  '-F': ({ words, at }) => eachChain(at, words[0], (chain) => ({ ...chain, rules: [] })),
  '-Z': ({ words, at }) =>
    eachChain(at, words[0], (chain) => ({
      ...chain,
      ...ZERO,
      rules: chain.rules.map((rule) => ({ ...rule, ...ZERO })),
    })),
  '-P': setPolicy,
  '-N': ({ words: [name = ''], at }) => {
    if (findChain(at.ruleSet, { table: at.table, chain: name })) throw new Refusal('plain', 'Chain already exists.')
    return { after: putChain(at.ruleSet, at.table, newChain(checkedName(name))) }
  },
  '-X': removeChains,
  '-E': renameChain,
  '-S': listRules,
  '-L': listRules,
}

/** iptables(8) keeps to 28 characters. */
export function checkedName(name: string): string {
  if (name.length > 28) throw new Refusal('usage', `chain name \`${name}' too long (must be under 29 chars)`)
  return name
}

function eachChain(at: Scope, name: string | undefined, change: (chain: Chain) => Chain): Done {
  if (name !== undefined) return { after: putChain(at.ruleSet, at.table, change(chainOf(at, name))) }
  return { after: onTable(at.ruleSet, at.table, (chains) => chains.map(change)) }
}

function setPolicy({ words: [name = '', policy = ''], at }: Args): Done {
  if (!isBuiltin(at.table, name)) throw new Refusal('plain', 'Bad built-in chain name.')
  if (policy !== 'ACCEPT' && policy !== 'DROP')
    throw new Refusal('plain', "Bad policy name. Run `dmesg' for more information.")
  if (at.table === 'nat' && policy === 'DROP') throw new Refusal('usage', NO_FILTERING)
  return { after: putChain(at.ruleSet, at.table, { ...chainOf(at, name), policy }) }
}

const jumpsTo = (chain: string) => {
  const jump = new RegExp(`(?:^| )-[jg] ${chain.replace(/[^A-Za-z0-9_-]/g, '\\$&')}$`)
  return (rule: Rule): boolean => jump.test(rule.text)
}

function removeChains({ words: [name], at }: Args): Done {
  const table = at.ruleSet.tables.find((one) => one.name === at.table)
  const all = table?.chains ?? []
  const going = name === undefined ? all.filter((chain) => chain.policy === null) : [chainOf(at, name)]
  for (const chain of going) {
    const used = chain.rules.length > 0 || all.some((one) => one.rules.some(jumpsTo(chain.name)))
    if (used || chain.policy !== null)
      throw new Refusal('kernel', `CHAIN_DEL failed (Device or resource busy): chain ${chain.name}`)
  }
  return { after: onTable(at.ruleSet, at.table, (chains) => chains.filter((chain) => !going.includes(chain))) }
}

function renameChain({ words: [from = '', to = ''], at }: Args): Done {
  const old = chainOf(at, from)
  if (findChain(at.ruleSet, { table: at.table, chain: to })) throw new Refusal('plain', 'File exists.')
  const jump = jumpsTo(from)
  const renamed = (rule: Rule): Rule =>
    jump(rule) ? { ...rule, text: `${rule.text.slice(0, -from.length)}${to}` } : rule
  return {
    after: onTable(at.ruleSet, at.table, (chains) =>
      chains.map((chain) => ({
        ...chain,
        name: chain === old ? checkedName(to) : chain.name,
        rules: chain.rules.map(renamed),
      })),
    ),
  }
}

function listRules({ words: [name], at }: Args): Done {
  const all = at.ruleSet.tables.find((one) => one.name === at.table)?.chains ?? []
  const chains = name === undefined ? all : [chainOf(at, name)]
  const heads = chains.map((chain) => (chain.policy === null ? `-N ${chain.name}` : `-P ${chain.name} ${chain.policy}`))
  const rules = chains.flatMap((chain) => chain.rules.map((rule) => ruleLine(chain.name, rule.text)))
  return { after: at.ruleSet, printed: `${[...heads, ...rules].join('\n')}\n` }
}
