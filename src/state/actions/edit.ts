import { say } from '../../services/model/safe.ts'
import type { Editor } from '../areas/editor.ts'
import { editorOf } from '../areas/table.ts'
import type { Kit } from '../kit.ts'
import type { EditDialog } from '../slices/edit-dialog.ts'
import { fieldOf, type TextField } from '../text-field.ts'

export type EditActions = {
  /** Enter: reads the line, has it tried where that needs the server, and stages it. */
  readonly submitEdit: () => Promise<void>
  /** Tab: completes the word that is being typed. */
  readonly completeEdit: () => void
  /** Down and Up: from the line into the form's fields, through them and back. */
  readonly moveInForm: (direction: 1 | -1) => void
}

/** The line that is being typed, with a changed text: of the field the cursor is in, or of the line itself. */
export function withTyped(dialog: EditDialog, text: TextField): EditDialog {
  const { form } = dialog
  const editor = editorOf(dialog)
  if (!form || !editor) return { ...dialog, field: text, error: null }
  const line = fieldOf(editor.withValue(dialog.field.text, form.field, text.text))
  return { ...dialog, field: line, form: { ...form, input: text }, error: null }
}

/** The one-line editor and the form beside it: both are one text, whichever is typed in. */
export function createEditActions(kit: Kit): EditActions {
  const { get, set, lists, tell } = kit
  const current = (): { readonly dialog: EditDialog; readonly editor: Editor } | null => {
    const { dialog } = get().view
    const editor = dialog?.kind === 'edit' && dialog.checking === null ? editorOf(dialog) : undefined
    return dialog?.kind === 'edit' && editor ? { dialog, editor } : null
  }
  const show = (dialog: EditDialog): void => set(({ view }) => ({ view: { ...view, dialog } }))
  return {
    submitEdit: async () => {
      const now = current()
      await now?.editor.submit?.(kit, now.dialog)
    },
    completeEdit: () => {
      const now = current()
      const made = now?.editor.complete(now.dialog, get(), lists)
      if (now && made) show(withTyped(now.dialog, made))
      else if (now) tell('info', say`Nothing to complete here: type on, or Down for the form.`)
    },
    moveInForm: (direction) => {
      const now = current()
      if (!now) return
      const { dialog, editor } = now
      const { fields } = editor
      const place = dialog.form ? fields.indexOf(dialog.form.field) + direction : direction === 1 ? 0 : -1
      const field = fields[Math.min(place, fields.length - 1)]
      if (field === undefined) return show({ ...dialog, form: null })
      show({ ...dialog, form: { field, input: fieldOf(editor.valueOf(dialog.field.text, field)) } })
    },
  }
}
