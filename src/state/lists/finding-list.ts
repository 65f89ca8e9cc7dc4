import type { Finding, Outcome, Severity } from '../../services/model/area.ts'

/** A finding as a row. */
export type FindingItem = {
  readonly kind: 'finding'
  readonly id: string
  readonly search: () => string
  readonly finding: Finding
}

const OUTCOMES: Readonly<Record<Outcome, number>> = { fail: 0, unknown: 1, pass: 2, notapplicable: 3 }
const SEVERITIES: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 }

const item = (finding: Finding): FindingItem => ({
  kind: 'finding',
  id: `finding:${finding.checkId}`,
  search: () => `${finding.checkId} ${finding.title} ${finding.observed} ${finding.expected} ${finding.outcome}`,
  finding,
})

/** Findings with what to fix first, the gravest before; otherwise in the order of the checks. */
export const findingItems = (findings: readonly Finding[]): readonly FindingItem[] =>
  findings
    .toSorted((a, b) => OUTCOMES[a.outcome] - OUTCOMES[b.outcome] || SEVERITIES[a.severity] - SEVERITIES[b.severity])
    .map(item)

/** What stands above the facts of the other panes: only what is to be fixed. */
export const failedItems = (findings: readonly Finding[]): readonly FindingItem[] =>
  findingItems(findings.filter((finding) => finding.outcome === 'fail'))

export const failedCount = (findings: readonly Finding[]): number =>
  findings.reduce((sum, finding) => sum + (finding.outcome === 'fail' ? 1 : 0), 0)
