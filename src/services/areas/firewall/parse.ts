import type { Chain, Family, Rule, RuleSet } from '../../model/firewall.ts'

type Building = { -readonly [K in keyof Chain]: K extends 'rules' ? Rule[] : Chain[K] }

const CHAIN = /^:(\S+) (\S+)(?: \[(\d+):(\d+)\])?$/
// `s`, for a comment may hold characters that end a line for a regular expression and for nobody else (CR, U+2028).
const RULE = /^(?:\[(\d+):(\d+)\] )?-A (\S+) ?(.*)$/s

/**
 * Reads what iptables-save(8) or ip6tables-save(8) prints, with or without counters (`-c`). Rules and comment lines are
 * kept verbatim, so that `printRuleSet` gives the text back. Lines it can't place are skipped: this never throws,
 * whatever the text.
 */
export function parseRuleSet(family: Family, text: string): RuleSet {
  const tables: { name: string; chains: Building[]; comments: readonly string[] }[] = []
  let comments: string[] = []
  let chains: Map<string, Building> = new Map()
  let seen = new Map<string, number>()
  for (const line of text.split('\n')) {
    const first = line[0]
    if (first === '*') {
      tables.push({ name: line.slice(1).trim(), chains: [], comments })
      comments = []
      chains = new Map()
      seen = new Map()
    } else if (first === '#') comments.push(line)
    else if (first === ':') {
      const chain = readChain(line)
      if (!chain) continue
      chains.set(chain.name, chain)
      tables.at(-1)?.chains.push(chain)
    } else if (first === '-' || first === '[') {
      const match = RULE.exec(line)
      const chain = match && chains.get(match[3] as string)
      if (!match || !chain) continue
      const body = match[4] as string
      const key = `${family}/${tables.at(-1)?.name}/${chain.name}/${body}`
      const copy = seen.get(key) ?? 0
      seen.set(key, copy + 1)
      chain.rules.push({
        id: copy === 0 ? key : `${key}#${copy + 1}`,
        text: body,
        ...countersOf(match[1], match[2]),
      })
    }
  }
  return { family, tables, comments }
}

/**
 * The first rule of a save whose quotes are not closed, else null. A comment may hold a line break, which iptables-save(8)
 * prints as it is: where the rule ends, and whether the next line is one, can't be told then.
 */
export const unclosedRule = (text: string): string | null =>
  !text.includes('"') ? null : (text.split('\n').find((line) => /^(?:-A|\[)/.test(line) && isUnclosed(line)) ?? null)

function isUnclosed(line: string): boolean {
  let open = false
  for (let at = line.indexOf('"'); at >= 0 && at < line.length; at++) {
    const char = line[at]
    if (char === '\\') at++
    else if (char === '"') open = !open
  }
  return open
}

function readChain(line: string): Building | null {
  const match = CHAIN.exec(line)
  if (!match) return null
  return {
    name: match[1] as string,
    policy: match[2] === '-' ? null : (match[2] as string),
    ...countersOf(match[3], match[4]),
    rules: [],
  }
}

/** The kernel counts in 64 bits, which a number here does not hold. */
function countersOf(first = '0', second = '0'): Pick<Rule, 'packets' | 'bytes' | 'counters'> {
  const [packets, bytes] = [Number(first), Number(second)]
  return packets <= Number.MAX_SAFE_INTEGER && bytes <= Number.MAX_SAFE_INTEGER
    ? { packets, bytes }
    : { packets, bytes, counters: `${first}:${second}` }
}
