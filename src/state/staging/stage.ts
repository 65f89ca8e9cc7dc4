import type { AreaId, EditsByArea, StagedChange, StagedOf } from '../../services/model/areas.ts'
import { type Safe, say } from '../../services/model/safe.ts'
import { changesFrom, editingOf, stageAll, stageChange, unstage } from '../../services/planning/staging.ts'
import type { Kit } from '../kit.ts'
import { withChanges } from '../slices/staging.ts'

/** Staging: nothing here reaches the server. */

/** Takes over what is staged from now on, as a step that undo can take back. */
export const commit = (kit: Kit, changes: readonly StagedChange[]): void =>
  kit.set(({ staging }) => ({ staging: withChanges(staging, changes) }))

/** Stages an edit that was checked, and says so. */
export function stageEdit<Id extends AreaId>(
  kit: Kit,
  area: Id,
  edit: EditsByArea[Id],
  origin: StagedChange['origin'] = 'operator',
): void {
  const state = kit.get()
  const merged = kit.lists.merged(state, area)
  const editing = editingOf(kit.areas, area)
  if (!merged || !editing) return
  const { after } = editing.lay(merged.after, [edit])
  const words = editing.describe(edit, merged.after, after)
  const change: StagedOf<Id> = { id: `change-${kit.nextNumber()}`, area, edit, ...words, origin }
  const { changes, idle } = stageChange(kit.areas, state.staging.changes, change, merged.base)
  commit(kit, changes)
  if (idle) kit.tell('info', idle)
  else kit.tell('good', say`Staged: ${words.target} ${words.summary}`)
}

/** Stages changes that belong together, in one step, and says so; gives the reason where they don't fit what is staged. */
export function stageTogether<Id extends AreaId>(
  kit: Kit,
  area: Id,
  made: readonly (StagedOf<Id> & StagedChange)[],
): Safe | null {
  const state = kit.get()
  const merged = kit.lists.merged(state, area)
  const editing = editingOf(kit.areas, area)
  const [first] = made
  if (!merged || !editing || !first) return say`there is nothing to stage`
  const [conflict] = editing.lay(
    merged.after,
    made.map(({ edit }) => edit),
  ).conflicts
  if (conflict) return say`it does not fit what is staged: ${conflict.reason}`
  commit(kit, stageAll(kit.areas, state.staging.changes, made))
  const words = made.length === 1 ? say`${first.target} ${first.summary}` : say`${made.length} changes; s shows them`
  kit.tell('good', say`Staged: ${words}`)
  return null
}

/** The same for edits that the operator asked for. */
export function stageEdits<Id extends AreaId>(kit: Kit, area: Id, edits: readonly EditsByArea[Id][]): Safe | null {
  const merged = kit.lists.merged(kit.get(), area)
  const editing = editingOf(kit.areas, area)
  if (!merged || !editing) return say`there is nothing to stage it on`
  const made = changesFrom(editing, area, merged.after, edits, 'operator', () => `change-${kit.nextNumber()}`)
  return stageTogether(kit, area, made)
}

/** Takes changes back, in words. */
export function takeBack(kit: Kit, changes: readonly StagedChange[], words: Safe): void {
  const ids = changes.map(({ id }) => id)
  commit(kit, unstage(kit.areas, kit.get().staging.changes, ids))
  kit.tell('info', words)
}
