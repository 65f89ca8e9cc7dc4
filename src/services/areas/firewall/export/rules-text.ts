import type { Chain, RuleSet, Table } from '../../../model/firewall.ts'
import { isPlain, printing } from '../../../model/here-document.ts'
import { safe } from '../../../model/safe.ts'
import { ruleLine } from '../chain-text.ts'
import { isWhole, type Parted, part } from '../foreign-chains.ts'
import { targetOf } from '../rule-text.ts'
import { ruleComment } from './rule-comment.ts'

const TABLES: Readonly<Record<string, string>> = {
  raw: 'before connection tracking',
  mangle: 'what is changed in packets',
  nat: 'addresses and ports that are translated',
  filter: 'what may come in, go through and go out',
  security: 'marks of mandatory access control',
}

const CHAINS: Readonly<Record<string, string>> = {
  PREROUTING: 'all that arrives, before it is known where it goes',
  INPUT: 'what is meant for this host',
  FORWARD: 'what only passes through this host',
  OUTPUT: 'what this host sends',
  POSTROUTING: 'all that leaves, last',
}

/** No rule is called so. */
const END = 'RULES'

/** The tables of a family as one commented iptables-restore(8) input, and the shell commands that print it. */
export const rulesText = (ruleSet: RuleSet): string =>
  printing(ruleSet.tables.flatMap((table) => tableLines(table, ruleSet.tables)).slice(0, -1), END)

function tableLines(table: Table, all: readonly Table[]): readonly string[] {
  const parted = part(table, all)
  const { chains } = parted.own
  const full = chains.filter((chain) => chain.rules.length > 0)
  const empty = chains.filter((chain) => chain.rules.length === 0)
  return [
    `# ==== ${titled(table.name, TABLES[table.name])} ====`,
    ...leftOutLines(parted),
    `*${table.name}`,
    ...chains.map((chain) => `:${chain.name} ${chain.policy ?? '-'} [0:0]`),
    ...full.flatMap((chain) => [
      '',
      headLine(chain, chains),
      ...chain.rules.flatMap(({ text }) => ruleLines(chain, text)),
    ]),
    '',
    ...(empty.length > 0 ? [`# ---- without rules: ${empty.map(({ name }) => safe(name)).join(', ')}`] : []),
    'COMMIT',
    '',
  ]
}

const titled = (name: string, words: string | undefined): string => (words ? `${safe(name)}: ${words}` : safe(name))

function leftOutLines({ foreign, rules, dockerUser }: Parted): readonly string[] {
  if (foreign.length === 0 && rules === 0) return []
  const owned = foreign.map(({ owner, chains }) => `${owner} (${chains.map((name) => safe(name)).join(', ')})`)
  return [
    '# Left out, for other programs make them while they run; where this script runs, such things stay as they are:',
    ...owned.map((words) => `#   chains of ${words}`),
    ...(rules > 0 ? [`#   rules of theirs in the chains below: ${rules}`] : []),
    ...(dockerUser.length > 0 ? ['# But these are an administrator’s; on a new host load them once Docker runs:'] : []),
    ...dockerUser.map((text) => `#   -A DOCKER-USER ${safe(text, text.length)}`),
  ]
}

const POLICIES: Readonly<Record<string, string>> = {
  ACCEPT: 'what no rule decides is let through',
  DROP: 'what no rule decides is dropped',
}

function headLine(chain: Chain, all: readonly Chain[]): string {
  if (chain.policy !== null) {
    const policy = `policy ${titled(chain.policy, POLICIES[chain.policy])}`
    return `# ---- ${titled(chain.name, CHAINS[chain.name])} (${policy})`
  }
  const users = all.filter((one) => one.rules.some((rule) => targetOf(rule.text) === chain.name))
  return `# ---- ${safe(chain.name)}: ${users.length === 0 ? 'nothing leads here' : `from ${users.map(({ name }) => safe(name)).join(', ')}`}`
}

const FFFD = '\ufffd'

/** A rule with the comments before it. */
function ruleLines(chain: Chain, text: string): readonly string[] {
  const line = ruleLine(chain.name, text)
  if (!isWhole(text))
    return [
      '# LEFT OUT: iptables-save prints this rule on several lines, and iptables-restore does not take that back:',
      `# ${safe(line, line.length)}`,
    ]
  const said = ruleComment(text)
  return [
    ...(said === null ? [] : [`# ${said}`]),
    ...(text.includes(FFFD) ? [`# it holds bytes that are no text, for which ${FFFD} stands here`] : []),
    ...(isPlain(line) ? [] : [`# it holds characters that a terminal would act on: ${safe(line, line.length)}`]),
    line,
  ]
}
