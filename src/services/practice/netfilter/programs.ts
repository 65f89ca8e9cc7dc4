import { BUILTIN_CHAINS, withTable } from '../../areas/firewall/builtin-chains.ts'
import { ownPriority } from '../../areas/firewall/nft/own.ts'
import type { Family, RuleSet, Table } from '../../model/firewall.ts'
import { isCommand, runCommand } from './commands.ts'
import { commandRefusal, Refusal, VERSION } from './refusal.ts'
import { restoreRules } from './restore.ts'
import { loadRules, saveText, storeRules, whileLocked } from './rules-file.ts'
import { ZERO } from './scope.ts'

/** What a program left. */
export type Outcome = { readonly status: number; readonly stdout: string; readonly stderr: string }

/** How a program was called. */
export type Run = {
  readonly program: string
  readonly args: readonly string[]
  /** The directory that stands for the kernel: a scratch one inside `unshare -n`. */
  readonly kernel: string
  readonly stdin: () => string
}

const quiet = (status: number, stderr = ''): Outcome => ({ status, stdout: '', stderr })
const familyOfProgram = (program: string): Family => (program.startsWith('ip6') ? 'v6' : 'v4')

/** iptables(8) and ip6tables(8). */
export function iptables({ program, args, kernel }: Run): Outcome {
  const { options, rest } = leading(args)
  if (options.has('-V') || options.has('--version')) return { ...quiet(0), stdout: `${program} ${VERSION}\n` }
  const table = options.get('-t') ?? 'filter'
  try {
    if (!BUILTIN_CHAINS[table]) throw new Refusal('table', `table '${table}' does not exist`)
    return whileLocked(kernel, () => {
      const before = loadRules(kernel, familyOfProgram(program))
      const done = runCommand(rest, { ruleSet: before, table, counters: ZERO })
      if (done.missing) throw done.missing
      if (done.printed !== undefined) return { ...quiet(0), stdout: done.printed }
      storeRules(kernel, done.after)
      return quiet(0)
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { stdout: '', ...commandRefusal(program, error) }
  }
}

/** Options before the command, by their short names; those that only change how things are waited for or shown. */
function leading(args: readonly string[]): { options: ReadonlyMap<string, string>; rest: readonly string[] } {
  const options = new Map<string, string>()
  let at = 0
  for (; at < args.length; at++) {
    const word = args[at] as string
    if (isCommand(word)) break
    if (word === '-t' || word === '--table') options.set('-t', args[++at] ?? '')
    else if (word === '-w' || word === '--wait' || word === '-W') {
      if (/^\d+$/.test(args[at + 1] ?? '')) at++
    } else if (/^-[nvx]*[SL]$/.test(word)) return { options, rest: ['-S', ...args.slice(at + 1)] }
    else if (/^(-[nvx]+|--numeric|--verbose|-4|-6|-V|--version)$/.test(word)) options.set(word, '')
    else break
  }
  return { options, rest: args.slice(at).filter((word) => word !== '--line-numbers') }
}

/** iptables-save(8) and ip6tables-save(8). */
export function iptablesSave({ program, args, kernel }: Run): Outcome {
  let counters = false
  let table: string | null = null
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string
    if (word === '-c' || word === '--counters') counters = true
    else if (word === '-t' || word === '--table') table = args[++at] ?? ''
    else if (word === '-V' || word === '--version') return { ...quiet(0), stdout: `${program} ${VERSION}\n` }
    else
      return quiet(
        1,
        `${program}: unrecognized option '${word}'\nLook at manual page \`${program}.8' for more information.\n`,
      )
  }
  const all = loadRules(kernel, familyOfProgram(program))
  if (table !== null && !BUILTIN_CHAINS[table]) return quiet(1, `Table \`${table}' does not exist\n`)
  const chosen = table === null ? all : only(withTable(all, table), table)
  const heading = {
    program: `${program} ${VERSION}`,
    at: new Date().toString().replace(/^(.{10}) (\d{4}) (.{8}).*/, '$1 $3 $2'),
  }
  return { ...quiet(0), stdout: saveText(chosen, counters, heading) }
}

const only = (ruleSet: RuleSet, table: string): RuleSet => ({
  ...ruleSet,
  tables: ruleSet.tables.filter((one) => one.name === table),
})

/** iptables-restore(8) and ip6tables-restore(8), reading standard input. */
export function iptablesRestore({ program, args, kernel, stdin }: Run): Outcome {
  const options = { noflush: false, counters: false, test: false }
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string
    if (word === '-n' || word === '--noflush') options.noflush = true
    else if (word === '-c' || word === '--counters') options.counters = true
    else if (word === '-t' || word === '--test') options.test = true
    else if (word === '-V' || word === '--version') return { ...quiet(0), stdout: `${program} ${VERSION}\n` }
    else if (/^(-w|--wait|-W|--wait-interval)$/.test(word)) {
      if (/^\d+$/.test(args[at + 1] ?? '')) at++
    } else if (word !== '-v' && word !== '--verbose')
      return quiet(1, `${program}: unrecognized option '${word}'\nTry \`${program} -h' for more information.\n`)
  }
  const input = stdin()
  return whileLocked(kernel, () => {
    const before = loadRules(kernel, familyOfProgram(program))
    const { after, status, stderr } = restoreRules(before, program, input, options)
    if (after !== before) storeRules(kernel, after)
    return quiet(status, stderr)
  })
}

