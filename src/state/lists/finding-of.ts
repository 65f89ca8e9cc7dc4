import type { Around, Check, Finding } from '../../services/model/area.ts'
import type { AreaId, FactsByArea } from '../../services/model/areas.ts'
import type { HostFacts } from '../../services/model/host.ts'
import { safe, say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'
import { aroundOf, hostAsEntered } from '../slices/readings.ts'

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

/** What the checks of an area find in these facts, by all that is known of the host. */
export function judged<Id extends AreaId>(
  { areas, get }: Pick<Kit, 'areas' | 'get'>,
  id: Id,
  facts: FactsByArea[Id],
  host: HostFacts,
): readonly Finding[] {
  const { byArea, seenPorts } = get().readings
  const around = { ...aroundOf(byArea.units), seenPorts }
  const entered = hostAsEntered(host, byArea.sshd)
  return areas[id].checks.map((check) => findingOf(check, id, facts, entered, around))
}
