import type { Finding } from '../../services/model/area.ts'
import { LINE_CAP, safe, say } from '../../services/model/safe.ts'
import { EMPTY, type Line, span } from '../text/line.ts'
import { OUTCOMES, SEVERITIES } from './finding.ts'
import { field } from './labelled.ts'

/** All that is known about a finding. */
export function findingLines(finding: Finding, width: number): readonly Line[] {
  const { mark, word, role } = OUTCOMES[finding.outcome]
  return [
    [span(say`${mark} ${word}`, role), span(say`   ${safe(finding.title)}`, 'strong')],
    EMPTY,
    ...field(say`check`, safe(finding.checkId), width),
    ...field(say`severity`, SEVERITIES[finding.severity].word, width, SEVERITIES[finding.severity].role),
    ...field(say`seen`, finding.observed, width, finding.outcome === 'fail' ? 'bad' : 'plain'),
    ...(finding.details ?? []).flatMap((detail) => field(say``, detail, width)),
    ...field(say`expected`, safe(finding.expected, LINE_CAP), width),
    ...(finding.outcome === 'fail' ? fixLines(finding, width) : []),
    EMPTY,
    ...field(say`why`, safe(finding.rationale, LINE_CAP), width),
    EMPTY,
    ...field(say`sources`, safe(finding.references.join(' · '), LINE_CAP), width, 'dim'),
  ]
}

function fixLines({ fixable, noFix }: Finding, width: number): readonly Line[] {
  if (fixable) return field(say`fix`, say`Space on its row stages one, s shows the difference`, width, 'staged')
  return noFix ? field(say`to do`, safe(noFix, LINE_CAP), width) : []
}
