import { useEffect } from 'react'
import type { Rect } from '../../state/layout.ts'
import type { Line } from '../text/line.ts'
import { useConsole, useLook } from '../use-console.ts'
import { beyond, PaneFrame } from './pane-frame.tsx'

type Props = {
  readonly rect: Rect
  readonly title: Line
  readonly note?: Line
  /** Lines that stay, above those that scroll. */
  readonly head?: readonly Line[]
  readonly selected?: number
  readonly lines: readonly Line[]
}

/** A framed text that j, k and the page keys scroll. It tells the state how long it is. */
export function TextScreen({ rect, title, note, head = [], selected = -1, lines }: Props) {
  const { actions } = useConsole()
  const height = Math.max(1, rect.height - 2 - head.length)
  const scroll = useLook((state) => state.view.scroll)
  const count = lines.length
  useEffect(() => actions.measured(count, height), [actions, count, height])
  const top = Math.max(0, Math.min(scroll, count - height))
  const seen = lines.slice(top, top + height)
  return (
    <PaneFrame
      rect={rect}
      title={title}
      note={note ?? []}
      foot={beyond(top, count - top - seen.length)}
      focused
      rows={[...head, ...seen]}
      selected={selected}
    />
  )
}
