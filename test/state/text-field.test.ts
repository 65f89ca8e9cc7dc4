import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editField, emptyField, FIELD_KEYS, fieldOf, insertText, pastedLine } from '../../src/state/text-field.ts'

const typed = (...strokes: readonly string[]) =>
  strokes.reduce((field, stroke) => editField(field, stroke) ?? field, emptyField)

describe('a line being typed', () => {
  test('takes characters where the cursor stands', () => {
    expect(typed('a', 'c', 'Left', 'b')).toEqual({ text: 'abc', cursor: 2 })
    expect(typed('a', 'Space', 'b').text).toBe('a b')
  })

  test.each([
    ['Ctrl-a', { text: 'one two', cursor: 0 }],
    ['Home', { text: 'one two', cursor: 0 }],
    ['Ctrl-e', { text: 'one two', cursor: 7 }],
    ['Ctrl-u', { text: '', cursor: 0 }],
    ['Ctrl-w', { text: 'one ', cursor: 4 }],
    ['Ctrl-k', { text: 'one two', cursor: 7 }],
    ['Backspace', { text: 'one tw', cursor: 6 }],
    ['Delete', { text: 'one two', cursor: 7 }],
  ])('%s edits as readline does', (key, expected) => {
    expect(editField(fieldOf('one two'), key)).toEqual(expected)
  })

  test('keeps what is beyond the cursor when the start is deleted', () => {
    expect(editField({ text: 'one two', cursor: 4 }, 'Ctrl-u')).toEqual({ text: 'two', cursor: 0 })
    expect(editField({ text: 'one two', cursor: 3 }, 'Ctrl-k')).toEqual({ text: 'one', cursor: 3 })
  })

  test('leaves strokes that are neither text nor an editing key alone', () => {
    for (const stroke of ['Enter', 'Esc', 'Tab', 'Ctrl-r', 'PageUp']) expect(editField(emptyField, stroke)).toBeNull()
  })

  test('never holds a control character, whatever is put into it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const field = insertText(fieldOf('x'), text)
        expect(field.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
        expect(field.cursor).toBeLessThanOrEqual([...field.text].length)
      }),
    )
  })

  test('keeps its cursor inside the line under any keys', () => {
    const keys = FIELD_KEYS.flatMap((key) => key.keys)
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...keys, 'a', 'Space', '漢', '\u{1f600}')), (strokes) => {
        const field = typed(...strokes)
        expect(field.cursor).toBeGreaterThanOrEqual(0)
        expect(field.cursor).toBeLessThanOrEqual([...field.text].length)
      }),
    )
  })

  test('takes one line of what is pasted and says when there was more', () => {
    expect(pastedLine('-j ACCEPT\n')).toEqual({ line: '-j ACCEPT', cut: false })
    expect(pastedLine('-j ACCEPT\r\n-j DROP')).toEqual({ line: '-j ACCEPT', cut: true })
    expect(pastedLine('\n\n')).toEqual({ line: '', cut: false })
  })
})
