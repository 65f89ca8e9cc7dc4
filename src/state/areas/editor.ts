import type { Safe } from '../../services/model/safe.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import type { Lists } from '../lists/lists.ts'
import type { EditDialog } from '../slices/edit-dialog.ts'

/** A field of a form as it is drawn: its value, and what is wrong with it or what could stand there. */
export type FormField = {
  readonly id: string
  readonly title: Safe
  readonly value: Safe
  readonly error: Safe | null
  readonly choices: readonly Safe[]
}

/** Text with the place of its cursor. */
export type Typed = { readonly text: string; readonly cursor: number }

/** How a thing of an area is typed: as one line, or in the fields of a form, which are the same text. */
export type Editor = {
  /** The fields of the form, in order; none where there is only the line. */
  readonly fields: readonly string[]
  /** Examples of what may be typed, shown while nothing else is to be said. */
  readonly examples: readonly Safe[]
  /** What is said while the server looks at it. */
  readonly checking: Safe
  /** The value of a field in a line, and the line with another value in it. */
  readonly valueOf: (line: string, field: string) => string
  readonly withValue: (line: string, field: string, value: string) => string
  /** The form of the line that is being typed; null where the line is all there is, with no words to complete. */
  readonly form: (dialog: EditDialog, state: ConsoleState, lists: Lists) => readonly FormField[] | null
  /** What the word under the cursor of the line may become. */
  readonly choices: (dialog: EditDialog, state: ConsoleState, lists: Lists) => readonly Safe[]
  /** What the thing that is being typed is about, a line each; shown in place of the examples. */
  readonly about?: (dialog: EditDialog, state: ConsoleState, lists: Lists) => readonly Safe[]
  /** What Tab makes of the text that is being typed; null where there is nothing to complete. */
  readonly complete: (dialog: EditDialog, state: ConsoleState, lists: Lists) => Typed | null
  /** Reads the line, has it tried where that needs the server, and stages what it means; null for a mere question. */
  readonly submit: ((kit: Kit, dialog: EditDialog) => Promise<void>) | null
}
