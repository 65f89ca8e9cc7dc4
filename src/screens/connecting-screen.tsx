import { safe, say } from '../services/model/safe.ts'
import type { ConsoleState } from '../state/console-state.ts'
import { TextScreen } from './parts/text-screen.tsx'
import { EMPTY, indent, type Line, line, span, wrap } from './text/line.ts'
import { useConsole, useLook } from './use-console.ts'

function connectingLines(state: ConsoleState, width: number): readonly Line[] {
  const { attempt, error, target, banner } = state.connection
  const where = say`${safe(target.user)}@${safe(target.host)} port ${target.port}`
  const words = banner.length > 0 ? [EMPTY, ...banner.flatMap((one) => wrap(one, width, 'dim'))] : []
  if (attempt !== 'failed' || !error) return [line(say`Connecting to ${where}…`), ...words]
  return [
    line(say`✗ No connection to ${where}`, 'bad'),
    EMPTY,
    ...wrap(error.message, width, 'strong'),
    ...wrap(error.next, width),
    EMPTY,
    [span(say`R`, 'key'), span(say` try again    `), span(say`q`, 'key'), span(say` quit`)],
  ]
}

/** Before the first connection is open: what is being tried, or why it failed. */
export function ConnectingScreen() {
  const { lists, store } = useConsole()
  useLook((state) => state.connection)
  useLook((state) => state.view)
  useLook((state) => state.questions)
  const state = store.getState()
  const rect = lists.layout(state).body
  const width = Math.max(10, rect.width - 8)
  return (
    <TextScreen
      rect={rect}
      title={[span(say`hardtui `, 'strong')]}
      lines={[EMPTY, ...indent(connectingLines(state, width), 2)]}
    />
  )
}
