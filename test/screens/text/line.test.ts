import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cells, cutTo, steady } from '../../../src/screens/text/cells.ts'
import { columns, fitLine, leftRight, line, lineCells, span, wrap } from '../../../src/screens/text/line.ts'
import { safe, say } from '../../../src/services/model/safe.ts'

const hostile = fc.string({ unit: 'binary', maxLength: 80 }).map((text) => safe(text))
const width = fc.integer({ min: 1, max: 100 })
const textOf = (one: ReturnType<typeof line>): string => one.map((part) => part.text).join('')

describe('columns of text', () => {
  test.each([
    ['plain', 5],
    ['漢字', 4],
    ['e\u0301', 1],
    ['｢', 1],
    ['ﾊ', 1],
    ['（', 2],
  ])('%s takes %d', (text, expected) => {
    expect(cells(steady(safe(text)))).toBe(expected)
  })

  test('what terminals disagree on is made visible', () => {
    expect(steady(safe('\u{1f600}'))).toBe('\\u{1f600}')
    expect(steady(safe('\u{1f1e9}\u{1f1ea}'))).toBe('\\u{1f1e9}\\u{1f1ea}')
    expect(steady(safe('\u1100x'))).toBe('\\u{1100}x')
  })

  test('a cut never goes over its width', () => {
    fc.assert(fc.property(hostile, width, (text, room) => cells(cutTo(steady(text), room)) <= room))
  })
})

describe('a line', () => {
  test('is made exactly as wide as asked, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 6 }), width, (texts, room) => {
        const one = texts.map((text) => span(text, 'bad'))
        expect(lineCells(fitLine(one, room))).toBe(room)
      }),
    )
  })

  test('in columns is exactly as wide as asked when its fixed columns fit', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.integer({ min: 30, max: 120 }), (a, b, c, room) => {
        const one = columns(
          [
            { text: a, width: 8 },
            { text: b, width: 6, right: true },
            { text: c, grow: true },
          ],
          room,
        )
        expect(lineCells(one)).toBe(room)
      }),
    )
  })

  test('is cut with an ellipsis', () => {
    expect(textOf(fitLine(line(say`abcdef`), 4))).toBe('abc…')
    expect(textOf(fitLine(line(say`abc`), 5))).toBe('abc  ')
  })

  test('keeps a gap between left and right, and the right one whole', () => {
    expect(textOf(leftRight(line(say`left`), line(say`right`), 12))).toBe('left   right')
    expect(textOf(leftRight(line(say`left side`), line(say`right`), 12))).toBe('left … right')
  })
})

describe('wrapping', () => {
  test('loses nothing but the spaces between lines, and keeps the width', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 4, max: 60 }), (text, room) => {
        const lines = wrap(text, room)
        for (const one of lines) expect(lineCells(one)).toBeLessThanOrEqual(room)
        const bare = (value: string): string => value.replaceAll(' ', '')
        expect(bare(lines.map(textOf).join(''))).toBe(bare(steady(text)))
      }),
    )
  })

  test('breaks at words', () => {
    expect(wrap(say`one two three`, 8).map(textOf)).toEqual(['one two', 'three'])
  })
})
