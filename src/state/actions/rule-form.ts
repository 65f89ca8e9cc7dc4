import { FIELD_IDS, readFields, writeField } from '../../services/areas/firewall/form/fields.ts'
import { say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'
import { completed, formPlace, type RuleDialog } from '../lists/rule-form.ts'
import { fieldOf, type TextField } from '../text-field.ts'

export type RuleFormActions = {
  /** Tab: completes the word that is being typed. */
  readonly completeRule: () => void
  /** Down and Up: from the line into the form's fields, through them and back. */
  readonly moveInForm: (direction: 1 | -1) => void
}

/** The rule that is being typed, with a changed text: of the field the cursor is in, or of the line itself. */
export function withRuleText(dialog: RuleDialog, text: TextField): RuleDialog {
  const { form } = dialog
  if (!form) return { ...dialog, field: text, error: null }
  const line = fieldOf(writeField(dialog.field.text, form.field, text.text))
  return { ...dialog, field: line, form: { ...form, input: text }, error: null }
}

/** The form beside the one-line editor: both are one text, whichever is typed in. */
export function createRuleFormActions({ get, set, lists, tell }: Kit): RuleFormActions {
  const current = (): RuleDialog | null => {
    const { dialog } = get().view
    return dialog?.kind === 'rule' && dialog.checking === null ? dialog : null
  }
  const show = (dialog: RuleDialog): void => set(({ view }) => ({ view: { ...view, dialog } }))
  return {
    completeRule: () => {
      const dialog = current()
      const place = dialog && formPlace(get(), lists.staged, dialog)
      const made = dialog && place && completed(dialog, place)
      if (made) show(withRuleText(dialog, made))
      else if (dialog) tell('info', say`Nothing to complete here: type on, or Down for the form.`)
    },
    moveInForm: (direction) => {
      const dialog = current()
      if (!dialog) return
      const place = dialog.form ? FIELD_IDS.indexOf(dialog.form.field) + direction : direction === 1 ? 0 : -1
      const field = FIELD_IDS[Math.min(place, FIELD_IDS.length - 1)]
      if (!field) return show({ ...dialog, form: null })
      show({ ...dialog, form: { field, input: fieldOf(readFields(dialog.field.text).get(field) ?? '') } })
    },
  }
}
