import { say } from '../../services/model/safe.ts'
import type { Rect } from '../../state/layout.ts'
import { cells } from '../text/cells.ts'
import { EMPTY, fitLine, type Line, lineCells, type Role, span } from '../text/line.ts'
import { Column, T } from '../theme.tsx'

type Props = {
  readonly rect: Rect
  readonly title: Line
  /** At the right of the upper border. */
  readonly note?: Line
  /** At the right of the lower border: what is beyond the window. */
  readonly foot?: Line
  readonly focused: boolean
  readonly rows: readonly Line[]
  /** The row under the cursor. */
  readonly selected?: number
}

const dashes = (count: number) => span('─'.repeat(Math.max(0, count)) as ReturnType<typeof say>, 'border')

/** Columns that a title keeps, and that a note needs to say anything. */
const LEAST_TITLE = 24
const LEAST_NOTE = 8

/** Parts of a note are dropped from its end before the title is cut; its first part says what to do and stays. */
function noteThatFits(note: Line, title: number, width: number): Line {
  for (let count = note.length; count > 0; count--) {
    const some = note.slice(0, count)
    if (lineCells(some) + title <= width) return some
  }
  const first = note.slice(0, 1)
  const space = width - Math.min(title, LEAST_TITLE)
  return lineCells(first) <= space ? first : space >= LEAST_NOTE ? fitLine(first, space) : EMPTY
}

function border(left: Line, title: Line, note: Line, right: Line, width: number, role: Role): Line {
  const ends = lineCells(left) + lineCells(right)
  const noted = noteThatFits(note, lineCells(title), width - ends - 4)
  const room = width - ends - lineCells(noted) - (noted.length > 0 ? 2 : 0)
  const shown = lineCells(title) + 1 > room ? fitLine(title, Math.max(0, room - 1)) : title
  const fill = { ...dashes(room - lineCells(shown)), role }
  const gap = span(say` `)
  return [...left, ...shown, fill, ...(noted.length > 0 ? [gap, ...noted, gap] : []), ...right]
}

/** A bordered pane with its title in the border, drawn in exactly its rectangle. */
export function PaneFrame({ rect, title, note = EMPTY, foot = EMPTY, focused, rows, selected = -1 }: Props) {
  const role: Role = focused ? 'focus' : 'border'
  const inner = Math.max(0, rect.width - 4)
  const height = Math.max(0, rect.height - 2)
  const side = span(say`│`, role)
  const drawn = Array.from({ length: height }, (_, at): Line => {
    const content = fitLine(rows[at] ?? EMPTY, inner)
    const pad = span(say` `)
    return [side, pad, ...content, pad, side]
  })
  return (
    <Column width={rect.width} height={rect.height}>
      <T line={border([span(say`╭ `, role)], title, note, [span(say`╮`, role)], rect.width, role)} />
      {drawn.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place
        <T key={at} line={one} selected={at === selected} />
      ))}
      <T line={border([span(say`╰`, role)], EMPTY, foot, [span(say`╯`, role)], rect.width, role)} />
    </Column>
  )
}

/** `↑ 12  ↓ 340` */
export const beyond = (above: number, below: number): Line => {
  const parts = [...(above > 0 ? [say`↑ ${above}`] : []), ...(below > 0 ? [say`↓ ${below}`] : [])]
  if (parts.length === 0) return EMPTY
  const text = parts.reduce((sum, part) => say`${sum}  ${part}`)
  return cells(text) > 0 ? [span(text, 'dim')] : EMPTY
}
