import { expect, test } from 'vitest'
import { keptOf } from '../../../src/services/transaction/kept.ts'

test.each([
  ['files', true, "on the server's disk"],
  ['netfilter-persistent', true, 'saved for the next boot (netfilter-persistent)'],
  ['none', false, 'will not survive a reboot'],
  [
    'not the rules files could not be written',
    false,
    'could NOT be made to last: the rules files could not be written',
  ],
])('a server that says "%s" is taken at its word', (words, lasts, note) => {
  expect(keptOf(words)).toMatchObject({ lasts, note: expect.stringContaining(note) })
})

test('of a server that does not say, nothing is claimed', () => {
  for (const words of [null, '']) expect(keptOf(words)).toEqual({ lasts: null, note: null })
})
