import type { Finding, Outcome, Severity } from '../../services/model/area.ts'
import type { Family } from '../../services/model/firewall.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'

/** A finding as a row. */
export type FindingItem = {
  readonly kind: 'finding'
  readonly id: string
  readonly search: () => string
  readonly finding: Finding
  /** Whether its fix is staged. */
  readonly staged: boolean
}

const OUTCOMES: Readonly<Record<Outcome, number>> = { fail: 0, unknown: 1, pass: 2, notapplicable: 3 }
const SEVERITIES: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 }

const item = (finding: Finding, staged = false): FindingItem => ({
  kind: 'finding',
  id: `finding:${finding.checkId}`,
  search: () => `${finding.checkId} ${finding.title} ${finding.observed} ${finding.expected} ${finding.outcome}`,
  finding,
  staged,
})

/** A finding as one line of plain text. */
export const findingText = ({ finding }: FindingItem): Safe =>
  say`${safe(finding.checkId)}: ${finding.observed} → ${safe(finding.expected)}`

const NO_FIXES: ReadonlySet<string> = new Set()

/**
 * Findings with what to fix first, the gravest before; otherwise in the order of the checks. `fixes` names those whose fix
 * is staged.
 */
export const findingItems = (
  findings: readonly Finding[],
  fixes: ReadonlySet<string> = NO_FIXES,
): readonly FindingItem[] =>
  findings
    .toSorted((a, b) => OUTCOMES[a.outcome] - OUTCOMES[b.outcome] || SEVERITIES[a.severity] - SEVERITIES[b.severity])
    .map((finding) => item(finding, fixes.has(finding.checkId)))

/** What of the rules is to be fixed, as far as it is about this family or about both: what is grave, and the rest. */
export function familyFindings(
  findings: readonly Finding[],
  family: Family,
  fixes: ReadonlySet<string>,
): { readonly grave: readonly FindingItem[]; readonly low: readonly FindingItem[] } {
  const other = family === 'v4' ? '-v6' : '-v4'
  const items = failedItems(
    findings.filter((finding) => !finding.checkId.endsWith(other)),
    fixes,
  )
  const isLow = ({ finding }: FindingItem): boolean => finding.severity === 'low'
  return { grave: items.filter((one) => !isLow(one)), low: items.filter(isLow) }
}

/** What stands above the facts of the other panes: only what is to be fixed. */
export const failedItems = (
  findings: readonly Finding[],
  fixes: ReadonlySet<string> = NO_FIXES,
): readonly FindingItem[] =>
  findingItems(
    findings.filter((finding) => finding.outcome === 'fail'),
    fixes,
  )

export const countOf = (findings: readonly Finding[], outcome: Outcome): number =>
  findings.reduce((sum, finding) => sum + (finding.outcome === outcome ? 1 : 0), 0)
