import { applyEdits } from '../../services/areas/firewall/edits.ts'
import type { AreaId } from '../../services/model/area.ts'
import type { Family, RuleSet } from '../../services/model/firewall.ts'
import type { ChangeIntent, StagedChange } from '../../services/model/plan.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { TransactionRecord } from '../../services/model/transaction.ts'
import type { Unit } from '../../services/model/units.ts'
import { undoOf } from '../../services/planning/undo.ts'
import { changeOf } from '../actions/describe.ts'

/** What undoing a past transaction would stage now, and what of it no longer fits. */
export type UndoNow = { readonly changes: readonly StagedChange[]; readonly remarks: readonly Safe[] }

/** `v4` and `v6` are the rules as they will be with what is staged already; null where they can't be read. */
export function undoNow(
  record: TransactionRecord,
  v4: RuleSet | null,
  v6: RuleSet | null,
  units: readonly Unit[] | null,
  newId: () => string,
): UndoNow {
  const sets: Record<Family, RuleSet | null> = { v4, v6 }
  const { intents, remarks } = undoOf(record, { rules: (family) => sets[family], units }, newId)
  const changes = intents.flatMap((intent): readonly StagedChange[] => {
    if (intent.kind !== 'edit-rules') return [otherChange(newId(), intent)]
    const { edit } = intent
    const before = sets[edit.at.family]
    if (!before) return []
    const { after } = applyEdits(before, [edit])
    sets[edit.at.family] = after
    return [changeOf(newId(), edit, 'operator', before, after)]
  })
  return { changes, remarks }
}

function otherChange(id: string, intent: Exclude<ChangeIntent, { kind: 'edit-rules' }>): StagedChange {
  const origin = 'operator'
  if (intent.kind === 'set-unit') {
    const verbs = [intent.run, intent.boot].filter((verb) => verb !== null).join(', ')
    return { id, area: 'units', intent, target: safe(intent.unit), summary: say`${safe(verbs)}`, origin }
  }
  const summary =
    intent.text === null
      ? say`removed again`
      : intent.was === null
        ? say`written again, with the text it had before`
        : say`back to the text it had before`
  return { id, area: areaOf(intent.path), intent, target: safe(intent.path), summary, origin }
}

const areaOf = (path: string): AreaId =>
  path.startsWith('/etc/ssh/') ? 'sshd' : /iptables|hardtui/.test(path) ? 'firewall' : 'units'
