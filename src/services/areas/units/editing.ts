import type { StagedOf, UnitEdit } from '../../model/areas.ts'
import type { Editing } from '../../model/editing.ts'
import type { Blocker } from '../../model/plan.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { UnitChange } from '../../model/step.ts'
import { unitStep } from '../../steps/unit-step.ts'
import { guardUnits } from './guards.ts'
import { layUnits } from './lay.ts'
import { undoUnit } from './undo-unit.ts'

/** How units are changed: run or stopped, now and at boot. */
export const unitsEditing: Editing<'units'> = {
  lay: layUnits,
  fold: (held, added) => ({ held: foldUnit(held, added) }),
  describe: (edit) => ({ target: safe(edit.unit), summary: verbWords(edit) }),
  part: (merged, edits) => {
    const guard = guardUnits(edits, merged.base, merged.after)
    return {
      steps: edits.flatMap((edit) => unitStep(edit) ?? []),
      blockers: [
        ...merged.conflicts.map(
          ({ edit, reason }): Blocker => ({
            kind: 'conflict',
            message: say`${safe(edit.unit)} can't be changed: ${reason}.`,
            next: say`Unstage it with x, and press R to read the services again.`,
          }),
        ),
        ...guard.blockers,
      ],
      whatIf: guard.whatIf,
    }
  },
  owns: { units: true },
  // What starts there at boot stands in /etc/runlevels, which a rollback does not bring back.
  whyNot: ({ manager }) =>
    manager === 'openrc' ? say`services of OpenRC are only shown: rc-service and rc-update` : null,
  undo: ({ units }, now) => {
    const parts = units.map((change) => undoUnit(change, now?.units ?? null))
    return { edits: parts.flatMap((part) => part.edits), remarks: parts.flatMap((part) => part.remarks) }
  },
}

const verbWords = ({ run, boot }: UnitEdit): Safe => safe([run, boot].filter((verb) => verb !== null).join(', '))

type Staged = StagedOf<'units'>

/** A unit has one verb for now and one for boot: the last staged of each, over the state that was read first. */
export function foldUnit(held: readonly Staged[], added: Staged): readonly Staged[] {
  const old = held.find((one) => one.edit.unit === added.edit.unit)
  if (!old) return [...held, added]
  const { was } = old.edit
  const { run, boot } = withoutIdle({
    ...added.edit,
    run: added.edit.run ?? old.edit.run,
    boot: added.edit.boot ?? old.edit.boot,
    was,
  })
  const edit: UnitEdit = { ...added.edit, run, boot, was }
  return held.flatMap((one) =>
    one === old ? (run || boot ? [{ ...added, id: old.id, edit, summary: verbWords(edit) }] : []) : [one],
  )
}

const RUNS_AS: Readonly<Record<string, string>> = { start: 'active', stop: 'inactive' }
const BOOTS_AS: Readonly<Record<string, string>> = { enable: 'enabled', disable: 'disabled', mask: 'masked' }

/** Without the verbs that only bring about what was there before anything was staged. */
const withoutIdle = ({ run, boot, was }: UnitChange): Pick<UnitChange, 'run' | 'boot'> => ({
  run: run && RUNS_AS[run] === was.run ? null : run,
  boot: boot && (BOOTS_AS[boot] === was.boot || (boot === 'unmask' && was.boot !== 'masked')) ? null : boot,
})
