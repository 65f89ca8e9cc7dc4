import type { Question } from '../services/model/host.ts'
import { editorOf } from './areas/table.ts'
import type { ConsoleState } from './console-state.ts'
import type { Dialog } from './slices/view.ts'

/** Heights of the sheets at the foot of the screen, borders and all. The filter is typed on the status line. */
export const ROWS: Readonly<Record<Dialog['kind'], number>> = {
  edit: 6,
  filter: 0,
  palette: 12,
  packet: 10,
  policy: 6,
  boot: 9,
  look: 14,
  arm: 9,
  'arm-typed': 9,
  'confirm-typed': 9,
  rollback: 7,
  takeover: 8,
  quit: 7,
}

/** Of an editor that says what the thing is about that is being typed, and what its values mean. */
const EDIT_ROWS_WITH_ABOUT = 9

/** Rows of an open form beside its fields, which have one each beneath the line. */
const FORM_ROWS = 5

/** Rows for the words of a server that asks (RFC 4256), at most. */
export const THEIR_ROWS = 9

const QUESTION_ROWS: Readonly<Record<Exclude<Question['kind'], 'keyboard-interactive'>, number>> = {
  'host-key': 11,
  password: 7,
  passphrase: 7,
  'sudo-password': 7,
  'new-password': 8,
}

function questionRows(question: Question, columns: number): number {
  if (question.kind !== 'keyboard-interactive') return QUESTION_ROWS[question.kind]
  const { name, instructions, prompts } = question
  const words = [
    name,
    ...instructions,
    prompts.reduce((long, { text }) => (text.length > long.length ? text : long), ''),
  ]
  // A little more than the characters would fill, for rows end between words.
  const rows = words.reduce((sum, one) => sum + Math.ceil((one.length * 1.2) / Math.max(10, columns - 6)), 0)
  // Borders, the row that is typed in, and one for what was wrong; the waiting takes two.
  return Math.max(2, Math.min(THEIR_ROWS, rows)) + 4
}

/** Rows that the open dialog or question takes from the screen. */
export function sheetRows(state: ConsoleState): number {
  const question = state.questions.queue[0]
  if (question) return questionRows(question.question, state.view.size.columns)
  const { dialog } = state.view
  if (dialog?.kind !== 'edit') return dialog ? ROWS[dialog.kind] : 0
  const editor = editorOf(dialog)
  if (dialog.form) return FORM_ROWS + (editor?.fields.length ?? 0)
  return editor?.about ? EDIT_ROWS_WITH_ABOUT : ROWS.edit
}
