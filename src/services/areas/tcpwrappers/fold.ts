import type { StagedOf } from '../../model/areas.ts'
import type { Folded } from '../../model/editing.ts'
import { say } from '../../model/safe.ts'
import type { AccessFile, LineEdit, TcpwrappersFacts } from './facts.ts'
import { layAccess } from './lay.ts'
import { linesIn } from './lines.ts'

type Staged = StagedOf<'tcpwrappers'>
type OfLine = Staged & { readonly edit: LineEdit }

const isOfLine = (change: Staged): change is OfLine => change.edit.kind !== 'restore'
const concerns = (change: Staged, { file, lineId }: Pick<LineEdit, 'file' | 'lineId'>): change is OfLine =>
  isOfLine(change) && change.edit.file === file && change.edit.lineId === lineId

/** Every staged change to one line. */
export const changesOf = (changes: readonly Staged[], file: AccessFile, lineId: string): readonly OfLine[] =>
  changes.filter((one): one is OfLine => concerns(one, { file, lineId }))

/** A line that was only staged and is deleted again leaves nothing behind, a second edit of a line replaces the first. */
export function foldAccess(
  held: readonly Staged[],
  added: Staged,
  facts: TcpwrappersFacts | null,
): Folded<'tcpwrappers'> {
  if (!isOfLine(added)) return { held: [...held, added] }
  const changes = foldLine(held, added)
  const needed = facts ? withoutIdle(facts, changes, added.edit) : changes
  return needed === changes ? { held: changes } : { held: needed, idle: AS_IT_IS }
}

const AS_IT_IS = say`The rule is as the server has it again: nothing is staged for it.`

function foldLine(held: readonly Staged[], added: OfLine): readonly Staged[] {
  const { edit } = added
  if (edit.kind === 'add') return [...held, added]
  const mine = changesOf(held, edit.file, edit.lineId)
  const inserted = mine.find((one) => one.edit.kind === 'add')
  if (edit.kind === 'delete') {
    const others = held.filter((one) => !concerns(one, edit))
    return inserted ? withoutPlace(others, inserted.edit) : [...others, added]
  }
  if (edit.kind === 'move') {
    const last = held.at(-1)
    const moved = last && concerns(last, edit) && last.edit.kind === 'move'
    return [...(moved ? held.slice(0, -1) : held), added]
  }
  const same = inserted ?? mine.find((one) => one.edit.kind === 'replace')
  if (!same) return [...held, added]
  const made: Staged =
    same.edit.kind === 'add'
      ? { ...same, edit: { ...same.edit, line: edit.line }, summary: added.summary }
      : { ...added, id: same.id }
  return held.map((one) => (one === same ? made : one))
}

/** What was to stand beside an added line that is gone now stands where that stood. */
const withoutPlace = (changes: readonly Staged[], gone: LineEdit): readonly Staged[] =>
  changes.map((change) => {
    const { edit } = change
    if (gone.kind !== 'add' || (edit.kind !== 'add' && edit.kind !== 'move') || edit.file !== gone.file) return change
    if (typeof edit.at === 'string' || !Object.values(edit.at).includes(gone.lineId)) return change
    return { ...change, edit: { ...edit, at: gone.at } }
  })

/** Changes without those of one line that, all together, leave its file as it is without them. */
function withoutIdle(facts: TcpwrappersFacts, changes: readonly Staged[], edit: LineEdit): readonly Staged[] {
  if (edit.kind !== 'move' && edit.kind !== 'replace') return changes
  const others = changes.filter((change) => !concerns(change, edit))
  const linesAfter = (some: readonly Staged[]) =>
    linesIn(
      layAccess(
        facts,
        some.map((one) => one.edit),
      ).after,
      edit.file,
    )
  const [without, all] = [linesAfter(others), linesAfter(changes)]
  const isSame =
    without.length === all.length &&
    without.every((line, at) => line.id === all[at]?.id && line.bytes === all[at]?.bytes)
  return isSame ? others : changes
}

/** The changes without one of them; what was staged on top of an added line goes with it. */
export function unfoldAccess(held: readonly Staged[], gone: Staged): readonly Staged[] {
  const { edit } = gone
  if (edit.kind !== 'add') return held.filter((one) => one.id !== gone.id)
  return withoutPlace(
    held.filter((one) => !concerns(one, edit)),
    edit,
  )
}
