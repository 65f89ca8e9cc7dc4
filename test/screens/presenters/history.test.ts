import { describe, expect, test } from 'vitest'
import { aboutPast, historyHead, pastHead, pastRow, undoLines } from '../../../src/screens/presenters/history.ts'
import { noteLines, somethingIsLost } from '../../../src/screens/presenters/notes.ts'
import { type Line, lineCells } from '../../../src/screens/text/line.ts'
import { say } from '../../../src/services/model/safe.ts'
import type { PastTransaction } from '../../../src/services/model/transaction.ts'
import { note, somePast } from '../../support/past.ts'
import { INPUT, staged } from '../../support/plans.ts'

const text = (lines: readonly Line[]): string => lines.map((line) => line.map((part) => part.text).join('')).join('\n')

const ENDS: readonly (readonly [string, Partial<PastTransaction>, narrow: string, wide: string, head: string])[] = [
  ['confirmed', {}, '✓ confirmed', '✓ confirmed', 'CONFIRMED'],
  ['the timer', { outcome: 'rolled-back', cause: 'timer' }, '↩ by timer', '↩ rolled back by timer', 'nobody confirmed'],
  ['the boot', { outcome: 'rolled-back', cause: 'boot' }, '↩ at boot', '↩ rolled back at boot', 'at boot'],
  [
    'an order',
    { outcome: 'rolled-back', cause: 'operator' },
    '↩ by order',
    '↩ rolled back by order',
    "operator's order",
  ],
  ['a failure', { outcome: 'rolled-back', cause: 'failure' }, '✗ failed', '✗ failed, rolled back', 'applying failed'],
  ['nothing known', { outcome: 'unknown' }, '? unknown', '? end not recorded', 'not recorded'],
]

describe('a row of the history', () => {
  test.each(ENDS)('says how it ended: %s', (_name, more, narrow, wide, head) => {
    const past = somePast('7f3a', more)
    expect(text([pastRow(past, 74)])).toContain(narrow)
    expect(text([pastRow(past, 114)])).toContain(wide)
    expect(text(pastHead(past, 74))).toContain(head)
  })

  test.each([54, 74, 114, 194])('takes exactly its width of %i, whatever it holds', (width) => {
    const long = say`an owner with a very long name that goes on and on, from 2001:db8:1234:5678:9abc:def0:1234:5678`
    for (const past of [somePast('x'), somePast('x', { owner: long, from: long, summary: [long, long] })])
      expect(lineCells(pastRow(past, width))).toBe(width)
    expect(lineCells(historyHead(width))).toBe(width)
  })

  test('says in full on the status line what its columns cut off', () => {
    const about = aboutPast(somePast('x', { summary: [say`one`, say`two`], from: say`2001:db8::1` }))
    expect(about).toBe('one; two · ops from 2001:db8::1, ended 2026-11-23 09:19:30')
    expect(aboutPast(somePast('x', { summary: [] }))).toContain('not recorded')
  })
})

describe('the detail of a past change', () => {
  test('gives the day of its end only where it is another one', () => {
    expect(text(pastHead(somePast('x'), 100))).toContain('ended 09:19:30')
    expect(text(pastHead(somePast('x', { endedAt: say`2026-11-24 00:01:00` }), 100))).toContain(
      'ended 2026-11-24 00:01:00',
    )
  })

  test('says what undoing would stage, what does not fit, or why it can’t be', () => {
    const change = staged({ kind: 'policy', at: INPUT, policy: 'ACCEPT' })
    const undo = { changes: [change], remarks: [say`A rule is gone.`] }
    expect(text(undoLines(undo, null, 80))).toMatch(
      /^U stages what undoes it: 1 change, .*\n.*policy\n! A rule is gone\.$/,
    )
    expect(text(undoLines({ changes: [], remarks: [] }, null, 80))).toBe('Nothing is left to undo.')
    expect(text(undoLines(undo, say`it was rolled back`, 80))).toBe('Not to be undone from here: it was rolled back.')
    expect(undoLines(null, null, 80)).toEqual([])
  })
})

describe('notes of the server', () => {
  const NOTES = [
    note(say`v4 rules as they were (chains)`),
    note(say`kept, as somebody added it meanwhile: -j ACCEPT`, 'heed'),
    note(say`/etc/x could NOT be put back`, 'lost'),
    note(say`iptables refused it`, 'failed'),
  ]

  test('stand with what needs a person first, each with its mark', () => {
    expect(text(noteLines(NOTES, 80)).split('\n')).toEqual([
      '  ✗ /etc/x could NOT be put back',
      '  ✗ iptables refused it',
      '  ! kept, as somebody added it meanwhile: -j ACCEPT',
      '  · v4 rules as they were (chains)',
    ])
  })

  test('tell whether something was not put back', () => {
    expect(somethingIsLost(NOTES)).toBe(true)
    expect(somethingIsLost(NOTES.filter(({ grade }) => grade !== 'lost'))).toBe(false)
  })

  test('are judged by their grades alone, whatever their words are', () => {
    const words = say`it could NOT be put back: taken out by somebody else, refused`
    expect(somethingIsLost([note(words)])).toBe(false)
    expect(text(noteLines([note(words)], 100))).toBe(`  · ${words}`)
  })
})
