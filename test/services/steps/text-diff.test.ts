import { describe, expect, test } from 'vitest'
import { safe } from '../../../src/services/model/safe.ts'
import { diffOf, lineChanges } from '../../../src/services/steps/text-diff.ts'

const shown = (before: string, after: string): readonly string[] =>
  diffOf([...before], [...after], (line) => safe(`<${line}>`)).map(({ mark, text }) => `${mark}${text}`)

describe('the difference of two lists', () => {
  test.each([
    ['a change in the middle', 'abcdefghi', 'abcdXfghi', '@… 2 unchanged| <c>| <d>|-<e>|+<X>| <f>| <g>|@… 2 unchanged'],
    ['one at the start', 'abcd', 'Xbcd', '-<a>|+<X>| <b>| <c>|@… 1 unchanged'],
    ['one at the end', 'abcd', 'abc', '@… 1 unchanged| <b>| <c>|-<d>'],
    ['two that are near', 'abcdef', 'XbcdeY', '-<a>|+<X>| <b>| <c>| <d>| <e>|-<f>|+<Y>'],
    ['two that are far', 'abcdefg', 'XbcdefY', '-<a>|+<X>| <b>| <c>|@… 1 unchanged| <e>| <f>|-<g>|+<Y>'],
    ['lines that come', '', 'ab', '+<a>|+<b>'],
    ['lines that go', 'ab', '', '-<a>|-<b>'],
    ['nothing', 'abc', 'abc', '@… 3 unchanged'],
    ['nothing of nothing', '', '', ''],
  ])('shows %s with what stands around it', (_name, before, after, wanted) => {
    expect(shown(before, after).join('|')).toBe(wanted)
  })

  test('counts what it leaves out, and keeps lines as they were compared', () => {
    expect(lineChanges([...'abcd'], [...'abcdX'])).toEqual([
      { mark: '@', skipped: 2 },
      { mark: ' ', line: 'c' },
      { mark: ' ', line: 'd' },
      { mark: '+', line: 'X' },
    ])
  })
})
