import { say } from '../../services/model/safe.ts'
import { sheetRows } from '../../state/sheet-rows.ts'
import { PaneFrame } from '../parts/pane-frame.tsx'
import { span } from '../text/line.ts'
import { useConsole, useLook } from '../use-console.ts'
import { dialogSheet } from './dialog-sheet.ts'
import { questionSheet } from './question-sheet.ts'

/** The open question or dialog, at the foot of the screen. */
export function SheetView() {
  const { scope } = useConsole()
  const state = useLook((all) => all)
  const height = sheetRows(state)
  const question = state.questions.queue[0]
  const { dialog } = state.view
  if (height === 0) return null
  const width = state.view.size.columns
  const sheet = question ? questionSheet(question, width - 4) : dialog ? dialogSheet(dialog, scope, width - 4) : null
  if (!sheet) return null
  return (
    <PaneFrame
      rect={{ x: 0, y: 0, width, height }}
      title={[span(say`${sheet.title} `, 'strong')]}
      focused
      rows={[...sheet.lines.slice(0, Math.max(0, height - 2 - (sheet.foot?.length ?? 0))), ...(sheet.foot ?? [])]}
      selected={sheet.selected ?? -1}
    />
  )
}
