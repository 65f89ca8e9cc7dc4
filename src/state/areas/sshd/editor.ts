import { sshdEditing } from '../../../services/areas/sshd/editing.ts'
import {
  choicesLike,
  keywordsLike,
  putTogether,
  readInput,
  type TypedLine,
  takeApart,
} from '../../../services/areas/sshd/input.ts'
import { keywordOf } from '../../../services/areas/sshd/keywords/table.ts'
import { changedFiles } from '../../../services/areas/sshd/trial.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import type { Kit } from '../../kit.ts'
import type { EditDialog } from '../../slices/edit-dialog.ts'
import { stageEdit } from '../../staging/stage.ts'
import { agreed, likeTyped, typedSoFar } from '../completion.ts'
import type { Editor, FormField, Typed } from '../editor.ts'
import { tellInEditor } from '../line-editor.ts'
import { accountEditor, isAccountTask } from './account-editor.ts'
import { adminEditor, isAdminTask } from './administrator.ts'
import { factsToChange } from './facts.ts'
import { isPortTask, portEditor } from './ports.ts'

/** What the editor of the SSH pane is open for: an act of its own, or a keyword. */
export function sshdEditor({ task }: EditDialog): Editor {
  if (isPortTask(task)) return portEditor
  if (isAdminTask(task)) return adminEditor(task)
  return isAccountTask(task) ? accountEditor : keywordEditor
}

type FieldId = keyof TypedLine
const FIELDS: readonly FieldId[] = ['keyword', 'value', 'match']

/** More than a line holds anyway. */
const MANY = 12

/** How a keyword of sshd is typed: `PermitRootLogin no`, `[User bob] PasswordAuthentication no`. */
export const keywordEditor: Editor = {
  fields: FIELDS,
  examples: [
    say`such as: PermitRootLogin no, or for a Match block: [User bob] PasswordAuthentication no`,
    say`Without a value its lines are taken out. Down opens a form.`,
  ],
  checking: say`asking the server's sshd…`,
  valueOf: (line, field) => takeApart(line)[field as FieldId] ?? '',
  withValue: (line, field, value) => putTogether({ ...takeApart(line), [field]: value }),
  form: (dialog, state) => FIELDS.map((id) => formField(id, dialog.field.text, state)),
  choices: (dialog, state) => wordsFor(dialog, state).map((one) => safe(one, 60)),
  about: (dialog) => aboutLine(dialog.field.text),
  complete,
  submit,
}

const versionOf = (state: ConsoleState): Safe | null => factsOf(state.readings.byArea.sshd)?.version ?? null

const TITLES: Readonly<Record<FieldId, Safe>> = { keyword: say`keyword`, value: say`value`, match: say`Match` }

function formField(id: FieldId, text: string, state: ConsoleState): FormField {
  const value = takeApart(text)[id] ?? ''
  return {
    id,
    title: TITLES[id],
    value: safe(value, 200),
    error: errorOf(id, text),
    choices: candidates(id, text, state)
      .slice(0, MANY)
      .map((one) => safe(one, 60)),
  }
}

function errorOf(id: FieldId, text: string): Safe | null {
  const { keyword, value } = takeApart(text)
  const known = keywordOf(keyword)
  if (id === 'keyword') return keyword !== '' && !known ? say`sshd_config(5) has none of this name` : null
  return id === 'value' && known && value !== '' ? known.check(value) : null
}

/** What may stand in a part of the line. */
function candidates(id: FieldId, text: string, state: ConsoleState): readonly string[] {
  const { keyword, value } = takeApart(text)
  if (id === 'keyword') return keywordsLike(keyword, versionOf(state)).map(({ name }) => name)
  if (id === 'value') return choicesLike(keyword, value)
  const views = factsOf(state.readings.byArea.sshd)?.views ?? []
  return likeTyped([...new Set(views.flatMap(({ matched }) => matched))], takeApart(text).match ?? '')
}

const partAt = (text: string): FieldId =>
  /^\s*\[[^\]]*$/.test(text) ? 'match' : /^\s*(?:\[[^\]]*\]?)?\s*[^\s=[\]]*$/.test(text) ? 'keyword' : 'value'

const wordsFor = (dialog: EditDialog, state: ConsoleState): readonly string[] => {
  const typed = typedSoFar(dialog)
  return candidates(partAt(typed), typed, state).slice(0, MANY)
}

/** What the keyword is about, and what its values mean. */
function aboutLine(text: string): readonly Safe[] {
  const { keyword, value } = takeApart(text)
  const known = keywordOf(keyword)
  if (!known) return []
  const { choices } = known.kind
  // Of a value that is whole the others are shown too: it is what may be changed.
  const isWhole = value === '' || choices.some((one) => one.value === value)
  const meant = choices.filter((one) => isWhole || one.value.startsWith(value))
  return [safe(known.about, 300), ...meant.map((one) => say`  ${safe(one.value)}: ${safe(one.means, 200)}`)]
}

function complete(dialog: EditDialog, state: ConsoleState): Typed | null {
  const { form, field } = dialog
  if (form) {
    const id = form.field as FieldId
    const text = agreed(candidates(id, field.text, state))
    return text === null || text.length <= form.input.text.length ? null : { text, cursor: [...text].length }
  }
  const typed = typedSoFar(dialog)
  const id = partAt(typed)
  const words = candidates(id, typed, state)
  const word = agreed(words)
  const begun = takeApart(typed)[id] ?? ''
  if (
    word === null ||
    !typed.endsWith(begun) ||
    word.length < begun.length ||
    (word.length === begun.length && words.length !== 1)
  )
    return null
  const before =
    typed.slice(0, typed.length - begun.length) + word + (words.length === 1 && id === 'keyword' ? ' ' : '')
  if (before === typed) return null
  return { text: before + [...field.text].slice(field.cursor).join(''), cursor: [...before].length }
}

async function submit(kit: Kit, dialog: EditDialog): Promise<void> {
  const tell = (error: Safe): void => tellInEditor(kit, error)
  const now = factsToChange(kit)
  const merged = kit.lists.merged(kit.get(), 'sshd')
  if ('why' in now || !merged) return tell(say`Nothing is staged: ${'why' in now ? now.why : say`sshd was not read`}.`)
  const read = readInput(dialog.field.text, now.facts)
  if (!read.ok) return tell(read.error)
  const { after, conflicts } = sshdEditing.lay(merged.after, [read.value])
  const [conflict] = conflicts
  if (conflict) return tell(say`That can't be written: ${conflict.reason}.`)
  if (changedFiles({ base: merged.after, after }).length === 0 || sshdEditing.holds?.(merged.after, read.value))
    return tell(
      read.value.values ? say`That is how it is already.` : say`No line sets it there: there is none to take out.`,
    )
  kit.set(({ view }) => ({ view: { ...view, dialog: null } }))
  stageEdit(kit, 'sshd', read.value)
}
