import type { Around, Check, Finding, Outcome } from '../../services/model/area.ts'
import type { AreaId, EditsByArea, FactsByArea } from '../../services/model/areas.ts'
import type { HostFacts } from '../../services/model/host.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import { changesFrom, editingOf } from '../../services/planning/staging.ts'
import type { Now } from '../areas/area-view.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import type { FindingItem } from '../lists/finding-list.ts'
import { aroundOf, hostAsEntered } from '../slices/readings.ts'
import { fixChanges, fixId } from '../slices/staging.ts'
import { itemUnderCursor } from '../under-cursor/item.ts'
import { whyNotStage } from '../why-not.ts'
import { stageTogether, takeBack } from './stage.ts'

const NOT_YET = say`no fix can be staged for this yet; Enter says what to do`

/** Where nothing was found to be wrong. */
const NOTHING: Readonly<Record<Exclude<Outcome, 'fail'>, Safe>> = {
  pass: say`it is as it should be`,
  unknown: say`it could not be judged; Enter says why`,
  notapplicable: say`it does not apply here; Enter says why`,
}

/** Why Space does nothing on a finding, as far as that is told without judging anything; null when it may do something. */
export function whyNoFix(kit: Kit, finding: Finding): Safe | null {
  const state = kit.get()
  if (fixChanges(state.staging.changes, finding.checkId).length > 0) return null
  if (finding.outcome !== 'fail') return NOTHING[finding.outcome]
  if (!kit.areas[finding.area].editing) return NOT_YET
  return finding.fixable ? null : finding.noFix ? safe(finding.noFix) : NOT_YET
}

/** Stages all that mends a finding, or takes exactly that back. Gives the reason where nothing does. */
export function toggleFix(kit: Kit, finding: Finding): Safe | null {
  const state = kit.get()
  const staged = fixChanges(state.staging.changes, finding.checkId)
  if (staged.length > 0) {
    takeBack(kit, staged, say`Unstaged: the fix is taken back.`)
    return null
  }
  return whyNoFix(kit, finding) ?? stageFix(kit, state, finding.area, finding.checkId)
}

type Fixed<Id extends AreaId> = { readonly edits: readonly EditsByArea[Id][] } | { readonly none: Safe }

/** A fix is made for what is staged already: nothing is wanted twice. */
function stageFix<Id extends AreaId>(kit: Kit, state: ConsoleState, area: Id, checkId: string): Safe | null {
  const { host } = state.connection
  const merged = kit.lists.merged(state, area)
  const editing = editingOf(kit.areas, area)
  const check = kit.areas[area].checks.find((one) => one.id === checkId)
  if (!host || !merged || !editing || !check) return NOT_YET
  const reason = editing.whyNot?.(merged.base)
  if (reason) return reason
  const { units, sshd } = state.readings.byArea
  const found = fixOf<Id>(check, merged.after, hostAsEntered(host, sshd), aroundOf(units))
  if ('none' in found) return found.none
  const made = changesFrom(editing, area, merged.after, found.edits, 'finding', (at) => fixId(checkId, at + 1))
  return made.length === 0 ? say`what is staged mends it already` : stageTogether(kit, area, made)
}

function fixOf<Id extends AreaId>(
  check: Check<FactsByArea[Id], EditsByArea[Id]>,
  facts: FactsByArea[Id],
  host: HostFacts,
  around: Around,
): Fixed<Id> {
  const none = check.noFix ? safe(check.noFix) : NOT_YET
  if (!check.fix) return { none }
  const { outcome, noFix } = check.judge(facts, host, around)
  if (outcome === 'pass') return { none: say`what is staged mends it already` }
  const edits = check.fix(facts, host, around)
  return edits && edits.length > 0 ? { edits } : { none: noFix ?? none }
}

/** Space on a finding. */
export function spaceOnFinding(kit: Kit, finding: Finding): Now {
  const why = whyNoFix(kit, finding)
  return why ? { why } : { run: () => toggleFix(kit, finding) }
}

/** Space where a pane has no key of its own for it: only findings have something to stage. */
export function spaceHere(kit: Kit): Now {
  const why = whyNotStage(kit.get())
  if (why) return { why }
  const item = itemUnderCursor(kit, kit.get())
  if (!item) return { why: say`there is nothing under the cursor` }
  return item.kind === 'finding' ? spaceOnFinding(kit, (item as FindingItem).finding) : { why: NOT_YET }
}
