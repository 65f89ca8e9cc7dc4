import { FIELD_IDS } from '../services/areas/firewall/form/fields.ts'
import type { Question } from '../services/model/host.ts'
import type { ConsoleState } from './console-state.ts'
import type { Dialog } from './slices/view.ts'

/** Heights of the sheets at the foot of the screen, borders and all. The filter is typed on the status line. */
const ROWS: Readonly<Record<Dialog['kind'], number>> = {
  rule: 6,
  filter: 0,
  palette: 12,
  packet: 10,
  policy: 6,
  boot: 9,
  arm: 9,
  'arm-typed': 9,
  'confirm-typed': 9,
  rollback: 7,
  takeover: 8,
  quit: 7,
}

/** With the form open: a field a row beneath the line. */
const FORM_ROWS = 5 + FIELD_IDS.length

/** Rows for the words of a server that asks (RFC 4256). */
export const THEIR_ROWS = 9

const QUESTION_ROWS: Readonly<Record<Question['kind'], number>> = {
  'host-key': 11,
  password: 7,
  passphrase: 7,
  'keyboard-interactive': THEIR_ROWS + 4,
  'sudo-password': 7,
}

/** Rows that the open dialog or question takes from the screen. */
export function sheetRows(state: ConsoleState): number {
  const question = state.questions.queue[0]
  if (question) return QUESTION_ROWS[question.question.kind]
  const { dialog } = state.view
  if (dialog?.kind === 'rule' && dialog.form) return FORM_ROWS
  return dialog ? ROWS[dialog.kind] : 0
}
