import type { AreaId } from '../services/model/area.ts'

export type Size = { readonly columns: number; readonly rows: number }
export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Panes in the order of their numbers. */
export const PANES: readonly AreaId[] = ['sshd', 'firewall', 'units', 'securelog']

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

/** Places everything on a screen of this size; `sheetRows` is the height of an open dialog. */
export function layoutOf(size: Size, focused: AreaId, zoomed: boolean, sheetRows: number): Layout {
  const { columns, rows } = size
  const body = { x: 0, y: 1, width: columns, height: Math.max(3, rows - CHROME_ROWS - sheetRows) }
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return { mode: 'too-small', body, panes: {} }
  if (zoomed) return { mode: 'zoom', body, panes: { [focused]: body } }
  if (columns < 100 || rows < 26) {
    const pane = { ...body, y: body.y + 1, height: Math.max(3, body.height - 1) }
    return { mode: 'tabs', body, panes: { [focused]: pane } }
  }
  // The firewall needs the width, SSH and firewall the height.
  const left = Math.max(46, Math.min(80, Math.floor(columns * 0.45)))
  const right = columns - left
  const top = Math.max(3, Math.ceil(body.height * 0.54))
  const bottom = body.height - top
  return {
    mode: 'grid',
    body,
    panes: {
      sshd: { x: 0, y: 1, width: left, height: top },
      firewall: { x: left, y: 1, width: right, height: top },
      units: { x: 0, y: 1 + top, width: left, height: bottom },
      securelog: { x: left, y: 1 + top, width: right, height: bottom },
    },
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
