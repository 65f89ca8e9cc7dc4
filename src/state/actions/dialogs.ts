import { type Safe, say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'
import { type Dialog, fieldOfDialog, filteredList, listView, withList } from '../slices/view.ts'
import { editField, emptyField, fieldOf, insertText, pastedLine, type TextField } from '../text-field.ts'
import { withTyped } from './edit.ts'
import type { TransactionActions } from './transaction.ts'

export type DialogActions = {
  readonly openFilter: () => void
  readonly openPalette: () => void
  /** Esc: closes the dialog and puts back what it changed. */
  readonly closeDialog: () => void
  /** Closes the dialog, as what it asked for is done. */
  readonly dropDialog: () => void
  readonly keepFilter: () => void
  readonly completePalette: (label: string) => void
  /** A stroke in a dialog with a text field. */
  readonly type: (stroke: string) => void
  readonly paste: (text: string) => void
  /** Enter where the host's name is asked for. */
  readonly submitName: () => void
  readonly selectInPalette: (rows: number, count: number) => void
}

/** Opening, typing in and closing the sheets at the foot of the screen. */
export function createDialogActions(kit: Kit, transaction: TransactionActions): DialogActions {
  const { get, set } = kit
  const show = (dialog: Dialog | null): void => set(({ view }) => ({ view: { ...view, dialog } }))

  function withField(dialog: Dialog, field: TextField): void {
    if (dialog.kind === 'edit') {
      if (dialog.checking === null) show(withTyped(dialog, field))
    } else if (dialog.kind === 'palette') show({ ...dialog, field, selected: 0 })
    else if (dialog.kind === 'filter') {
      set(({ view }) => ({
        view: { ...withList(view, dialog.list, { filter: field.text, top: 0 }), dialog: { ...dialog, field } },
      }))
    } else if (dialog.kind === 'packet') show({ ...dialog, field })
    else if ('field' in dialog) show({ ...dialog, field, error: null })
  }
  const typing = (): { readonly dialog: Dialog; readonly field: TextField } | null => {
    const { dialog } = get().view
    const field = dialog && fieldOfDialog(dialog)
    return field && { dialog, field }
  }

  return {
    openFilter: () => {
      const list = filteredList(get().view)
      const { filter } = listView(get().view, list)
      show({ kind: 'filter', list, field: fieldOf(filter), before: filter })
    },
    openPalette: () => show({ kind: 'palette', field: emptyField, selected: 0 }),
    closeDialog: () => {
      const { dialog } = get().view
      if (dialog?.kind === 'filter')
        set(({ view }) => ({ view: withList(view, dialog.list, { filter: dialog.before }) }))
      show(null)
    },
    dropDialog: () => show(null),
    keepFilter: () => show(null),
    completePalette: (label) => {
      const now = typing()
      if (now) withField(now.dialog, fieldOf(label))
    },
    type: (stroke) => {
      const now = typing()
      const edited = now && editField(now.field, stroke)
      if (edited) withField(now.dialog, edited)
    },
    paste: (text) => {
      const now = typing()
      if (!now) return kit.tell('info', IGNORED)
      const { line, cut } = pastedLine(text)
      withField(now.dialog, insertText(now.field, line))
      if (cut) kit.tell('warn', say`Only the first line was pasted: this takes one line at a time.`)
    },
    submitName: () => {
      const { dialog } = get().view
      const { target } = get().connection
      if (dialog?.kind !== 'arm-typed' && dialog?.kind !== 'confirm-typed') return
      if (dialog.field.text.trim() !== target.name)
        show({ ...dialog, field: emptyField, error: say`That is not its name. Type it, or Esc to go back.` })
      else if (dialog.kind === 'arm-typed') void transaction.begin()
      else transaction.confirmTyped()
    },
    selectInPalette: (rows, count) => {
      const { dialog } = get().view
      if (dialog?.kind !== 'palette') return
      show({ ...dialog, selected: Math.max(0, Math.min(count - 1, dialog.selected + rows)) })
    },
  }
}

const IGNORED: Safe = say`Pasted text is taken only where a line is typed: a adds a rule, / filters.`
