import { BUILTIN_CHAINS, isBuiltin, withTable } from '../../areas/firewall/builtin-chains.ts'
import { findChain } from '../../areas/firewall/chain-text.ts'
import { splitWords } from '../../areas/firewall/words.ts'
import type { RuleSet } from '../../model/firewall.ts'
import { checkedName, isCommand, runCommand } from './commands.ts'
import { Refusal, restoreRefusal } from './refusal.ts'
import { type Counters, newChain, putChain, ZERO } from './scope.ts'

/** Options of iptables-restore(8). */
export type RestoreOptions = { readonly noflush: boolean; readonly counters: boolean; readonly test: boolean }
/** What is in force after a restore, and what it says. */
export type Restored = { readonly after: RuleSet; readonly status: number; readonly stderr: string }

/** The table being read. `missing` is a jump to a chain that was not there: iptables finds it when it commits. */
type Open = { readonly table: string; ruleSet: RuleSet; missing: Refusal | null }

const CHAIN = /^:(\S+) (\S+)(?: \[(\d+):(\d+)\])?\s*$/
const COUNTED = /^\[(\d+):(\d+)\] (.*)$/

/**
 * iptables-restore(8): each table is committed whole or not at all, those before a bad one stay committed. `after` is
 * what is in force in the end.
 */
export function restoreRules(base: RuleSet, program: string, input: string, options: RestoreOptions): Restored {
  const lines = input.split('\n')
  if (lines.at(-1) === '') lines.pop()
  let after = base
  let open: Open | null = null
  let number = 0
  try {
    for (const line of lines) {
      number++
      if (line === '' || line.startsWith('#')) continue
      if (line.startsWith('*')) open = begin(after, line.slice(1).trim(), options)
      else if (!open) return { after, status: 1, stderr: `${program}: line ${number} failed\n` }
      else if (line === 'COMMIT') {
        if (open.missing) throw open.missing
        if (!options.test) after = open.ruleSet
        open = null
      } else if (line.startsWith(':')) open.ruleSet = declareChain(open, line, options)
      else carryOut(open, line, options)
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { after, ...restoreRefusal(program, number, error) }
  }
  if (open) return { after, status: 1, stderr: `${program}: COMMIT expected at line ${number + 1}\n` }
  return { after, status: 0, stderr: '' }
}

function begin(committed: RuleSet, table: string, { noflush }: RestoreOptions): Open {
  if (!BUILTIN_CHAINS[table]) throw new Refusal('table', `table name '${table}' invalid`)
  // A table that is emptied is gone, unless the lines that follow make it anew.
  const kept = noflush ? committed : { ...committed, tables: committed.tables.filter((one) => one.name !== table) }
  return { table, ruleSet: kept, missing: null }
}

function declareChain({ ruleSet, table }: Open, line: string, options: RestoreOptions): RuleSet {
  const match = CHAIN.exec(line)
  if (!match) throw new Refusal('bare', `Bad argument \`${line}'`)
  const [, name = '', policy = '', packets, bytes] = match
  const counters: Counters = { packets: Number(packets ?? 0), bytes: Number(bytes ?? 0) }
  const old = findChain(withTable(ruleSet, table), { table, chain: name })
  // With --noflush too, a user's chain that the input declares is emptied; a built-in one keeps its rules.
  if (!old || !isBuiltin(table, name)) return putChain(withTable(ruleSet, table), table, newChain(checkedName(name)))
  if (policy === '-') return ruleSet
  if (policy !== 'ACCEPT' && policy !== 'DROP') throw new Refusal('plain', 'Bad policy name.')
  const kept: Counters = options.noflush ? old : ZERO
  const { packets: p, bytes: b } = options.counters ? counters : kept
  return putChain(withTable(ruleSet, table), table, { ...old, policy, packets: p, bytes: b })
}

function carryOut(open: Open, line: string, options: RestoreOptions): void {
  const counted = COUNTED.exec(line)
  const split = splitWords(counted ? (counted[3] as string) : line)
  const words = split.ok ? split.value : []
  const [verb = line] = words
  if (!verb.startsWith('-')) throw new Refusal('bare', `Bad argument \`${verb}'`)
  if (words.includes('-t') || words.includes('--table'))
    throw new Refusal('usage', 'The -t option cannot be used in iptables-restore.\n')
  if (!isCommand(verb)) throw new Refusal('usage', `unknown option "${verb}"`)
  const counters = counted && options.counters ? { packets: Number(counted[1]), bytes: Number(counted[2]) } : ZERO
  const done = runCommand(words, { ruleSet: open.ruleSet, table: open.table, counters })
  open.ruleSet = done.after
  open.missing ??= done.missing ?? null
}
