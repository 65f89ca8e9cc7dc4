import type { Finding, Severity } from '../../services/model/area.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { FindingItem } from '../../state/lists/finding-list.ts'
import { cells } from '../text/cells.ts'
import { type Cell, columns, type Line, lineCells, type Role, span } from '../text/line.ts'
import { checkName, OUTCOMES, SEVERITIES } from './finding.ts'

/** `✗ PermitRootLogin        yes          → no` */
export function settingRow(
  { finding, staged }: Pick<FindingItem, 'finding' | 'staged'>,
  full: number,
  marked: Line = staged ? STAGED : [],
  title: Safe = checkName(finding),
): Line {
  const tail = marked
  const width = full - lineCells(tail)
  const { mark, role } = OUTCOMES[finding.outcome]
  const failed = finding.outcome === 'fail'
  const name = Math.max(12, Math.min(28, Math.floor(width * 0.47)))
  const observed = failed ? Math.max(9, Math.min(20, Math.floor((width - name) * 0.36))) : null
  const cells: readonly Cell[] = [
    { text: mark, role, width: 1 },
    { text: title, width: name, role: failed ? 'strong' : 'plain' },
    observed === null
      ? { text: finding.observed, grow: true, role: finding.outcome === 'pass' ? 'plain' : 'dim' }
      : { text: finding.observed, width: observed, role: 'bad' },
    ...(observed === null ? [] : [{ text: say`→ ${inShort(finding.expected)}`, grow: true } as const]),
  ]
  return [...columns(cells, width), ...tail]
}

const STAGED: Line = [span(say` `), span(say`fix staged`, 'staged')]

/** Longest title there is, so that what is seen stands in a column of its own. */
const TITLE = 45

const SEVERITY_ROLES: Readonly<Record<Severity, Role>> = { critical: 'bad', high: 'bad', medium: 'warn', low: 'dim' }

/** A finding among other rows: `✗ IPv4 lets in what no rule forbids  policy ACCEPT → policy DROP` */
export function findingRow({ finding, staged }: Pick<FindingItem, 'finding' | 'staged'>, width: number): Line {
  const { mark, role } = OUTCOMES[finding.outcome]
  const { severity, title, observed, expected } = finding
  const failed = finding.outcome === 'fail'
  const tail: Line = staged ? STAGED : []
  const room = width - lineCells(tail)
  const words = safe(title)
  const full = say`${observed} → ${inShort(expected)}`
  const titleWidth = Math.min(TITLE, Math.floor(room * 0.7))
  const rest = room - titleWidth - 4
  const cellsOf: readonly Cell[] = [
    { text: mark, role: failed ? SEVERITY_ROLES[severity] : role, width: 1 },
    { text: words, role: severity === 'low' ? 'plain' : 'strong', width: titleWidth },
    {
      text: cells(full) <= rest ? full : observed,
      role: failed && (severity === 'critical' || severity === 'high') ? 'bad' : 'plain',
      grow: true,
    },
  ]
  return [...columns(cellsOf, room), ...tail]
}

/** What is expected, without the explanation in brackets that the detail gives. */
const inShort = (expected: string): Safe => safe(expected.replace(/ \(.*$/, ''))

/** One sentence about a finding. */
export const aboutFinding = (finding: Finding): Safe =>
  say`${safe(finding.title)} (${SEVERITIES[finding.severity].word}). ${safe(finding.rationale)}`
