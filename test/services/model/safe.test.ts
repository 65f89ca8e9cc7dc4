import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safe, safeLines } from '../../../src/services/model/safe.ts'

const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad]|[\ud800-\udfff]/u

test.each([
  ['\u001b[2J', '␛[2J'],
  ['a\nb', 'a␊b'],
  ['a\tb', 'a b'],
  ['\u009b31m', '\\x9b31m'],
  ['\u007f', '\\x7f'],
  ['\u202eevil', '\\u{202e}evil'],
  ['\ud800', '\\u{d800}'],
  ['日本', '日本'],
])('%j is drawn as %j', (text, drawn) => {
  expect(safe(text)).toBe(drawn)
})

test('nothing a terminal would act on is left, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(safe(text)).not.toMatch(FORBIDDEN)
    }),
  )
})

test('long text is cut and says by how much', () => {
  expect(safe('x'.repeat(300), 10)).toBe(`${'x'.repeat(10)}…+290`)
})

test('stacked marks are thinned to two', () => {
  expect([...safe(`a${'\u0301\u0302\u0303\u0304'.repeat(10)}`)].length).toBeLessThanOrEqual(4)
})

test('a cut in the middle of a pair leaves no half of it', () => {
  expect(safe('😀😀', 3)).not.toMatch(FORBIDDEN)
})

test('lines are split at line feeds alone', () => {
  expect(safeLines('a\r\nb\n')).toEqual(['a␍', 'b'])
})
