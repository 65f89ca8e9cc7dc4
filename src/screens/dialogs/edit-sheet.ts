import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { FormField } from '../../state/areas/editor.ts'
import { editorOf } from '../../state/areas/table.ts'
import type { Scope } from '../../state/bindings/binding.ts'
import type { EditDialog } from '../../state/slices/edit-dialog.ts'
import { fieldLine } from '../parts/field-line.ts'
import { columns, EMPTY, indent, type Line, line, lineCells, span, wrap } from '../text/line.ts'
import type { Sheet } from './sheet.ts'

const TITLE_WIDTH = 11

/** What is being typed: the line and, once opened, the form beneath it. */
export function editSheet(dialog: EditDialog, { get, lists }: Scope, width: number): Sheet {
  const { form, title } = dialog
  const editor = editorOf(dialog)
  const typed: Line = form
    ? [span(say`  `), ...columns([{ text: safe(dialog.field.text, 4096), grow: true }], width - 2)]
    : [span(say`> `, 'key'), ...fieldLine(dialog.field, width - 2, true)]
  if (!editor) return { title, lines: [typed] }
  const said = saidOf(dialog, editor.checking, width)
  const fields = form && editor.form(dialog, get(), lists)
  if (!form || !fields) {
    const choices = form || dialog.field.text === '' ? [] : editor.choices(dialog, get(), lists)
    const about = editor.about?.(dialog, get(), lists) ?? []
    const words = about.length > 0 ? about : editor.examples.slice(0, choices.length > 0 ? 1 : undefined)
    const help = [
      ...(choices.length > 0 ? [choiceLine(choices, width)] : []),
      ...words.flatMap((one) => hanging(one, width)),
    ]
    return { title, lines: [typed, ...(said.length > 0 ? said : help)] }
  }
  return {
    title,
    lines: [
      typed,
      ...fields.map((field) => fieldRow(field, form, width)),
      ...(said.length > 0 ? said.slice(0, 2) : [EMPTY]),
    ],
    selected: 1 + fields.findIndex(({ id }) => id === form.field),
  }
}

/** A blank margin stays before every row that the line takes. */
function hanging(one: Safe, width: number): readonly Line[] {
  const margin = one.length - one.trimStart().length
  return indent(wrap(one, width - margin, 'dim'), margin)
}

const saidOf = (dialog: EditDialog, checking: Safe, width: number): readonly Line[] =>
  dialog.checking !== null
    ? [line(checking, 'warn')]
    : dialog.error
      ? wrap(say`✗ ${dialog.error}`, width, 'bad').slice(0, 3)
      : []

const choiceLine = (choices: readonly Safe[], width: number): Line =>
  columns([{ text: say`Tab: ${safe(choices.join(' · '), 400)}`, grow: true, role: 'dim' }], width)

/** `  to port     https                 ✗ ports need protocol tcp or udp` */
function fieldRow(
  { id, title, value, error, choices }: FormField,
  form: NonNullable<EditDialog['form']>,
  width: number,
): Line {
  const here = id === form.field
  const room = Math.max(12, Math.min(40, Math.floor((width - TITLE_WIDTH) / 2)))
  const rest = width - TITLE_WIDTH - room - 4
  const input: Line = here
    ? padded(fieldLine(form.input, room, true), room)
    : columns([{ text: value, width: room }], room)
  const hint = error ? say`✗ ${error}` : here ? safe(choices.join(' · '), 200) : say``
  return [
    span(here ? say`> ` : say`  `, 'key'),
    ...columns([{ text: title, width: TITLE_WIDTH, role: here ? 'strong' : 'dim' }], TITLE_WIDTH),
    ...input,
    span(say`  `),
    ...columns([{ text: hint, grow: true, role: error ? 'bad' : 'dim' }], Math.max(0, rest)),
  ]
}

const padded = (text: Line, width: number): Line => {
  const used = lineCells(text)
  return used < width ? [...text, span(safe(' '.repeat(width - used)))] : text
}
