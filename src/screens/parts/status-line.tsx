import { say } from '../../services/model/safe.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import type { Lists } from '../../state/lists/lists.ts'
import { pastOf } from '../../state/slices/history.ts'
import type { Tone } from '../../state/slices/messages.ts'
import { topScreen } from '../../state/slices/view.ts'
import { itemUnderCursor } from '../../state/under-cursor/item.ts'
import { pastUnderCursor } from '../../state/under-cursor/past.ts'
import { PRESENTERS } from '../areas/table.ts'
import { aboutPast } from '../presenters/history.ts'
import { EMPTY, fitLine, type Line, type Role, span } from '../text/line.ts'
import { T } from '../theme.tsx'
import { useConsole, useLook } from '../use-console.ts'
import { fieldLine } from './field-line.ts'

const TONES: Readonly<Record<Tone, { readonly mark: ReturnType<typeof say>; readonly role: Role }>> = {
  info: { mark: say` `, role: 'plain' },
  good: { mark: say`✓`, role: 'good' },
  warn: { mark: say`!`, role: 'warn' },
  bad: { mark: say`✗`, role: 'bad' },
}

function statusLine(state: ConsoleState, lists: Lists, width: number): Line {
  const { dialog, focused } = state.view
  if (dialog?.kind === 'filter') {
    const { items, total } = dialog.list === 'history' ? lists.history(state) : lists.pane(state, dialog.list)
    const count = say`   ${items.length} of ${total} rows   Enter keeps it, Esc puts it back`
    return [span(say` / `, 'key'), ...fieldLine(dialog.field, Math.max(20, width - 60), true), span(count, 'dim')]
  }
  const { shown } = state.messages
  if (shown)
    return [span(say` ${TONES[shown.tone].mark} `, TONES[shown.tone].role), span(shown.text, TONES[shown.tone].role)]
  const screen = topScreen(state.view).kind
  const past = screen === 'history' ? pastOf(state.history, pastUnderCursor({ lists }, state) ?? '') : null
  if (past) return [span(say`   ${aboutPast(past)}`, 'dim')]
  if (screen !== 'dashboard') return EMPTY
  const item = itemUnderCursor({ lists }, state)
  return item ? [span(say`   ${PRESENTERS[focused].about(item)}`, 'dim')] : EMPTY
}

/** The row above the footer: the last message, else what the cursor is on. */
export function StatusLine() {
  const { lists } = useConsole()
  const state = useLook((all) => all)
  const { columns } = state.view.size
  return <T line={fitLine(statusLine(state, lists, columns), columns)} />
}
