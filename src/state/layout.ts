import type { AreaId } from '../services/model/areas.ts'

export type Size = { readonly columns: number; readonly rows: number }
export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** A corner of the grid (top or bottom, left or right), or a tab of its own. */
export type Cell = 'tl' | 'tr' | 'bl' | 'br' | 'tab'

/** Below this the console says so instead of drawing panes. */
export const SMALLEST: Size = { columns: 60, rows: 15 }

/** Header, status line, footer. */
const CHROME_ROWS = 3

export type Layout = {
  readonly mode: 'grid' | 'tabs' | 'zoom' | 'too-small'
  /** Where the screen's content stands: all but header, sheet, status line and footer. */
  readonly body: Rect
  /** Rectangles of the panes that are drawn. */
  readonly panes: Partial<Readonly<Record<AreaId, Rect>>>
}

/**
 * Places everything on a screen of this size; `sheetRows` is the height of an open dialog, `cells` say where each pane
 * belongs. A pane that has no corner of the grid takes the screen while it has the focus.
 */
export function layoutOf(
  size: Size,
  focused: AreaId,
  zoomed: boolean,
  sheetRows: number,
  cells: readonly { readonly id: AreaId; readonly cell: Cell }[],
): Layout {
  const { columns, rows } = size
  const body = { x: 0, y: 1, width: columns, height: Math.max(3, rows - CHROME_ROWS - sheetRows) }
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return { mode: 'too-small', body, panes: {} }
  if (zoomed) return { mode: 'zoom', body, panes: { [focused]: body } }
  const alone = cells.some(({ id, cell }) => id === focused && cell === 'tab')
  if (alone || columns < 100 || rows < 26) {
    const pane = { ...body, y: body.y + 1, height: Math.max(3, body.height - 1) }
    return { mode: 'tabs', body, panes: { [focused]: pane } }
  }
  // Beside tabs, the grid has their line above it too: it says what else there is.
  const tabs = cells.some(({ cell }) => cell === 'tab') ? 1 : 0
  const corner = cornersOf({ ...body, y: body.y + tabs, height: body.height - tabs })
  const panes = Object.fromEntries(cells.flatMap(({ id, cell }) => (cell === 'tab' ? [] : [[id, corner[cell]]])))
  return { mode: 'grid', body, panes }
}

/** The firewall needs the width, SSH and firewall the height. */
function cornersOf({ y, width, height }: Rect): Readonly<Record<Exclude<Cell, 'tab'>, Rect>> {
  const left = Math.max(46, Math.min(80, Math.floor(width * 0.45)))
  const right = width - left
  const top = Math.max(3, Math.ceil(height * 0.54))
  const bottom = height - top
  return {
    tl: { x: 0, y, width: left, height: top },
    tr: { x: left, y, width: right, height: top },
    bl: { x: 0, y: y + top, width: left, height: bottom },
    br: { x: left, y: y + top, width: right, height: bottom },
  }
}

/** Rows of a pane that hold list items: without its two border lines and the head lines inside. */
export const listHeight = (rect: Rect | undefined, headRows: number): number =>
  Math.max(1, (rect?.height ?? 3) - 2 - headRows)

/**
 * The first row of a window of `height` rows that shows the cursor and otherwise stays where it is. One row of what
 * lies beyond is kept in sight, so that the operator sees that there is more.
 */
export function windowTop(top: number, cursor: number, count: number, height: number): number {
  const last = Math.max(0, count - height)
  if (cursor < 0) return Math.min(Math.max(0, top), last)
  const margin = height > 4 ? 1 : 0
  const low = cursor - height + 1 + margin
  const high = cursor - margin
  return Math.max(0, Math.min(last, Math.max(low, Math.min(top, high))))
}
