import { type Safe, say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'
import type { Editor } from './editor.ts'

/** Shows why a line was not taken; the dialog stays, with what was typed. */
export const tellInEditor = (kit: Kit, error: Safe): void =>
  kit.set(({ view }) => (view.dialog?.kind === 'edit' ? { view: { ...view, dialog: { ...view.dialog, error } } } : {}))

/**
 * An editor that is one line alone, with no words to complete. `submit` stages what it means and closes the dialog, or
 * gives the reason why it can't.
 */
export const lineEditor = (about: readonly Safe[], submit: (kit: Kit, text: string) => Safe | null): Editor => ({
  fields: [],
  examples: [],
  checking: say`asking the server…`,
  valueOf: (line) => line,
  withValue: (_line, _field, value) => value,
  form: () => null,
  choices: () => [],
  about: () => about,
  complete: () => null,
  submit: async (kit, dialog) => {
    const error = submit(kit, dialog.field.text)
    if (error) tellInEditor(kit, error)
  },
})
