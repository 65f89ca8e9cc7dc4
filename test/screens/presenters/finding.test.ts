import { expect, test } from 'vitest'
import { toFix } from '../../../src/screens/presenters/finding.ts'
import type { Finding, Outcome } from '../../../src/services/model/area.ts'

const words = (...outcomes: Outcome[]): string =>
  toFix(outcomes.map((outcome) => ({ outcome }) as Finding))
    .map(({ text }) => text)
    .join('')

test('a pane praises only what was all judged', () => {
  expect(words('pass', 'notapplicable')).toBe('nothing to fix')
  expect(words('pass', 'unknown', 'unknown')).toBe('2 not known')
  expect(words('fail', 'unknown')).toBe('1 to fix')
  expect(words()).toBe('')
})
