import type { Safe } from '../../services/model/safe.ts'
import type { Actions } from '../actions/actions.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Selectors } from '../lists/selectors.ts'
import type { Dialog } from '../slices/view.ts'

/** Where a key means something. Looked through from the innermost outwards. */
export type Context =
  | 'question'
  | `dialog.${Dialog['kind']}`
  | 'pane.sshd'
  | 'pane.firewall'
  | 'pane.units'
  | 'pane.securelog'
  | 'dashboard'
  | 'staged'
  | 'transaction'
  | 'detail'
  | 'history'
  | 'past'
  | 'baseline'
  | 'help'
  | 'list'
  | 'everywhere'

/** What a binding may look at and set going. */
export type Scope = {
  readonly get: () => ConsoleState
  readonly lists: Selectors
  readonly actions: Actions
  readonly canSaveScript: boolean
}

/**
 * One thing a key does. Footer, help, palette and the key table of the README are drawn from these and nothing else.
 * A key that can't be used now is not hidden: it says why.
 */
export type Binding = {
  readonly id: string
  readonly keys: readonly string[]
  readonly context: Context
  /** Two or three words, for the footer and the palette. */
  readonly label: string
  /** One sentence, for the help screen. */
  readonly help: string
  /** Place in the footer, lower first; absent: not in the footer. */
  readonly footer?: number
  /** True while it belongs before everything else in the footer. */
  readonly urgent?: (scope: Scope) => boolean
  /** It changes something on the server. */
  readonly danger?: true
  readonly disabled?: (scope: Scope) => Safe | null
  readonly run: (scope: Scope, stroke: string) => void
}
