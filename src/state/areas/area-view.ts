import type { Area } from '../../services/model/area.ts'
import type { AreaId } from '../../services/model/areas.ts'
import type { Safe } from '../../services/model/safe.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import type { Cell } from '../layout.ts'
import type { PaneItem } from '../lists/list.ts'
import type { Lists } from '../lists/lists.ts'
import type { EditDialog } from '../slices/edit-dialog.ts'
import type { Editor } from './editor.ts'

/** What a key does now: nothing, and why; or what sets it going. */
export type Now = { readonly why: Safe } | { readonly run: () => Outcome }

/** A reason that shows only on a closer look (a plan that is blocked, a fix that does not fit) is given when it is tried. */
// biome-ignore lint/suspicious/noConfusingVoidType: most actions have nothing to say
export type Outcome = Safe | null | void | Promise<unknown>

/** A key of a pane: one question gives the reason why it does nothing, or what it does. It is asked often, and cheap. */
export type AreaKey = {
  readonly id: string
  readonly keys: readonly string[]
  /** Two or three words, for the footer and the palette. */
  readonly label: string
  /** One sentence, for the help screen. */
  readonly help: string
  /** Place in the footer, lower first; absent: not in the footer. */
  readonly footer?: number
  readonly what: (kit: Kit) => Now
}

/** What a person does with one area: its pane, its keys, its editor. How it looks is the screens' matter. */
export type AreaView<Id extends AreaId, Item extends PaneItem = PaneItem> = {
  readonly area: Area<Id>
  /** Name of its pane and tab. */
  readonly title: string
  /** Where its pane stands in the grid: top or bottom, left or right; or in a tab of its own. */
  readonly cell: Cell
  items(state: ConsoleState, lists: Lists): readonly Item[]
  /** What n and N go to. */
  isNotable(item: Item): boolean
  /** An item as one line of plain text, for the clipboard. */
  text(item: Item): Safe
  /** Lines that the pane draws above its list. */
  readonly headRows?: number
  /** Whether its cursor, unless the operator moved it, stays on the newest item. */
  readonly followsEnd?: true
  /** The operator has moved the cursor of its pane, to this item. */
  readonly cameTo?: (kit: Kit, id: string | null) => void
  /** Every area was read. */
  readonly afterReading?: (kit: Kit) => void
  readonly keys: readonly AreaKey[]
  /** How a line of it is typed, by what the dialog is for; absent where nothing is. */
  readonly editor?: (dialog: EditDialog) => Editor
}
