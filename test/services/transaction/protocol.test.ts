import { describe, expect, test } from 'vitest'
import {
  busyWords,
  messageOf,
  notesOf,
  readEnding,
  readMessage,
  readMessages,
  readStatus,
} from '../../../src/services/transaction/protocol.ts'
import { NOTHING_PENDING, over, pending } from '../../support/scripted-server.ts'

const NOW = 1_000_000
const status = (text: string) => readStatus(text, NOW, (holder) => holder === 'console')

describe('messages', () => {
  test.each([
    ['@state none', { word: 'state', rest: 'none' }],
    ['@gone', { word: 'gone', rest: '' }],
    ['@rolled-back a  b ', { word: 'rolled-back', rest: 'a  b ' }],
    ['@note one\u2028two\r', { word: 'note', rest: 'one\u2028two\r' }],
    ['noise', null],
    [' @state none', null],
    ['@State none', null],
    ['@', null],
    ['', null],
  ])('%j is read as %j', (line, message) => expect(readMessage(line)).toEqual(message))

  test('are found among noise, the first of a word counts', () => {
    const messages = readMessages('noise\n@a 1\n@b 2\nmore\n@a 3')
    expect(messages).toHaveLength(3)
    expect(messageOf(messages, 'a')).toBe('1')
    expect(messageOf(messages, 'c')).toBe(null)
  })

  test('notes are lines of text that can do nothing to a terminal', () => {
    expect(notesOf(readMessages('@note one\u001b\n@other x\n@note two'))).toEqual(['one␛', 'two'])
  })
})

describe('a status', () => {
  test('tells the pending change, by the time that the server has left', () => {
    const summary = '@summary v4 filter INPUT + -j LOG\n@summary v6 filter INPUT + -j LOG\n'
    expect(status(summary + pending({ taken: '09:18:20 ops 203.0.113.9', first: 'root could not log in' }))).toEqual({
      state: 'armed',
      timer: {
        id: 'tx1',
        owner: 'root',
        from: '198.51.100.20',
        armedAt: '09:18:07',
        deadlineAt: '09:18:37',
        firesAt: NOW + 30_000,
        windowSeconds: 30,
        mine: true,
        taken: { at: '09:18:20', from: 'ops (from 203.0.113.9)' },
        summary: ['v4 filter INPUT + -j LOG', 'v6 filter INPUT + -j LOG'],
        first: 'root could not log in',
      },
      applied: true,
      failed: null,
      ended: null,
      notes: [],
      kept: null,
    })
  })

  test('says “?” for what the server left out, and takes no other console’s change for its own', () => {
    expect(status('@state armed\n@id x\n@end status\n')?.timer).toEqual({
      id: 'x',
      owner: '?',
      from: '?',
      armedAt: '?',
      deadlineAt: '?',
      firesAt: NOW,
      windowSeconds: 0,
      mine: false,
      taken: null,
      summary: [],
      first: null,
    })
    expect(status(pending({ holder: 'other' }))?.timer?.mine).toBe(false)
    expect(status(pending({ taken: '' }))?.timer?.taken).toBe(null)
    expect(status(pending({ taken: '09:18:20' }))?.timer?.taken).toEqual({ at: '09:18:20', from: '? (from ?)' })
  })

  test.each([
    ['3000', 30_000],
    ['0', 0],
    ['-700', 0],
    ['1e3', 0],
    ['30x', 0],
    ['', 0],
  ])('takes “%s” hundredths of a second left for %i ms', (left, ms) =>
    expect(status(pending({ left }))?.timer?.firesAt).toBe(NOW + ms),
  )

  test('tells what was applied and what failed', () => {
    expect(status(pending({ applied: 'no' }))?.applied).toBe(false)
    expect(status(pending({ failed: 'rules are not as planned' }))?.failed).toBe('rules are not as planned')
    expect(status(pending({ failed: '' }))?.failed).toBe('')
  })

  test.each(['preparing', 'prepared', 'armed', 'confirmed', 'reverting', 'reverted'])('may be %s', (state) => {
    expect(status(pending({ state }))).toMatchObject({ state, timer: { id: 'tx1' } })
  })

  test.each(['armed', 'confirmed', 'reverting', 'reverted'])('that is %s and has no id any more is over', (state) =>
    expect(status(pending({ state, id: '' }))).toMatchObject({ state: 'none', timer: null }),
  )

  test('that is still being prepared may have no id yet', () => {
    expect(status(pending({ state: 'preparing', id: '' }))?.state).toBe('preparing')
  })

  test('of nothing has no timer, and may say how the last one ended', () => {
    expect(status(NOTHING_PENDING)).toMatchObject({ state: 'none', timer: null, ended: null })
    expect(status(over('confirmed', '@kept files', '@note a'))).toMatchObject({
      ended: { outcome: 'confirmed' },
      kept: 'files',
      notes: ['a'],
    })
  })

  test.each(['', 'noise', '@state none', '@end status', '@state elsewhere\n@end status', '@state none\n@end record'])(
    'is not one where it is cut off or unknown: %j',
    (text) => expect(status(text)).toBe(null),
  )
})

test.each([
  ['confirmed', 'confirmed', 'unknown'],
  ['rolled-back-operator', 'rolled-back', 'operator'],
  ['rolled-back-timer', 'rolled-back', 'timer'],
  ['rolled-back-boot', 'rolled-back', 'boot'],
  ['rolled-back-failure', 'rolled-back', 'failure'],
  ['rolled-back-somehow', 'rolled-back', 'unknown'],
  ['rolled-back', 'rolled-back', 'unknown'],
  ['unknown', 'unknown', 'unknown'],
  ['was rolled-back', 'unknown', 'unknown'],
  ['', 'unknown', 'unknown'],
])('an ending “%s” is %s by %s', (text, outcome, cause) => expect(readEnding(text)).toEqual({ outcome, cause }))

test('who holds a pending change is named as far as the server tells', () => {
  expect(busyWords('tx9 42 ops 203.0.113.9 09:18:07')).toBe(
    'ops (from 203.0.113.9) has a change pending since 09:18:07; it rolls back by itself in 42 s unless it is confirmed',
  )
  expect(busyWords('')).toBe(
    'somebody (from ?) has a change pending since ?; it rolls back by itself in ? s unless it is confirmed',
  )
})
