import { FIELD_IDS, type FieldId, readFields } from '../../../services/areas/firewall/form/fields.ts'
import { candidates, type FormPlace, judgeField, lineCandidates } from '../../../services/areas/firewall/form/hints.ts'
import { isOwnOnly } from '../../../services/model/addresses.ts'
import type { ChainRef } from '../../../services/model/firewall.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import type { Lists } from '../../lists/lists.ts'
import type { EditDialog } from '../../slices/edit-dialog.ts'
import { listenersOf } from '../../slices/readings.ts'
import type { FormField, Typed } from '../editor.ts'
import { firewallLists } from './lists.ts'

/** What is done with the line: a new rule before another one (null: at the end), or another text of one. */
export type RuleTask =
  | { readonly kind: 'add'; readonly at: ChainRef; readonly before: string | null }
  | { readonly kind: 'edit'; readonly at: ChainRef; readonly ruleId: string }

/** A rule that is being typed. */
export type RuleDialog = EditDialog & { readonly task: RuleTask }

const TITLES: Readonly<Record<FieldId, Safe>> = {
  protocol: say`protocol`,
  dport: say`to port`,
  sport: say`from port`,
  source: say`from`,
  destination: say`to`,
  in: say`in over`,
  out: say`out over`,
  state: say`state`,
  limit: say`limit`,
  comment: say`comment`,
  target: say`target`,
}

/** What the form knows of the place of the rule that is being typed; null before the rules are read. */
export function formPlace(state: ConsoleState, lists: Lists, { task, field }: RuleDialog): FormPlace | null {
  const facts = factsOf(state.readings.byArea.firewall)
  const rules = firewallLists(lists).rules(state, task.at.family)
  const { host } = state.connection
  if (!facts || !rules || !host) return null
  const listeners = (listenersOf(state.readings.byArea.units) ?? []).filter((one) => !isOwnOnly(one.address))
  return {
    ...facts,
    at: task.at,
    ruleSet: rules.after,
    protocol: readFields(field.text).get('protocol') ?? '',
    clientAddress: host.session.clientAddress,
    listeners: new Map(listeners.map((one) => [`${one.protocol}/${one.port}`, one.process ?? say``] as const)),
  }
}

/** The fields of the rule that is being typed. */
export function formFields({ field: { text } }: RuleDialog, place: FormPlace): readonly FormField[] {
  const values = readFields(text)
  return FIELD_IDS.map((id) => {
    const value = values.get(id) ?? ''
    return {
      id,
      title: TITLES[id],
      value: safe(value, 200),
      error: judgeField(id, value, place),
      choices: candidates(id, value, place)
        .slice(0, MANY)
        .map((one) => safe(one, 40)),
    }
  })
}

/** More than a line holds anyway. */
const MANY = 12

/** What Tab makes of the text that is being typed: as much as all choices agree on, or the only one. */
export function completed(dialog: RuleDialog, place: FormPlace): Typed | null {
  if (dialog.form) {
    const { field, input } = dialog.form
    const text = agreed(candidates(field as FieldId, input.text, place))
    return text === null || text.length <= input.text.length ? null : { text, cursor: [...text].length }
  }
  const chars = [...dialog.field.text]
  const typed = chars.slice(0, dialog.field.cursor).join('')
  const { from, words } = lineCandidates(typed, typed.length, place)
  const word = agreed(words)
  if (word === null || word.length <= typed.length - from) return null
  const before = typed.slice(0, from) + word + (words.length === 1 ? ' ' : '')
  return { text: before + chars.slice(dialog.field.cursor).join(''), cursor: [...before].length }
}

/** What the word under the cursor of the line may become, for the eye. */
export function lineChoices({ field }: RuleDialog, place: FormPlace): readonly Safe[] {
  const typed = [...field.text].slice(0, field.cursor).join('')
  return lineCandidates(typed, typed.length, place)
    .words.slice(0, MANY)
    .map((one) => safe(one, 40))
}

function agreed(words: readonly string[]): string | null {
  const [first, ...others] = words
  if (first === undefined) return null
  let length = first.length
  for (const word of others) while (!word.toLowerCase().startsWith(first.slice(0, length).toLowerCase())) length--
  return first.slice(0, length)
}
