import type { AreaId } from '../../services/model/areas.ts'
import type { Safe } from '../../services/model/safe.ts'
import type { Actions } from '../actions/actions.ts'
import type { AreaKey, Now, Outcome } from '../areas/area-view.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import type { Lists } from '../lists/lists.ts'
import type { Dialog } from '../slices/view.ts'

/** Where a key means something. Looked through from the innermost outwards. */
export type Context =
  | 'question'
  | `dialog.${Dialog['kind']}`
  | `pane.${AreaId}`
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
  readonly lists: Lists
  readonly kit: Kit
  readonly actions: Actions
  readonly canSaveScript: boolean
}

/**
 * One thing a key does. Footer, help, palette and the key table of the README are drawn from these and nothing else.
 * A key that can't be used now is not hidden: it says why.
 */
export type Binding = Omit<AreaKey, 'what'> & {
  readonly context: Context
  /** True while it belongs before everything else in the footer. */
  readonly urgent?: (scope: Scope) => boolean
  /** It changes something on the server. */
  readonly danger?: true
  readonly what: (scope: Scope, stroke: string) => Now
}

type Run = (scope: Scope, stroke: string) => Outcome

/** A key that always does something. */
export const always =
  (run: Run): Binding['what'] =>
  (scope, stroke) => ({ run: () => run(scope, stroke) })

/** A key that does something unless there is a reason why not. */
export const unless =
  (reason: (scope: Scope) => Safe | null, run: Run): Binding['what'] =>
  (scope, stroke) => {
    const why = reason(scope)
    return why ? { why } : { run: () => run(scope, stroke) }
  }

/** The keys of an area's pane as bindings. */
export const ofPane = (area: AreaId, keys: readonly AreaKey[]): readonly Binding[] =>
  keys.map((key) => ({ ...key, context: `pane.${area}`, what: ({ kit }) => key.what(kit) }))
