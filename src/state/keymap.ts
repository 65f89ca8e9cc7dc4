import { type Safe, safe, say } from '../services/model/safe.ts'
import type { Binding, Context, Scope } from './bindings/binding.ts'
import { BINDINGS } from './bindings/table.ts'
import type { ConsoleState } from './console-state.ts'
import { topScreen } from './slices/view.ts'

/** Contexts of the screen itself, innermost first, whatever dialog stands over it. */
export function screenContexts(state: ConsoleState): readonly Context[] {
  const { kind } = topScreen(state.view)
  // Before the first connection there are no panes to move in.
  if (kind === 'dashboard' && state.connection.attempt !== 'open') return ['everywhere']
  const own: readonly Context[] = kind === 'dashboard' ? [`pane.${state.view.focused}`, 'dashboard'] : [kind]
  return [...own, 'list', 'everywhere']
}

/** Contexts in which a stroke is looked up now: a question or a dialog gets every key. */
export function activeContexts(state: ConsoleState): readonly Context[] {
  if (state.questions.queue.length > 0) return ['question']
  if (state.view.dialog) return [`dialog.${state.view.dialog.kind}`]
  return screenContexts(state)
}

/** What a stroke means now, or null. */
export function resolve(state: ConsoleState, stroke: string): Binding | null {
  for (const context of activeContexts(state)) {
    const found = BINDINGS.find((binding) => binding.context === context && binding.keys.includes(stroke))
    if (found) return found
  }
  return null
}

/** A binding with the reason why it does nothing now. */
export type BindingNow = { readonly binding: Binding; readonly reason: Safe | null }

/** Bindings of the given contexts that a key leads to: an inner context hides the same key of an outer one. */
export const bindingsNow = (scope: Scope, contexts: readonly Context[]): readonly BindingNow[] =>
  reachable(contexts).map((binding) => ({ binding, reason: reasonOf(scope, binding) }))

function reachable(contexts: readonly Context[]): readonly Binding[] {
  const seen = new Set<string>()
  return contexts.flatMap((context) => {
    const own = BINDINGS.filter((one) => one.context === context)
    const found = own.filter((binding) => !binding.keys.every((key) => seen.has(key)))
    for (const binding of own) for (const key of binding.keys) seen.add(key)
    return found
  })
}

const reasonOf = (scope: Scope, binding: Binding): Safe | null => {
  const now = binding.what(scope, binding.keys[0] ?? '')
  return 'why' in now ? now.why : null
}

/** Whether a key does something now. */
export const does = (scope: Scope, binding: Binding): boolean => reasonOf(scope, binding) === null

/** What may stand in the footer, the most wanted first; whether each does something now is asked where there is room. */
export function footerCandidates(scope: Scope): readonly Binding[] {
  const place = (binding: Binding): number => (binding.urgent?.(scope) ? 0 : (binding.footer ?? 0))
  return reachable(activeContexts(scope.get()))
    .filter((binding) => binding.footer !== undefined)
    .toSorted((a, b) => place(a) - place(b))
}

/** Commands of the palette that a query finds. */
export function paletteEntries(scope: Scope, query: string): readonly BindingNow[] {
  const words = query
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '')
  return bindingsNow(scope, screenContexts(scope.get())).filter(({ binding }) => {
    const text = `${binding.label} ${binding.id} ${binding.help}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** Runs a binding, or says why not, be it that only a closer look told. */
export function runBinding(scope: Scope, binding: Binding, stroke: string, tell: (reason: Safe) => void): void {
  const now = binding.what(scope, stroke)
  const outcome = 'why' in now ? now.why : now.run()
  if (typeof outcome === 'string')
    tell(say`${safe(stroke)} (${safe(binding.label)}): ${outcome}${outcome.endsWith('.') ? say`` : say`.`}`)
}

const PALETTE_MOVES: Readonly<Record<string, number>> = {
  Down: 1,
  Up: -1,
  'Ctrl-n': 1,
  'Ctrl-p': -1,
  PageDown: 8,
  PageUp: -8,
}

/** A stroke in the command palette: moves, completes, runs. False when it is text or Esc. */
export function strokeInPalette(scope: Scope, stroke: string, tell: (reason: Safe) => void): boolean {
  const { dialog } = scope.get().view
  if (dialog?.kind !== 'palette') return false
  const entries = paletteEntries(scope, dialog.field.text)
  const move = PALETTE_MOVES[stroke]
  const chosen = entries[Math.min(dialog.selected, entries.length - 1)]?.binding
  if (move !== undefined) scope.actions.selectInPalette(move, entries.length)
  else if (stroke === 'Tab') scope.actions.completePalette(chosen?.label ?? dialog.field.text)
  else if (stroke === 'Enter') {
    scope.actions.dropDialog()
    const key = chosen?.keys[0] ?? ''
    // Enter is never what agrees to a change on the server.
    if (chosen?.danger) tell(say`Press ${safe(key)} itself: Enter runs nothing that changes the server.`)
    else if (chosen) runBinding(scope, chosen, key, tell)
  } else return false
  return true
}
