import type { Finding } from '../../services/model/area.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import { type Cell, columns, type Line } from '../text/line.ts'
import { checkName, OUTCOMES, SEVERITIES } from './finding.ts'

/** `✗ PermitRootLogin        yes          → no` */
export function settingRow(finding: Finding, width: number): Line {
  const { mark, role } = OUTCOMES[finding.outcome]
  const failed = finding.outcome === 'fail'
  const name = Math.max(12, Math.min(28, Math.floor(width * 0.47)))
  const observed = failed ? Math.max(9, Math.min(20, Math.floor((width - name) * 0.36))) : null
  const cells: readonly Cell[] = [
    { text: mark, role, width: 1 },
    { text: checkName(finding), width: name, role: failed ? 'strong' : 'plain' },
    observed === null
      ? { text: finding.observed, grow: true, role: finding.outcome === 'pass' ? 'plain' : 'dim' }
      : { text: finding.observed, width: observed, role: 'bad' },
    ...(observed === null ? [] : [{ text: say`→ ${inShort(finding.expected)}`, grow: true } as const]),
  ]
  return columns(cells, width)
}

/** A finding among other rows: `✗ IPv4 lets in what no rule forbids  → policy DROP` */
export function findingRow(finding: Finding, width: number): Line {
  const { mark, role } = OUTCOMES[finding.outcome]
  const title = safe(finding.title)
  return columns(
    [
      { text: mark, role, width: 1 },
      { text: title, role: 'strong', width: Math.min([...title].length, Math.floor(width * 0.65)) },
      { text: say`→ ${inShort(finding.expected)}`, grow: true },
    ],
    width,
  )
}

/** What is expected, without the explanation in brackets that the detail gives. */
const inShort = (expected: string): Safe => safe(expected.replace(/ \(.*$/, ''))

/** One sentence about a finding. */
export const aboutFinding = (finding: Finding): Safe =>
  say`${safe(finding.title)} (${SEVERITIES[finding.severity].word}). ${safe(finding.rationale)}`
