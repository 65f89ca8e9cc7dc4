import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { longestCommon } from '../../../src/services/steps/longest-common.ts'

/** The length of a longest common subsequence, found by trying everything. */
function longest(a: readonly string[], b: readonly string[]): number {
  const [x, ...as] = a
  const [y, ...bs] = b
  if (x === undefined || y === undefined) return 0
  return x === y ? 1 + longest(as, bs) : Math.max(longest(as, b), longest(a, bs))
}

const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 7 })

describe('what two lists have in common', () => {
  test('is as long as can be, stands in both, and in order', () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const pairs = longestCommon(a, b)
        expect(pairs).toHaveLength(longest(a, b))
        for (const [i, j] of pairs) expect(a[i]).toBe(b[j])
        for (const [at, [i, j]] of pairs.entries())
          for (const [k, l] of pairs.slice(at + 1)) expect(k > i && l > j).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  test.each([
    ['abc', 'abc', '00 11 22'],
    ['ab', 'xab', '01 12'],
    ['abx', 'ab', '00 11'],
    ['aXc', 'aYc', '00 22'],
    ['aa', 'a', '00'],
    ['a', 'aa', '00'],
    ['', 'a', ''],
    ['ab', 'ba', '10'],
  ])('of %s and %s is %j', (a, b, pairs) => {
    expect(
      longestCommon([...a], [...b])
        .map((pair) => pair.join(''))
        .join(' '),
    ).toBe(pairs)
  })

  test('is no more than the ends where long lists differ everywhere in between', () => {
    const many = (count: number, of: string) => Array.from({ length: count }, (_, at) => `${of}${at % 7}`)
    const wrapped = (middle: readonly string[]) => ['head', ...middle, 'tail']
    // Two lists of 2000 are still looked at line by line; one line more is too much.
    const [near, far] = [many(2000, 'x'), many(2001, 'x')]
    const turned = many(2000, 'x').toReversed()
    expect(longestCommon(wrapped(near), wrapped(turned)).length).toBeGreaterThan(2)
    expect(longestCommon(wrapped(far), wrapped(turned))).toEqual([
      [0, 0],
      [2002, 2001],
    ])
  })
})
