import { expect, test } from 'vitest'
import { keptOf } from '../../../src/services/transaction/kept.ts'

test.each([
  ['files', true, 'plain', "on the server's disk"],
  ['netfilter-persistent', true, 'plain', 'saved for the next boot (netfilter-persistent)'],
  ['none', false, 'plain', 'will not survive a reboot'],
  [
    'not the rules files could not be written',
    false,
    'failed',
    'could NOT be made to last: the rules files could not be written',
  ],
])('a server that says "%s" is taken at its word', (words, lasts, grade, text) => {
  expect(keptOf(words)).toMatchObject({ lasts, note: { grade, text: expect.stringContaining(text) } })
})

test('of a server that does not say, nothing is claimed', () => {
  for (const words of [null, '']) expect(keptOf(words)).toEqual({ lasts: null, note: null })
})
