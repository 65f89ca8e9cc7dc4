import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AreaId } from '../../src/services/model/areas.ts'
import { type Cell, layoutOf, type Size, windowTop } from '../../src/state/layout.ts'

const CELLS: readonly { readonly id: AreaId; readonly cell: Cell }[] = [
  { id: 'sshd', cell: 'tl' },
  { id: 'firewall', cell: 'tr' },
  { id: 'units', cell: 'bl' },
  { id: 'securelog', cell: 'br' },
]
const placed = (size: Size, focused: AreaId, zoomed: boolean, sheet: number) =>
  layoutOf(size, focused, zoomed, sheet, CELLS)

describe('the layout', () => {
  test.each([
    [80, 24, 'tabs'],
    [120, 40, 'grid'],
    [200, 60, 'grid'],
    [59, 24, 'too-small'],
    [80, 14, 'too-small'],
  ] as const)('at %d x %d is %s', (columns, rows, mode) => {
    expect(placed({ columns, rows }, 'sshd', false, 0).mode).toBe(mode)
  })

  test('fills the body with four panes that do not overlap', () => {
    const { body, panes } = placed({ columns: 120, rows: 40 }, 'sshd', false, 0)
    const area = CELLS.reduce((sum, { id: pane }) => sum + (panes[pane]?.width ?? 0) * (panes[pane]?.height ?? 0), 0)
    expect(area).toBe(body.width * body.height)
  })

  test('gives a zoomed pane everything, and a sheet the rows it needs', () => {
    const zoomed = placed({ columns: 120, rows: 40 }, 'firewall', true, 9)
    expect(zoomed.panes).toEqual({ firewall: zoomed.body })
    expect(zoomed.body.height).toBe(40 - 3 - 9)
  })
})

describe('the window of a list', () => {
  const some = fc.record({
    top: fc.nat(300),
    cursor: fc.integer({ min: -1, max: 200 }),
    count: fc.integer({ min: 1, max: 200 }),
    height: fc.integer({ min: 1, max: 60 }),
  })

  test('always shows the cursor and never runs past the end', () => {
    fc.assert(
      fc.property(some, ({ top, cursor, count, height }) => {
        const place = Math.min(cursor, count - 1)
        const start = windowTop(top, place, count, height)
        expect(start).toBeGreaterThanOrEqual(0)
        expect(start).toBeLessThanOrEqual(Math.max(0, count - height))
        if (place >= 0) {
          expect(place).toBeGreaterThanOrEqual(start)
          expect(place).toBeLessThan(start + height)
        }
      }),
    )
  })

  test('stays where it is while the cursor is well inside', () => {
    expect(windowTop(10, 15, 100, 20)).toBe(10)
  })
})
