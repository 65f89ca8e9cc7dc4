import type { Outcome } from '../../services/model/area.ts'
import { FAMILIES, type Family } from '../../services/model/firewall.ts'
import { factsOf } from '../../services/model/reading.ts'
import { LINE_CAP, type Safe, safe, say } from '../../services/model/safe.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import { type BesideItem, besideItems } from '../../state/lists/beside-list.ts'
import type { ChainItem, RuleItem, StagedMark } from '../../state/lists/firewall-list.ts'
import { type RuleAbout, ruleAbout } from '../../state/lists/rule-about.ts'
import { ownerOfRules } from '../../state/lists/rule-owner.ts'
import { ruleWords } from '../../state/lists/rule-words.ts'
import type { Selectors } from '../../state/lists/selectors.ts'
import { cells } from '../text/cells.ts'
import { type Cell, columns, EMPTY, type Line, leftRight, lineCells, type Role, type Span, span } from '../text/line.ts'
import { toFix } from './finding.ts'
import { aboutFinding, findingRow } from './finding-row.ts'
import { plural, rateWords, shortCount } from './numbers.ts'
import type { Presenter } from './presenter.ts'

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

export const policyRole = (policy: string): Role => (policy === 'ACCEPT' ? 'warn' : 'good')

function chainRow(item: ChainItem, width: number): Line {
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

/** A chain begins a section: a thin line leads from its name to its count. */
function heading(left: Line, count: Safe, width: number): Line {
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

function ruleRow(item: RuleItem, width: number): Line {
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
function besideRow({ as, number, text, tail }: BesideItem, width: number): Line {
  if (as === 'unread') return [span(say`? `, 'warn'), span(text, 'warn')]
  if (as === 'chain') return heading([span(say` `), span(text, 'strong')], tail, width)
  const row: readonly Cell[] = [
    { text: say``, width: 1 },
    { text: say`${number ?? 0}`, role: 'dim', width: 5, right: true },
    { text, grow: true },
  ]
  return [...columns(row, Math.max(0, width - cells(tail) - 1)), span(say` `), span(tail, 'dim')]
}

/** What is said of a family, by what its first finding found out. */
const STATES: Readonly<Record<Outcome, Span>> = {
  fail: span(say`open`, 'bad'),
  pass: span(say`closed`, 'good'),
  unknown: span(say`unknown`, 'warn'),
  notapplicable: span(say`unknown`, 'warn'),
}

const outcomeOf = (state: ConsoleState, family: Family): Outcome =>
  state.readings.findings.firewall.find((finding) => finding.checkId === `FW-default-deny-${family}`)?.outcome ??
  'unknown'

function familySpans(state: ConsoleState, family: Family): Line {
  const shown = state.view.firewall.family === family
  const facts = factsOf(state.readings.byArea.firewall)?.families[family]
  const word = facts?.state === 'unreadable' ? span(say`unreadable`, 'warn') : STATES[outcomeOf(state, family)]
  const name = span(say`${safe(shown ? '[' : ' ')}${safe(family)} `, shown ? 'strong' : 'dim')
  return [name, word, span(shown ? say`]` : say` `, 'strong')]
}

/** `[v4 closed]  v6 open    [filter] nat 3 mangle 0` */
function head(state: ConsoleState, lists: Selectors, width: number): readonly Line[] {
  const { family, table } = state.view.firewall
  const rules = lists.staged(state, family)
  const families = FAMILIES.flatMap((one) => [...familySpans(state, one), span(say` `)])
  const tables = lists.tables(state, family).flatMap((name): Line => {
    if (name === table) return [span(say` [${safe(name)}]`, 'strong')]
    const chains = rules?.after.tables.find((one) => one.name === name)?.chains ?? []
    const beside = besideItems(rules?.base.beside, name)?.filter((item) => item.as === 'rule').length
    const count = beside ?? chains.reduce((sum, chain) => sum + chain.rules.length, 0)
    return [span(say`  ${safe(name)} ${count}`, 'dim')]
  })
  return [leftRight(families, tables, width)]
}

function note(state: ConsoleState): Line {
  const facts = factsOf(state.readings.byArea.firewall)
  const warned = (facts?.warnings.length ?? 0) > 0
  const managers = facts?.managers ?? []
  const owner = ownerOfRules(state)
  if (owner) return [...toFix(state.readings.findings.firewall), span(say` · ${owner.name}'s: read-only`, 'warn')]
  return [
    ...toFix(state.readings.findings.firewall),
    ...(warned ? [span(say` · more rules than shown`, 'warn')] : []),
    ...(managers.length > 0 ? [span(say` · with ${safe(managers.join(', '), 24)}`, 'warn')] : []),
  ]
}

/** The firewall pane: one table of one family, chain by chain, as it is and as it is staged. */
export const firewall: Presenter = {
  area: 'firewall',
  title: (state) => say`Firewall ─ ${safe(state.view.firewall.family)} ${safe(state.view.firewall.table)}`,
  note,
  head,
  row: (item, width) => {
    if (item.kind === 'finding') return findingRow(item, width)
    if (item.kind === 'chain') return chainRow(item, width)
    if (item.kind === 'beside') return besideRow(item, width)
    return item.kind === 'rule' ? ruleRow(item, width) : EMPTY
  },
  about: (item) => {
    if (item.kind === 'finding') return aboutFinding(item.finding)
    if (item.kind === 'rule') return say`-A ${safe(item.at.chain)} ${safe(item.rule.text, LINE_CAP)}`
    if (item.kind === 'beside')
      return item.as === 'unread' ? item.text : say`${item.text}: only shown; hardtui does not change it.`
    if (item.kind !== 'chain') return say``
    if (item.owner)
      return say`${safe(item.chain.name)} belongs to ${item.owner}, which rewrites it: it is left alone. Enter lists it.`
    return item.chain.policy === null
      ? say`A chain of your own: other chains jump into it. x deletes it once none does.`
      : say`What no rule of ${safe(item.chain.name)} decides gets policy ${safe(item.chain.policy)}. P changes it, a adds a rule at its end.`
  },
  empty: (state) => {
    const facts = factsOf(state.readings.byArea.firewall)?.families[state.view.firewall.family]
    return facts?.state === 'unreadable' ? facts.reason : say`No chain is in this table.`
  },
}
