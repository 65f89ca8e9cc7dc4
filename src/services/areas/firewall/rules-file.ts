import type { Family, RuleSet } from '../../model/firewall.ts'
import type { Safe } from '../../model/safe.ts'
import { isBuiltin } from './builtin-chains.ts'
import { parseRuleSet } from './parse.ts'
import { canonicalWords } from './rule-canon.ts'
import { splitWords } from './words.ts'

/**
 * Reads a file of rules that iptables-restore(8) loads, which a person may have written: chains without a line of their
 * own, `-P`, `-I`, rules in other words. What it comes to is told as iptables-save(8) would print it, as far as that is
 * known here.
 */
export function parseRulesFile(family: Family, text: string, portNames: ReadonlyMap<string, Safe>): RuleSet {
  const out: string[] = []
  let table = ''
  let heads = new Map<string, string>()
  let rules: { readonly chain: string; readonly text: string }[] = []
  const end = (): void => {
    out.push(...heads.values(), ...rules.map((rule) => `-A ${rule.chain} ${rule.text}`), 'COMMIT')
    heads = new Map()
    rules = []
  }
  const known = (chain: string): boolean => {
    if (!heads.has(chain) && isBuiltin(table, chain)) heads.set(chain, `:${chain} ACCEPT [0:0]`)
    return heads.has(chain)
  }
  for (const raw of text.split('\n')) {
    const line = raw.trim().replace(/^\[\d+:\d+\] /, '')
    if (line.startsWith('*')) {
      table = line.slice(1).trim()
      out.push(line)
    } else if (line === 'COMMIT') end()
    else if (line.startsWith(':')) heads.set(line.slice(1).split(' ')[0] ?? '', line)
    else if (line.startsWith('-')) {
      const split = splitWords(line)
      const [command = '', chain = '', ...words] = split.ok ? split.value : []
      if (/^(-P|--policy)$/.test(command)) heads.set(chain, `:${chain} ${words[0] ?? 'ACCEPT'} [0:0]`)
      else if (/^(-N|--new-chain)$/.test(command)) heads.set(chain, `:${chain} - [0:0]`)
      else if (/^(-A|--append|-I|--insert)$/.test(command) && known(chain)) {
        const first = /^(-I|--insert)$/.test(command)
        const at = first && /^\d+$/.test(words[0] ?? '') ? Number(words.shift()) : 1
        const rule = { chain, text: canonicalWords(words, family, portNames) }
        if (first) insertAt(rules, rule, at)
        else rules.push(rule)
      }
    }
  }
  return parseRuleSet(family, `${out.join('\n')}\n`)
}

/** Puts a rule before the one that is the n-th of its chain. */
function insertAt<T extends { readonly chain: string }>(rules: T[], rule: T, number: number): void {
  let seen = 0
  const place = rules.findIndex((one) => one.chain === rule.chain && ++seen === number)
  rules.splice(place < 0 ? rules.length : place, 0, rule)
}
