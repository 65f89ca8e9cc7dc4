import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { Scope } from '../../state/bindings/binding.ts'
import { type FormField, formFields, formPlace, lineChoices, type RuleDialog } from '../../state/lists/rule-form.ts'
import { fieldLine } from '../parts/field-line.ts'
import { columns, EMPTY, type Line, line, lineCells, span, wrap } from '../text/line.ts'
import type { Sheet } from './sheet.ts'

const TITLE_WIDTH = 11

/** The rule that is being typed: the line and, once opened, the form beneath it. */
export function ruleSheet(dialog: RuleDialog, scope: Scope, width: number): Sheet {
  const { form } = dialog
  const place = formPlace(scope.get(), scope.lists.staged, dialog)
  const typed: Line = form
    ? [span(say`  `), ...columns([{ text: safe(dialog.field.text, 4096), grow: true }], width - 2)]
    : [span(say`> `, 'key'), ...fieldLine(dialog.field, width - 2, true)]
  const said = saidOf(dialog, width)
  if (!form || !place) {
    const choices = place ? lineChoices(dialog, place) : []
    const help = choices.length > 0 && dialog.field.text !== '' ? [choiceLine(choices, width), EXAMPLE[0]] : EXAMPLE
    return { title: dialog.title, lines: [typed, ...(said.length > 0 ? said : help)] }
  }
  const fields = formFields(dialog, place)
  return {
    title: dialog.title,
    lines: [
      typed,
      ...fields.map((field) => fieldRow(field, form, width)),
      ...(said.length > 0 ? said.slice(0, 2) : [EMPTY]),
    ],
    selected: 1 + fields.findIndex(({ id }) => id === form.field),
  }
}

const EXAMPLE: readonly [Line, Line] = [
  line(say`such as: -p tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT`, 'dim'),
  line(say`-A CHAIN …, -I CHAIN n … and a whole iptables command work too. Down opens a form.`, 'dim'),
]

const saidOf = (dialog: RuleDialog, width: number): readonly Line[] =>
  dialog.checking !== null
    ? [line(say`checking with the server's iptables… (Esc gives up)`, 'warn')]
    : dialog.error
      ? wrap(say`✗ ${dialog.error}`, width, 'bad').slice(0, 3)
      : []

const choiceLine = (choices: readonly Safe[], width: number): Line =>
  columns([{ text: say`Tab: ${safe(choices.join(' · '), 400)}`, grow: true, role: 'dim' }], width)

/** `  to port     https                 ✗ ports need protocol tcp or udp` */
function fieldRow(
  { id, title, value, error, choices }: FormField,
  form: NonNullable<RuleDialog['form']>,
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
