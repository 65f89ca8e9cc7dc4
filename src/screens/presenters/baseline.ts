import type { Family } from '../../services/model/firewall.ts'
import type { WhatIf } from '../../services/model/plan.ts'
import { LINE_CAP, type Safe, safe, say } from '../../services/model/safe.ts'
import type { BaselineNow, BaselineRow } from '../../state/areas/firewall/baseline-list.ts'
import { type Cell, columns, EMPTY, fitLine, type Line, line, type Role, span, wrap } from '../text/line.ts'
import { section } from './diff.ts'
import { plural } from './numbers.ts'

type Item = BaselineRow['item']

const KINDS: Readonly<Record<Item['kind'], Safe>> = {
  own: say`yours`,
  base: say`base`,
  service: say`listens`,
  out: say`out`,
  option: say`option`,
  policy: say`policy`,
}

/** The state in words as well as in the box: what is always on has no box to empty. */
function noteOf({ always, on, inForce, kind, cost, warning }: Item): { readonly text: Safe; readonly role: Role } {
  if (inForce && on) return { text: say`in force`, role: 'good' }
  if (inForce) return { text: say`will go`, role: 'warn' }
  if (always && kind !== 'service') return { text: say`always`, role: 'dim' }
  if (kind === 'service') return on ? { text: say`open`, role: 'good' } : { text: say`closed`, role: 'warn' }
  if (warning && on) return { text: say`read below`, role: 'warn' }
  return cost ? { text: say`has a cost`, role: 'dim' } : { text: say``, role: 'dim' }
}

/** Beyond this the eye loses the row. */
const WIDEST_ROW = 110

/** `[x] SSH on port 22                      base     always`; the box says on or off without colour. */
export function baselineRow({ item }: BaselineRow, width: number): Line {
  const box = item.always ? say`[=]` : item.on ? say`[x]` : say`[ ]`
  const note = noteOf(item)
  const cells: readonly Cell[] = [
    { text: box, role: item.on ? 'staged' : 'dim', width: 3 },
    { text: item.title, grow: true, role: item.on ? 'plain' : 'dim' },
    { text: KINDS[item.kind], role: 'dim', width: 7 },
    { text: note.text, role: note.role, width: 10 },
  ]
  return columns(cells, Math.min(width, WIDEST_ROW))
}

const ANSWERS: Readonly<Record<WhatIf['answer'], { readonly mark: Safe; readonly word: Safe; readonly role: Role }>> = {
  yes: { mark: say`✓`, word: say`accepted`, role: 'good' },
  no: { mark: say`✗`, word: say`DROPPED`, role: 'bad' },
  unsure: { mark: say`⚠`, word: say`unsure`, role: 'warn' },
}

/** The ways in after the change, one line each, and what listens but will be closed. */
export function verdictLines({ waysIn, closed }: BaselineNow, width: number): readonly Line[] {
  const ways = waysIn.map(({ answer, question, because }): Line => {
    const { mark, word, role } = ANSWERS[answer]
    return fitLine(
      [span(say`${mark} `, role), ...fitLine([span(word, role)], 10), span(question), span(say`  ${because}`, 'dim')],
      width,
    )
  })
  if (closed.length === 0) return ways
  const names = closed.reduce((sum, one) => say`${sum}; ${one}`)
  return [...ways, fitLine([span(say`! closed though they listen: `, 'warn'), span(names)], width)]
}

/** `12 rules for IPv4, 31 for IPv6, 4 policies, 1 file` */
export function countWords({ changes }: BaselineNow): Safe {
  if (changes.length === 0) return say`nothing to change`
  const count = (wanted: (change: BaselineNow['changes'][number]) => boolean): number => changes.filter(wanted).length
  const edits = (family: Family, kind: string) =>
    count(({ edit }) => edit.kind !== 'file' && edit.at.family === family && edit.kind === kind)
  const parts: readonly (readonly [number, Safe])[] = [
    [edits('v4', 'insert'), say`v4 rules`],
    [edits('v6', 'insert'), say`v6 rules`],
    [edits('v4', 'delete') + edits('v6', 'delete'), say`deleted`],
    [edits('v4', 'policy') + edits('v6', 'policy'), say`policies`],
    [count(({ edit }) => edit.kind === 'file'), say`file`],
  ]
  return parts
    .filter(([number]) => number > 0)
    .map(([number, words]) => say`${number} ${words}`)
    .reduce((sum, one) => say`${sum}, ${one}`)
}

/** Why an item is there, what it costs, and its rules of one family, as they will be printed. */
export function itemLines(item: Item | null, family: Family, width: number): readonly Line[] {
  if (!item) return EMPTY_TEXT
  const rules = item.rules.filter(({ at }) => at.family === family)
  const closed = item.policies.filter((at) => at.family === family)
  const rows = [
    ...closed.map(({ chain }) => say`-P ${safe(chain)} DROP`),
    ...rules.map(
      ({ at, text }) =>
        say`${at.table === 'filter' ? say`` : say`-t ${safe(at.table)} `}-A ${safe(at.chain)} ${safe(text, LINE_CAP)}`,
    ),
  ]
  const labelled = (label: Safe, text: Safe, role: Role): readonly Line[] => wrap(say`${label} ${text}`, width, role)
  return [
    section(item.title, width),
    ...wrap(item.why, width),
    ...(item.always ? labelled(say`always on:`, item.always, 'dim') : []),
    ...(item.cost ? labelled(say`costs:`, item.cost, 'warn') : []),
    ...(item.warning ? labelled(say`!`, item.warning, 'warn') : []),
    ...(item.file
      ? labelled(
          say`writes`,
          say`${safe(item.file.path)}: ${safe((item.file.text ?? '').trim().replace('\n', ', '))}`,
          'plain',
        )
      : []),
    ...(item.rules.length + item.policies.length === 0
      ? []
      : [section(rulesTitle(rules.length, closed.length, family), width)]),
    ...rows.flatMap((row) =>
      wrap(row, width - 2, item.on ? 'plain' : 'dim').map((one): Line => [span(say`  `), ...one]),
    ),
  ]
}

function rulesTitle(rules: number, policies: number, family: Family): Safe {
  if (policies > 0) return say`policy for ${safe(family)}`
  return rules === 0
    ? say`no rules for ${safe(family)}`
    : say`${plural(rules, say`rule`, say`rules`)} for ${safe(family)}`
}

const EMPTY_TEXT: readonly Line[] = [line(say`The rules have not been read.`, 'dim'), EMPTY]
