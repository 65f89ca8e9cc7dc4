import { type Safe, safe, say } from '../services/model/safe.ts'
import type { ConsoleState } from '../state/console-state.ts'
import type { Lists } from '../state/lists/lists.ts'
import { pastOf, unasked } from '../state/slices/history.ts'
import { topScreen } from '../state/slices/view.ts'
import { whyNotUndo } from '../state/why-not.ts'
import { TextScreen } from './parts/text-screen.tsx'
import { askedLine, pastHead, pastLines, undoLines } from './presenters/history.ts'
import { gone } from './presenters/labelled.ts'
import { EMPTY, indent, type Line, span } from './text/line.ts'
import { useConsole, useLook } from './use-console.ts'

let ids = 0
/** Names for rules that are only shown: what is staged gets its own. One function, so that the result is remembered. */
const previewId = (): string => `preview-${++ids}`

/** All about one past transaction: how it ended, whether it can be undone, what it changed. */
function lines(state: ConsoleState, lists: Lists, id: string, width: number): readonly Line[] {
  const past = pastOf(state.history, id)
  if (!past) return gone
  const record = state.history.records[id] ?? unasked
  const undo = record.value && lists.undo(state, record.value, previewId)
  return [
    ...pastHead(past, width),
    EMPTY,
    ...undoLines(undo, whyNotUndo(state, id), width),
    EMPTY,
    ...pastLines(
      past,
      record.value && lists.difference(record.value),
      indent(askedLine(record, say`what it changed`, width - 2), 2),
      width,
    ),
  ]
}

const name = (id: string): Safe => safe(id, 16)

/** One past transaction. */
export function PastScreen() {
  const { lists, store } = useConsole()
  useLook((state) => state.history)
  useLook((state) => state.view)
  useLook((state) => state.readings)
  useLook((state) => state.staging)
  useLook((state) => state.transaction)
  const state = store.getState()
  const screen = topScreen(state.view)
  const rect = lists.layout(state).body
  if (screen.kind !== 'past') return null
  const width = Math.max(10, rect.width - 6)
  return (
    <TextScreen
      rect={rect}
      title={[span(say`Change ${name(screen.id)} on ${safe(state.connection.target.name)} `, 'strong')]}
      lines={indent(lines(state, lists, screen.id, width), 1)}
    />
  )
}
