import { expect, test } from 'vitest'
import { recordDiff } from '../../src/state/lists/record-diff.ts'
import { someRecord } from '../support/past.ts'

const at = { family: 'v4', table: 'filter', chain: 'web' } as const
const shown = (before: string, after: string, touches = at): readonly string[] =>
  recordDiff(someRecord('a', { rules: [{ family: 'v4', touches: [touches], before, after }] })).map(
    (line) => `${line.mark} ${line.text}`,
  )

test('a chain that a change made is shown as the review showed it, with its rules', () => {
  expect(shown('*filter web absent\n', '*filter web -\n-A web -j DROP\n')).toEqual([
    '@ v4 filter web',
    '+ -N web',
    '+ -A web -j DROP',
  ])
})

test('a chain that a change deleted is shown so', () => {
  expect(shown('*filter web -\n-A web -j DROP\n', '*filter web absent\n')).toEqual([
    '@ v4 filter web',
    '- -N web',
    '- -A web -j DROP',
  ])
})

test('a policy that changed is shown as it was and is, and one that did not is not', () => {
  const input = { ...at, chain: 'INPUT' } as never
  expect(shown('*filter INPUT ACCEPT\n', '*filter INPUT DROP\n', input)).toEqual([
    '@ v4 filter INPUT',
    '- -P INPUT ACCEPT',
    '+ -P INPUT DROP',
  ])
  expect(shown('*filter INPUT DROP\n', '*filter INPUT DROP\n', input)).toEqual(['@ v4 filter INPUT'])
})
