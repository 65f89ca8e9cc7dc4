import { createStore, type StoreApi } from 'zustand/vanilla'
import { safe, say } from '../services/model/safe.ts'
import { type Actions, createActions } from './actions/actions.ts'
import { AREA_IDS, AREAS } from './areas/table.ts'
import type { Scope } from './bindings/binding.ts'
import { type ConsoleState, initialState } from './console-state.ts'
import { resolve, runBinding, strokeInPalette } from './keymap.ts'
import type { ConsoleDeps, Kit, Server } from './kit.ts'
import { createLists } from './lists/create.ts'
import type { Lists } from './lists/lists.ts'
import { withMessage } from './slices/messages.ts'
import { fieldOfDialog } from './slices/view.ts'

/** The console without a screen: state, actions, and the keys that set them going. */
export type Console = {
  readonly store: StoreApi<ConsoleState>
  readonly lists: Lists
  readonly actions: Actions
  /** What bindings look at, for footer, help and palette. */
  readonly scope: Scope
  /** Takes what was typed, stroke by stroke. */
  readonly press: (strokes: readonly string[]) => void
  /** Takes text that was pasted. */
  readonly paste: (text: string) => void
}

/** Makes one console. Nothing happens until `actions.connect()` is called. */
export function createConsole(deps: ConsoleDeps): Console {
  const { target, readOnly, windowSeconds, clock } = deps
  const store = createStore<ConsoleState>(() =>
    initialState({ target, areas: AREA_IDS, readOnly, windowSeconds, now: clock.now() }),
  )
  const lists = createLists()
  let server: Server | null = null
  let number = 0
  const kit: Kit = {
    deps,
    areas: AREAS,
    lists,
    get: store.getState,
    set: (change) => store.setState(change(store.getState())),
    tell: (tone, text) =>
      store.setState(({ messages }) => ({ messages: withMessage(messages, { tone, text, at: clock.now() }) })),
    server: () => server,
    setServer: (next) => {
      server = next
    },
    nextNumber: () => ++number,
  }
  const actions = createActions(kit)
  const scope: Scope = { get: store.getState, lists, kit, actions, canSaveScript: deps.saveScript !== undefined }

  store.subscribe(({ staging, connection }, before) => {
    const isStaged = staging.changes !== before.staging.changes
    if (isStaged) void actions.readStagedFiles()
    if (isStaged || (before.connection.reading && !connection.reading)) void actions.tryStaged()
  })

  function pressOne(stroke: string): void {
    const state = store.getState()
    if (state.view.exitCode !== null) return
    if (state.messages.shown) store.setState({ messages: { ...state.messages, shown: null } })
    const warn: Parameters<typeof runBinding>[3] = (reason) => kit.tell('warn', reason)
    if (state.questions.queue.length === 0 && strokeInPalette(scope, stroke, warn)) return
    const binding = resolve(state, stroke)
    if (binding) runBinding(scope, binding, stroke, warn)
    else if (state.questions.queue.length > 0) actions.typeAnswer(stroke)
    else if (state.view.dialog && fieldOfDialog(state.view.dialog)) actions.type(stroke)
    else sayIdle(stroke)
  }
  /** Until the next key, and not among what is kept to be read again. */
  function sayIdle(stroke: string): void {
    const text = say`${safe(stroke)} does nothing here: the last line has keys that do.`
    store.setState(({ messages }) => ({ messages: { ...messages, shown: { tone: 'info', text, at: clock.now() } } }))
  }
  return {
    store,
    lists,
    actions,
    scope,
    press: (strokes) => {
      for (const stroke of strokes) pressOne(stroke)
    },
    paste: (text) => (store.getState().questions.queue.length > 0 ? actions.pasteAnswer(text) : actions.paste(text)),
  }
}
