import { LINE_CAP, type Safe, safe, say } from '../../services/model/safe.ts'
import type { AccessFileItem, AccessItem, AccessRuleItem } from '../../state/areas/tcpwrappers/list.ts'
import { toFix } from '../presenters/finding.ts'
import { findingLines } from '../presenters/finding-detail.ts'
import { aboutFinding, settingRow } from '../presenters/finding-row.ts'
import { field } from '../presenters/labelled.ts'
import { plural } from '../presenters/numbers.ts'
import { type Cell, columns, EMPTY, type Line, lineCells, type Role, type Span, span } from '../text/line.ts'
import type { Presenter } from './presenter.ts'
import { heading, MARKS } from './rule-row.ts'

/** What a rule makes of the operator's own next login. */
const YOU: Readonly<
  Record<NonNullable<AccessRuleItem['you']>, { readonly short: Safe; readonly full: Safe; readonly role: Role }>
> = {
  in: { short: say`← lets you in`, full: say`this rule lets in your next login`, role: 'you' },
  out: { short: say`← keeps you out`, full: say`this rule keeps out your next login`, role: 'bad' },
  depends: {
    short: say`← you, perhaps`,
    full: say`this rule may decide about your next login: that rests on names or options that are not known here`,
    role: 'warn',
  },
}

/** `/etc/hosts.allow ─────── 2 rules` */
const fileRow = ({ path, rules }: AccessFileItem, width: number): Line =>
  heading(
    [span(say` `), span(path, 'strong')],
    rules === null ? say`no such file` : plural(rules, say`rule`, say`rules`),
    width,
  )

const words = (list: readonly string[]): Safe => safe(list.join(' '), 400)

/** What a rule is for: daemons and clients, and the options behind them; a line that is no sound rule as it stands there. */
function ruleCells({ rule, fault, text, mark }: AccessRuleItem, width: number): readonly Cell[] {
  const role: Role = mark === 'deleted' ? 'dim' : fault ? 'warn' : 'plain'
  if (!rule || fault) return [{ text: safe(text, LINE_CAP), grow: true, role }]
  const options = rule.options.length > 0 ? say` : ${safe(rule.options.join(' : '), 400)}` : say``
  return [
    { text: words(rule.daemons), width: Math.max(8, Math.min(24, Math.floor(width * 0.22))), role },
    { text: say`${words(rule.clients)}${options}`, grow: true, role },
  ]
}

/** `~   12 sshd       192.0.2.7 : spawn /bin/x   edit staged  runs a command` */
function ruleRow(item: AccessRuleItem, width: number): Line {
  const { mark, number, commands, fault, you } = item
  const parts: Span[] = [
    ...(commands.length > 0 ? [span(say`runs a command`, 'bad')] : []),
    ...(fault ? [span(fault.word, 'warn')] : []),
    ...(you ? [span(YOU[you].short, YOU[you].role)] : []),
    ...(mark ? [span(MARKS[mark].word, MARKS[mark].role)] : []),
  ]
  const tail = parts.flatMap((part) => [span(say`  `), part])
  const row: readonly Cell[] = [
    { text: mark ? MARKS[mark].sign : say` `, role: 'staged', width: 1 },
    { text: number === null ? say`` : say`${number}`, role: 'dim', width: 4, right: true },
    ...ruleCells(item, width),
  ]
  return [...columns(row, Math.max(0, width - lineCells(tail))), ...tail]
}

function ruleLines(item: AccessRuleItem, path: Safe, width: number): readonly Line[] {
  const { rule, mark, number, was, text, fault, commands, you } = item
  return [
    ...field(say`file`, path, width, 'strong'),
    ...field(say`line`, number === null ? say`none: staged for deletion` : say`${number}`, width),
    ...(mark ? field(say`staged`, MARKS[mark].word, width, 'staged') : []),
    ...(was === null ? [] : field(say`now`, safe(was, LINE_CAP), width, 'bad')),
    ...field(was === null ? say`rule` : say`then`, safe(text, LINE_CAP), width),
    ...(fault ? field(say`but`, fault.words, width, 'warn') : []),
    EMPTY,
    ...(rule ? field(say`daemons`, words(rule.daemons), width) : []),
    ...(rule ? field(say`clients`, words(rule.clients), width) : []),
    ...(rule?.options ?? []).flatMap((option, at) => field(at === 0 ? say`options` : say``, safe(option, 400), width)),
    ...commands.flatMap((command) =>
      field(say`runs`, say`${command}: whoever matches starts it on the server, as the daemon's user`, width, 'bad'),
    ),
    ...item.asked().flatMap((said, at) => field(at === 0 ? say`here` : say``, said, width)),
    ...(you ? [EMPTY, ...field(say`you`, YOU[you].full, width, YOU[you].role)] : []),
  ]
}

const PATHS = { allow: say`/etc/hosts.allow`, deny: say`/etc/hosts.deny` }
const ABOUT = {
  allow: say`libwrap asks this file first: the first rule that matches lets in, unless its options say otherwise. a adds one at its end.`,
  deny: say`libwrap asks this file second: the first rule that matches keeps out; whom none matches is let in. a adds one at its end.`,
}

/** The pane of TCP wrappers: what was checked, and the rules of both files as they are asked. */
export const tcpwrappersPresenter: Presenter<AccessItem> = {
  title: () => say`TCP wrappers`,
  note: (state) => toFix(state.readings.findings.tcpwrappers),
  row: (item, width) => {
    if (item.kind === 'finding') return settingRow(item, width)
    return item.kind === 'file' ? fileRow(item, width) : ruleRow(item, width)
  },
  about: (item) => {
    if (item.kind === 'finding') return aboutFinding(item.finding)
    if (item.kind === 'file') return ABOUT[item.file]
    const { fault, commands, text } = item
    if (fault) return say`This line: ${fault.words}.`
    return commands.length > 0 ? say`Runs a command on the server: ${words(commands)}` : safe(text, LINE_CAP)
  },
  detail: (item, width) => {
    if (item.kind === 'finding') return findingLines(item.finding, width)
    if (item.kind === 'file')
      return field(say`file`, item.path, width, 'strong').concat(field(say`about`, ABOUT[item.file], width))
    return ruleLines(item, PATHS[item.file], width)
  },
  empty: () => say`Nothing was checked.`,
}
