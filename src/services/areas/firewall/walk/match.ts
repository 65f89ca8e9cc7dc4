import { splitWords } from '../words.ts'
import { type Answer, both, invert } from './answer.ts'
import type { Condition } from './conntrack-matches.ts'
import { CONNECTION, GROUPS, type Group, MODULES } from './modules.ts'
import { OPTIONS } from './options.ts'
import type { View } from './view.ts'

/** Whether a rule matches, and what follows when it does: its target with the target's own options. */
export type MatchedRule = {
  readonly matches: Answer
  readonly target: string | null
  readonly goto: boolean
  readonly targetOptions: readonly string[]
}

/** An empty name is a target that nobody knows. */
const UNREADABLE: MatchedRule = { matches: 'maybe', target: '', goto: false, targetOptions: [] }
const NO_MATCH: MatchedRule = { matches: 'no', target: null, goto: false, targetOptions: [] }

/** What splitting at single spaces can't do. */
const NEEDS_CARE = /["'\\\t]| {2}|^ | $/

const JUMPS = new Set(['-j', '-g', '--jump', '--goto'])

/** Options of iptables itself: behind the target they belong to the match all the same. */
const OUR_OWN =
  /^(!|-[psdiofm]|--(protocol|proto|source|src|destination|dst|in-interface|out-interface|fragment|match))$/

/**
 * Whether a rule (its text without `-A CHAIN`) matches a packet, and where it sends it. A rule that certainly does not
 * match is not read to its end, so it has no target; a text that can't be read has one of no name. Never throws.
 */
export function matchRule(text: string, view: View): MatchedRule {
  let words: readonly string[]
  if (NEEDS_CARE.test(text)) {
    const split = splitWords(text)
    if (!split.ok) return UNREADABLE
    words = split.value
  } else words = text === '' ? [] : text.split(' ')
  return matchWords(words, view)
}

/** Options whose value is any text, `!` included. */
const TEXTS: ReadonlySet<string> = new Set(['--comment', '--string', '--hex-string', '--name', '--helper'])

type OpenGroup = { readonly group: Group; readonly conditions: Condition[] }

function matchWords(words: readonly string[], view: View): MatchedRule {
  let matches: Answer = 'yes'
  let negated = false
  let module = ''
  const groups: OpenGroup[] = []
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at] as string
    if (JUMPS.has(word)) break
    if (word === '!') {
      negated = true
      continue
    }
    if (word === '-m' || word === '--match') {
      module = words[++at] ?? ''
      const group = GROUPS.get(module)
      if (group) groups.push({ group, conditions: [] })
      matches = both(matches, MODULES.get(module)?.(view) ?? 'maybe')
    } else {
      const open = openGroup(groups, word)
      const option = open ? undefined : (OPTIONS.get(`${module}:${word}`) ?? OPTIONS.get(word))
      const count = open?.group.options.get(word) ?? option?.words ?? 0
      // Old releases print `-p ! tcp`.
      if (words[at + 1] === '!' && count > 0 && !TEXTS.has(word)) {
        negated = true
        at++
      }
      const value = count === 1 ? (words[at + 1] ?? '') : words.slice(at + 1, at + 1 + count).join(' ')
      if (open) open.conditions.push({ option: word, value, negated })
      else {
        const answer = option?.test(value, view, negated, words) ?? 'maybe'
        matches = both(matches, negated ? invert(answer) : answer)
      }
      at += count
    }
    if (matches === 'no') return NO_MATCH
    negated = false
  }
  for (const { group, conditions } of groups) matches = both(matches, group.test(conditions, view))
  return matches === 'no' ? NO_MATCH : withTarget(words, at, matches)
}

/** What an option is judged together with: the last match that has it. A state may be asked for without naming one. */
function openGroup(groups: OpenGroup[], option: string): OpenGroup | undefined {
  const open = groups.findLast(({ group }) => group.options.has(option))
  if (open || !CONNECTION.options.has(option)) return open
  groups.push({ group: CONNECTION, conditions: [] })
  return groups.at(-1)
}

function withTarget(words: readonly string[], at: number, matches: Answer): MatchedRule {
  if (at >= words.length) return { matches, target: null, goto: false, targetOptions: [] }
  const targetOptions = words.slice(at + 2)
  // iptables-save prints none there, but a person may: what they ask is not worked out.
  const sure = targetOptions.length === 0 || !targetOptions.some((word) => OUR_OWN.test(word))
  const goto = words[at] === '-g' || words[at] === '--goto'
  return { matches: sure ? matches : 'maybe', target: words[at + 1] ?? '', goto, targetOptions }
}
