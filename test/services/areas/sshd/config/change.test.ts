import { describe, expect, it, test } from 'vitest'
import { type Change, changed, countOf, lineEndOf } from '../../../../../src/services/areas/sshd/config/change.ts'
import { bytesOf } from '../../../../../src/services/model/file-bytes.ts'

const into = (at: number, ...lines: string[]): Change => ({ kind: 'insert', at, lines })
const out = (at: number): Change => ({ kind: 'remove', at })

describe('lines are put in and taken out', () => {
  it.each<[before: string, at: number, lines: string[], after: string]>([
    ['', 1, ['x'], 'x\n'],
    ['a\nb\n', 1, ['x'], 'x\na\nb\n'],
    ['a\nb\n', 2, ['x', 'y'], 'a\nx\ny\nb\n'],
    ['a\nb\n', 3, ['x'], 'a\nb\nx\n'],
    ['a\nb', 3, ['x', 'y'], 'a\nb\nx\ny'],
    ['a\r\nb\r\n', 1, ['x'], 'x\r\na\r\nb\r\n'],
    ['a\r\nb\r\n', 3, ['x', 'y'], 'a\r\nb\r\nx\r\ny\r\n'],
    ['a\r\nb', 2, ['x'], 'a\r\nx\r\nb'],
    ['a\r\nb', 3, ['x'], 'a\r\nb\r\nx'],
    ['a\r\nb', 3, ['x', 'y'], 'a\r\nb\r\nx\r\ny'],
    ['a\r\nb\r', 3, ['x'], 'a\r\nb\r\nx\r'],
    ['a\r\nb\nc\n', 4, ['x'], 'a\r\nb\nc\nx\n'],
    ['a\nb\r\nc\r\n', 4, ['x'], 'a\nb\r\nc\r\nx\r\n'],
    ['a\r\nb\n', 3, ['x'], 'a\r\nb\nx\n'],
    ['a\nb\r', 3, ['x'], 'a\nb\r\nx'],
  ])('%j, before line %i: %j', (before, at, lines, after) => {
    expect(changed(bytesOf(before), [into(at, ...lines)])).toBe(after)
    const back = lines.map((_, more) => out(at + more))
    expect(changed(bytesOf(after), back)).toBe(before)
  })
})

test('a line that is taken out takes no line end of another file line with it', () => {
  expect(changed(bytesOf('a\r\nb\r\nc\r\n'), [out(3)])).toBe('a\r\nb\r\n')
  expect(changed(bytesOf('a\r\nb\r\nc\r\n'), [out(1)])).toBe('b\r\nc\r\n')
  expect(changed(bytesOf('a\r\nb\r\nc'), [out(1)])).toBe('b\r\nc')
  expect(changed(bytesOf('a\nb\nc\r\nd'), [out(4)])).toBe('a\nb\nc\r')
})

test('changes are told of in any order, by the lines as they were', () => {
  const changes: readonly Change[] = [into(2, 'x'), out(3), { kind: 'replace', at: 4, raw: 'y' }, out(1)]
  expect(changed(bytesOf('a\nb\nc\nd\n'), changes)).toBe('x\nb\ny\n')
  expect(changed(bytesOf('a\nb\nc\nd\n'), changes.toReversed())).toBe('x\nb\ny\n')
})

test('a file has the line end of most lines, and no line behind the last line end', () => {
  expect(
    ['', 'a', 'a\r', 'a\n', 'a\r\n', 'a\r\nb\n', 'a\r\nb\r\nc\n', 'a\nb\nc\r\n'].map((text) =>
      lineEndOf(bytesOf(text)),
    ),
  ).toEqual(['', '', '', '', '\r', '', '\r', ''])
  expect(['', 'a', 'a\n', '\n', '\na'].map((text) => countOf(bytesOf(text)))).toEqual([0, 1, 1, 1, 2])
})
