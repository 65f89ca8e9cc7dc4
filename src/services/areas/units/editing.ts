import type { EditsByArea, FileEdit, StagedOf, UnitEdit } from '../../model/areas.ts'
import type { Editing, Past, Undone } from '../../model/editing.ts'
import type { Blocker } from '../../model/plan.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { UnitChange } from '../../model/step.ts'
import type { UnitsFacts } from '../../model/units.ts'
import { describeFile, fileParts, foldFile } from '../../steps/file-edit.ts'
import { unitStep } from '../../steps/unit-step.ts'
import { bytesIn, whyUnread } from './binds/bind.ts'
import { isBindFile } from './binds/read.ts'
import { guardUnits } from './guards.ts'
import { layUnits } from './lay.ts'
import { bindSummary } from './outside.ts'
import { undoUnit } from './undo-unit.ts'

type Edit = EditsByArea['units']

/** How units are changed: run or stopped, now and at boot, and by the files that say where they listen. */
export const unitsEditing: Editing<'units'> = {
  lay: layUnits,
  fold: (held, added) => ({ held: fold(held, added) }),
  holds: (facts, edit) =>
    edit.kind === 'file' &&
    facts.binds?.files.get(edit.path)?.ok === true &&
    bytesIn(facts.binds, edit.path) === edit.text,
  describe: (edit, before) => {
    if (edit.kind === 'unit') return { target: safe(edit.unit), summary: verbWords(edit) }
    const summary = bindSummary(edit, before)
    return summary ? { target: safe(edit.path), summary } : describeFile(edit)
  },
  part: (merged, edits, seen) => {
    const units = edits.filter((edit) => edit.kind === 'unit')
    const files = edits.filter((edit) => edit.kind === 'file')
    const guard = guardUnits(units, merged.base, merged.after)
    // Without files nothing that was seen of any is asked for.
    const parts = files.length > 0 ? fileParts(files, seen) : { steps: [], blockers: [] }
    return {
      steps: [...parts.steps, ...units.flatMap((edit) => unitStep(edit, seen.host.init) ?? [])],
      blockers: [
        ...merged.conflicts.map(
          ({ edit, reason }): Blocker => ({
            kind: 'conflict',
            message: say`${safe(edit.kind === 'file' ? edit.path : edit.unit)} can't be changed: ${reason}.`,
            next: say`Unstage it with x, and press R to read the services again.`,
          }),
        ),
        ...parts.blockers,
        ...guard.blockers,
      ],
      whatIf: guard.whatIf,
    }
  },
  owns: { units: true, file: isBindFile },
  // What starts there at boot stands in /etc/runlevels, which a rollback does not bring back.
  whyNot: ({ manager }) =>
    manager === 'openrc' ? say`services of OpenRC are only shown: rc-service and rc-update` : null,
  undo,
}

/** The texts that files had before, and the units that have to read those again. */
function undo({ files, units }: Past, now: UnitsFacts | null): Undone<Edit> {
  const back = files.map((file) => undoFile(file, now))
  const edits = back.flatMap((one) => one.edits)
  const parts = units.map((change) => undoUnit(change, now?.units ?? null, edits.length > 0))
  return {
    edits: [...edits, ...parts.flatMap((part) => part.edits)],
    remarks: [...back, ...parts].flatMap((one) => one.remarks),
  }
}

/** Nothing of what somebody wrote since is lost: the file goes back only from the very text that was written then. */
function undoFile({ path, text, was }: Past['files'][number], now: UnitsFacts | null): Undone<FileEdit> {
  if (text === was) return { edits: [], remarks: [] }
  const binds = now?.binds
  const unread = binds ? whyUnread(binds, path) : say`${safe(path)} was not read`
  if (unread || !binds) return { edits: [], remarks: [say`Nothing is undone of ${safe(path)}: ${unread ?? say``}.`] }
  const holds = bytesIn(binds, path)
  if (holds === text) return { edits: [{ kind: 'file', path, text: was, was: text }], remarks: [] }
  return {
    edits: [],
    remarks: [holds === was ? say`${safe(path)} is as it was already.` : say`${safe(path)} changed since: it stays.`],
  }
}

const verbWords = ({ run, boot }: UnitEdit): Safe => safe([run, boot].filter((verb) => verb !== null).join(', '))

type Staged = StagedOf<'units'>

function fold(held: readonly Staged[], added: Staged): readonly Staged[] {
  const { edit } = added
  return edit.kind === 'file' ? foldFile(held, { ...added, edit }) : foldUnit(held, added, edit)
}

/** A unit has one verb for now and one for boot: the last staged of each, over the state that was read first. */
function foldUnit(held: readonly Staged[], added: Staged, now: UnitEdit): readonly Staged[] {
  const old = held.find((one) => one.edit.kind === 'unit' && one.edit.unit === now.unit)
  if (old?.edit.kind !== 'unit') return [...held, added]
  const { was } = old.edit
  const { run, boot } = withoutIdle({ ...now, run: now.run ?? old.edit.run, boot: now.boot ?? old.edit.boot, was })
  const edit: UnitEdit = { ...now, run, boot, was }
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
