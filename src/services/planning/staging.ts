import type { Areas } from '../model/area.ts'
import type { AreaId, EditsByArea, FactsByArea, StagedChange, StagedOf } from '../model/areas.ts'
import { stagedIn } from '../model/areas.ts'
import type { Editing, Merged } from '../model/editing.ts'
import type { Safe } from '../model/safe.ts'

/** What is known of each area; null where it was not read, or is not there. */
export type FactsNow = <Id extends AreaId>(id: Id) => FactsByArea[Id] | null

/** How an area is changed; an area that is only shown can't be. */
export function editingOf<Id extends AreaId>(areas: Areas, id: Id): Editing<Id> | null {
  return areas[id].editing ?? null
}

/** Lays an area's staged edits over what was read of it. */
export function merge<Id extends AreaId>(
  editing: Editing<Id> | null,
  base: FactsByArea[Id],
  edits: readonly EditsByArea[Id][],
): Merged<Id> {
  return editing ? { base, ...editing.lay(base, edits) } : { base, after: base, conflicts: [] }
}

/** What stays staged once something was added, and a word where that has come to nothing. */
export type Staged = { readonly changes: readonly StagedChange[]; readonly idle: Safe | null }

/** Adds one change to those staged, folding it into what is already staged for the same thing. */
export function stageChange<Id extends AreaId>(
  areas: Areas,
  changes: readonly StagedChange[],
  added: StagedOf<Id>,
  facts: FactsByArea[Id] | null = null,
): Staged {
  const editing = editingOf(areas, added.area)
  if (!editing) return { changes, idle: null }
  const { held, idle } = editing.fold(stagedIn(changes, added.area), added, facts)
  return { changes: together(changes, added.area, held), idle: idle ?? null }
}

/** Adds several changes, in their order. */
export const stageAll = (
  areas: Areas,
  changes: readonly StagedChange[],
  added: readonly StagedChange[],
  facts: FactsNow = () => null,
): readonly StagedChange[] =>
  added.reduce((held, one) => stageChange(areas, held, one, facts(one.area)).changes, changes)

/** The changes without some of them, and without what was staged on top of those. */
export const unstage = (
  areas: Areas,
  changes: readonly StagedChange[],
  ids: readonly string[],
): readonly StagedChange[] =>
  ids.reduce((left, id) => {
    const gone = left.find((one) => one.id === id)
    return gone ? without(areas, left, gone) : left
  }, changes)

function without<Id extends AreaId>(
  areas: Areas,
  changes: readonly StagedChange[],
  gone: StagedOf<Id>,
): readonly StagedChange[] {
  const held = stagedIn(changes, gone.area)
  const left = editingOf(areas, gone.area)?.unfold?.(held, gone) ?? held.filter((one) => one !== gone)
  return together(changes, gone.area, left)
}

/** An area's changes in the places that they had among all; new ones at the end. */
function together<Id extends AreaId>(
  changes: readonly StagedChange[],
  area: Id,
  held: readonly StagedOf<Id>[],
): readonly StagedChange[] {
  const left = new Map(held.map((one) => [one.id, one as StagedChange]))
  const kept = changes.flatMap((one) => {
    if (one.area !== area) return [one]
    const now = left.get(one.id)
    left.delete(one.id)
    return now ? [now] : []
  })
  return [...kept, ...left.values()]
}

/** Makes staged changes of edits, each described as it comes to stand on the facts before it. */
export function changesFrom<Id extends AreaId>(
  editing: Editing<Id>,
  area: Id,
  facts: FactsByArea[Id],
  edits: readonly EditsByArea[Id][],
  origin: StagedChange['origin'],
  newId: (number: number) => string,
): readonly (StagedOf<Id> & StagedChange)[] {
  let before = facts
  return edits.flatMap((edit, number) => {
    if (editing.holds?.(before, edit)) return []
    const { after } = editing.lay(before, [edit])
    const change = { id: newId(number), area, edit, ...editing.describe(edit, before, after), origin }
    before = after
    // A change of one area is one of all.
    return [change as StagedOf<Id> & StagedChange]
  })
}
