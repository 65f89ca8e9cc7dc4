import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { BesideItem } from '../../state/areas/firewall/beside-list.ts'
import type { ChainItem, RuleItem } from '../../state/areas/firewall/items.ts'
import { type RuleAbout, ruleAbout } from '../../state/areas/firewall/rule-about.ts'
import { ruleWords } from '../../state/areas/firewall/rule-words.ts'
import type { StagedMark } from '../../state/areas/staged-mark.ts'
import { plural, rateWords, shortCount } from '../presenters/numbers.ts'
import { cells } from '../text/cells.ts'
import { type Cell, columns, type Line, leftRight, lineCells, type Role, type Span, span } from '../text/line.ts'

/** Sign and word of what is staged: the sign is that of a difference. */
export const MARKS: Readonly<Record<StagedMark, { readonly sign: Safe; readonly word: Safe; readonly role: Role }>> = {
  added: { sign: say`+`, word: say`staged`, role: 'staged' },
  edited: { sign: say`~`, word: say`edit staged`, role: 'staged' },
  moved: { sign: say`~`, word: say`move staged`, role: 'staged' },
  deleted: { sign: say`-`, word: say`delete staged`, role: 'staged' },
}

const TARGETS: ReadonlyMap<string, Role> = new Map([
  ['ACCEPT', 'good'],
  ['DROP', 'bad'],
  ['REJECT', 'bad'],
])

const policyRole = (policy: string): Role => (policy === 'ACCEPT' ? 'warn' : 'good')

/** A chain as a row: it begins a section. */
export function chainRow(item: ChainItem, width: number): Line {
  const { chain, owner, livePolicy, mark } = item
  const rules = plural(chain.rules.length, say`rule`, say`rules`)
  if (owner) {
    const left = [span(say` `), span(safe(chain.name), 'strong'), span(say`  of ${owner}`, 'dim')]
    return leftRight(left, [span(say`${rules}, not listed`, 'dim')], width)
  }
  const name = span(safe(chain.name), 'strong')
  if (mark) {
    const { sign, word, role } = MARKS[mark]
    return heading([span(sign, 'staged'), name, span(say`  ${word}`, role)], rules, width)
  }
  if (chain.policy === null) return heading([span(say` `), name], rules, width)
  const staged = livePolicy !== null && livePolicy !== chain.policy
  const policy: Line = [
    span(staged ? say`  policy ${safe(livePolicy)} → ` : say`  policy `, 'strong'),
    span(safe(chain.policy), policyRole(chain.policy)),
    ...(staged ? [span(say`  staged`, 'staged')] : []),
  ]
  const count = chain.packets > 0 && !staged ? say`${rules} · ${shortCount(chain.packets)} by policy` : rules
  return heading([span(staged ? say`~` : say` `, 'staged'), name, ...policy], count, width)
}

/** What begins a section: a thin line leads from its name to its count. */
export function heading(left: Line, count: Safe, width: number): Line {
  const gap = width - lineCells(left) - cells(count) - 2
  if (gap < 1) return leftRight(left, [span(count, 'dim')], width)
  return [...left, span(say` ${safe('─'.repeat(gap))} `, 'dim'), span(count, 'dim')]
}

/** From this width on a row says more than its rule and its counter. */
const WIDE = 90
const ROOMY = 66

/** What stands at the right of a rule: what is staged, whether it lets the operator in, what is wrong with it, its counter. */
function ruleTail(item: RuleItem, about: RuleAbout, width: number): Line {
  const { mark, you } = item
  const parts: Span[] = []
  if (mark) parts.push(span(MARKS[mark].word, MARKS[mark].role))
  if (you) parts.push(span(you === 'yes' ? say`← you come in here` : say`← you may come in here`, 'you'))
  if (about.shadowedBy !== null) parts.push(span(say`shadowed by ${about.shadowedBy}`, 'warn'))
  else if (about.idle) parts.push(span(say`nobody listens`, 'warn'))
  else if (about.serves && width >= WIDE && !(you && mark)) parts.push(span(say`→ ${safe(about.serves, 24)}`, 'dim'))
  if (parts.length === 0 || (!mark && width >= WIDE)) parts.push(...counter(item.rule.packets, about.rate, width))
  return parts.flatMap((part, at) => (at === 0 ? [part] : [span(say`  `), part]))
}

function counter(packets: number, rate: number | null, width: number): Line {
  const count = span(packets === 0 ? say`never` : shortCount(packets), 'dim')
  const words = width >= ROOMY ? rateWords(rate) : say``
  return words === '' ? [count] : [span(words, 'plain'), count]
}

/** A rule as a row. */
export function ruleRow(item: RuleItem, width: number): Line {
  const { mark } = item
  const about = ruleAbout(item)
  const tail = ruleTail(item, about, width)
  const size = lineCells(tail)
  const targetWidth = width > 70 ? 12 : 10
  const room = Math.max(0, width - size - 1) - targetWidth - 15
  const plain = ruleWords(item.rule.text)
  const named = ruleWords(item.rule.text, item.context.portName)
  const { target, protocol, rest, off } = cells(named.rest) <= room ? named : plain
  const gone = mark === 'deleted' || off === true
  const row: readonly Cell[] = [
    { text: mark ? MARKS[mark].sign : say` `, role: 'staged', width: 1 },
    { text: item.number === null ? say`` : say`${item.number}`, role: 'dim', width: 5, right: true },
    { text: target, role: gone ? 'dim' : (TARGETS.get(target) ?? 'plain'), width: targetWidth },
    { text: protocol, width: 5, role: gone ? 'dim' : 'plain' },
    { text: rest, grow: true, role: gone ? 'dim' : 'plain' },
  ]
  return [...columns(row, Math.max(0, width - size - 1)), span(say` `), ...tail]
}

/** A line of a table that is only shown. */
export function besideRow({ as, number, text, tail }: BesideItem, width: number): Line {
  if (as === 'unread') return [span(say`? `, 'warn'), span(text, 'warn')]
  if (as === 'chain') return heading([span(say` `), span(text, 'strong')], tail, width)
  const row: readonly Cell[] = [
    { text: say``, width: 1 },
    { text: say`${number ?? 0}`, role: 'dim', width: 5, right: true },
    { text, grow: true },
  ]
  return [...columns(row, Math.max(0, width - cells(tail) - 1)), span(say` `), span(tail, 'dim')]
}
