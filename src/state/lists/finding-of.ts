import type { Around, Check, Finding } from '../../services/model/area.ts'
import type { AreaId } from '../../services/model/areas.ts'
import type { HostFacts } from '../../services/model/host.ts'
import { safe, say } from '../../services/model/safe.ts'

/** Carries a check out. A check that throws is our own fault and says so instead of taking the screen down. */
export function findingOf<F, Edit>(
  check: Check<F, Edit>,
  area: AreaId,
  facts: F,
  host: HostFacts,
  around: Around,
): Finding {
  const { id: checkId, severity, title, expected, rationale, references, noFix } = check
  const fixing = { ...(check.fix ? { fixable: true } : {}), ...(noFix ? { noFix } : {}) }
  const about = { checkId, area, severity, title, expected, rationale, references, ...fixing }
  try {
    const verdict = check.judge(facts, host, around)
    return { ...about, ...verdict, ...(verdict.noFix === undefined ? {} : { fixable: false }) }
  } catch (error) {
    return { ...about, outcome: 'unknown', observed: say`this check failed: ${safe(String(error), 80)}` }
  }
}
