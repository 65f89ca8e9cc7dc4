import type { Finding, Outcome, Severity } from '../../services/model/area.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import { countOf } from '../../state/lists/finding-list.ts'
import { type Line, type Role, span } from '../text/line.ts'

/** Mark, word and role of an outcome: never the colour alone. */
export const OUTCOMES: Readonly<Record<Outcome, { readonly mark: Safe; readonly word: Safe; readonly role: Role }>> = {
  fail: { mark: say`✗`, word: say`to fix`, role: 'bad' },
  pass: { mark: say`✓`, word: say`good`, role: 'good' },
  unknown: { mark: say`?`, word: say`unknown`, role: 'warn' },
  notapplicable: { mark: say`·`, word: say`does not apply`, role: 'dim' },
}

export const SEVERITIES: Readonly<Record<Severity, { readonly word: Safe; readonly role: Role }>> = {
  critical: { word: say`critical`, role: 'bad' },
  high: { word: say`high`, role: 'bad' },
  medium: { word: say`medium`, role: 'warn' },
  low: { word: say`low`, role: 'dim' },
}

/** `3 to fix`, or a word of praise, which what could not be judged does not get. */
export function toFix(findings: readonly Finding[]): Line {
  if (findings.length === 0) return []
  const [failed, unknown] = [countOf(findings, 'fail'), countOf(findings, 'unknown')]
  if (failed > 0) return [span(say`${failed} to fix`, 'bad')]
  if (unknown > 0) return [span(say`${unknown} not known`, 'warn')]
  return [span(say`nothing to fix`, 'good')]
}

/** The short name of a check: `PermitRootLogin` of `SSH-PermitRootLogin`. */
export const checkName = (finding: Finding): Safe => safe(finding.checkId.replace(/^[A-Z]+-/, ''))
