import type { Conflict } from '../../model/editing.ts'
import { bytesOf } from '../../model/file-bytes.ts'
import { type Safe, say } from '../../model/safe.ts'
import type { AccessEdit, AccessLine, AccessPlace, LineEdit, TcpwrappersFacts } from './facts.ts'
import { apart, ended, joined, linesIn, withText } from './lines.ts'

/** Lays edits, in order, over the files; what no line of them says stays byte for byte. */
export function layAccess(facts: TcpwrappersFacts, edits: readonly AccessEdit[]) {
  const conflicts: Conflict<AccessEdit>[] = []
  let after = facts
  for (const edit of edits) {
    const made = edit.kind === 'restore' ? restored(after, edit) : changed(after, edit)
    if (typeof made === 'string') conflicts.push({ edit, reason: made })
    else after = made
  }
  return { after, conflicts }
}

function restored(
  facts: TcpwrappersFacts,
  { file, bytes, over }: Extract<AccessEdit, { kind: 'restore' }>,
): TcpwrappersFacts | Safe {
  if (facts.files[file] !== over) return say`the file changed since`
  const { [file]: _old, ...lines } = facts.lines ?? {}
  return { ...facts, files: { ...facts.files, [file]: bytes }, lines }
}

function changed(facts: TcpwrappersFacts, edit: LineEdit): TcpwrappersFacts | Safe {
  const { file } = edit
  const made = withEdit(linesIn(facts, file), edit)
  if (typeof made === 'string') return made
  const lines = apart(made)
  return { ...facts, files: { ...facts.files, [file]: joined(lines) }, lines: { ...facts.lines, [file]: lines } }
}

function withEdit(lines: readonly AccessLine[], edit: LineEdit): readonly AccessLine[] | Safe {
  const { lineId: id } = edit
  const at = lines.findIndex((line) => line.id === id)
  if (edit.kind === 'add') {
    if (at >= 0) return say`it is staged already`
    return placed(lines, { id, bytes: ended(bytesOf(edit.line)) }, edit.at)
  }
  const line = lines[at]
  if (!line) return say`the line is gone, or changed since`
  const others = lines.toSpliced(at, 1)
  if (edit.kind === 'delete') return others
  if (edit.kind === 'replace') return lines.with(at, { id, bytes: withText(line.bytes, bytesOf(edit.line)) })
  return placed(others, line, edit.at)
}

function placed(lines: readonly AccessLine[], line: AccessLine, place: AccessPlace): readonly AccessLine[] | Safe {
  if (place === 'first') return [line, ...lines]
  if (place === 'last') return [...lines, line]
  const beside = 'before' in place ? place.before : place.after
  const at = lines.findIndex(({ id }) => id === beside)
  if (at < 0) return say`the line that it was to stand beside is gone, or changed since`
  return lines.toSpliced('before' in place ? at : at + 1, 0, line)
}