/** The little of nft(8) that is asked for: the tables of iptables' own, as text that differs when they do. */
export function nft({ args, kernel }: Run): Outcome {
  const words = args.filter((word) => word !== '-s' && word !== '-j')
  const family: Family = words[2] === 'ip6' ? 'v6' : 'v4'
  const ruleSet = loadRules(kernel, family)
  const [verb, what, , name] = words
  if (verb === 'list' && what === 'tables') {
    const lines = (['v4', 'v6'] as const).flatMap((one) =>
      loadRules(kernel, one).tables.map((table) => `table ${one === 'v4' ? 'ip' : 'ip6'} ${table.name}\n`),
    )
    return { ...quiet(0), stdout: lines.join('') }
  }
  const table = ruleSet.tables.find((one) => one.name === name)
  if (what !== 'table' || !table) return quiet(1, 'Error: No such file or directory\n')
  if (verb === 'delete') {
    storeRules(kernel, { ...ruleSet, tables: ruleSet.tables.filter((one) => one !== table) })
    return quiet(0)
  }
  if (args.includes('-j')) return { ...quiet(0), stdout: `${JSON.stringify(nftJson(words[2] ?? '', table))}\n` }
  const chains = table.chains.flatMap((chain) => [
    `\tchain ${chain.name} {`,
    ...(chain.policy
      ? [`\t\ttype ${name} hook ${chain.name.toLowerCase()}; policy ${chain.policy.toLowerCase()};`]
      : []),
    ...chain.rules.map((rule) => `\t\t${rule.text}`),
    '\t}',
  ])
  return { ...quiet(0), stdout: `table ${words[2]} ${name} {\n${chains.join('\n')}\n}\n` }
}

/** As libnftables-json(5): rules of iptables' own are opaque to nft where it has no libxtables. */
function nftJson(family: string, { name, chains }: Table): object {
  const at = { family, table: name }
  const chainObjects = chains.map((chain) => ({
    chain: {
      ...at,
      name: chain.name,
      ...(chain.policy === null
        ? {}
        : {
            type: name === 'nat' ? 'nat' : 'filter',
            hook: chain.name.toLowerCase(),
            prio: ownPriority(name, chain.name),
            policy: chain.policy.toLowerCase(),
          }),
    },
  }))
  const ruleObjects = chains.flatMap((chain) =>
    chain.rules.map(() => ({
      rule: { ...at, chain: chain.name, expr: [{ counter: { packets: 0, bytes: 0 } }, { xt: null }] },
    })),
  )
  return {
    nftables: [{ metainfo: { json_schema_version: 1 } }, { table: { family, name } }, ...chainObjects, ...ruleObjects],
  }
}
