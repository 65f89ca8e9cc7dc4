import type { FileEdit } from '../model/areas.ts'
import type { Past, Seen, Undone } from '../model/editing.ts'
import type { PlanPart } from '../model/plan.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { fileBlockers, fileStep } from './file-step.ts'

/** What areas share that put whole files in the place of others: the texts that undoing brings back, a file of their own. */

type Held = { readonly id: string; readonly edit: unknown }

/** No other edit has a path. */
const isOf = (path: string, edit: unknown): edit is FileEdit => (edit as { readonly path?: unknown }).path === path

/** A file has one new text: the last one staged, over the text that the first one was made on. */
export function foldFile<S extends Held & { readonly edit: unknown }>(
  held: readonly S[],
  added: S & { readonly edit: FileEdit },
): readonly S[] {
  const { path, text } = added.edit
  const old = held.find((one): one is S & { readonly edit: FileEdit } => isOf(path, one.edit))
  if (!old) return [...held, added]
  const { was } = old.edit
  return held.flatMap((one) => {
    if (one !== old) return [one]
    return text === was ? [] : [{ ...added, id: old.id, edit: { ...added.edit, was } }]
  })
}

/** Puts the undoing of a file in words. */
export const describeFile = ({ path, text, was }: FileEdit): { readonly target: Safe; readonly summary: Safe } => ({
  target: safe(path),
  summary:
    text === null
      ? say`removed again`
      : was === null
        ? say`written again, with the text it had before`
        : say`back to the text it had before`,
})

/** The steps of file edits, and why one of them can't be made on the files as they are now. */
export const fileParts = (edits: readonly FileEdit[], { file }: Pick<Seen, 'file'>): PlanPart => ({
  steps: edits.flatMap((edit) => fileStep(edit) ?? []),
  blockers: edits.flatMap((edit) => fileBlockers(edit, file(edit.path))),
  whatIf: [],
})

/** What the file holds now is taken to be what was written then: where it is not, the plan says so once it was read. */
export const undoFiles = (files: Past['files']): Undone<FileEdit> => ({
  edits: files.flatMap(({ path, text, was }) => (text === was ? [] : [{ kind: 'file', path, text: was, was: text }])),
  remarks: [],
})
