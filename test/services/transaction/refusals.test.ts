import { expect, test } from 'vitest'
import { readMessages } from '../../../src/services/transaction/protocol.ts'
import { refusalOf } from '../../../src/services/transaction/refusals.ts'

const refusal = (text: string) => refusalOf(readMessages(text))

test('a server that goes on has refused nothing', () => {
  expect(refusal('@checked\n@armed tx1 3000 a b')).toBe(null)
})

test('a change of somebody else is waited for', () => {
  expect(refusal('@busy tx9 42 ops 203.0.113.9 09:18:07\n@refused busy x')).toMatchObject({
    reason: expect.stringContaining('ops (from 203.0.113.9)'),
    next: expect.stringContaining('Wait for it to end'),
  })
})

test.each([
  ['privilege', 'Log in as root'],
  ['triggers', 'No timer could be trusted'],
  ['tools', 'Install it'],
  ['disk', 'Make room'],
  ['removed', 'find out who removes it'],
  ['checkpoint', 'Without a checkpoint'],
  ['drift', 'Press R'],
  ['script', 'Keep its rules'],
  ['rules', 'Correct what is staged'],
  ['busy', 'Try again in a moment'],
  ['link', 'Try again.'],
  ['somethingnew', 'Try again.'],
])('a refusal of kind %s says what to do next', (kind, next) => {
  expect(refusal(`@refused ${kind} these are the words`)).toMatchObject({
    reason: 'these are the words',
    next: expect.stringContaining(next),
  })
})

test('what moved is named, three lines of it at most, each made safe', () => {
  const moved = (count: number) => Array.from({ length: count }, (_, i) => `@moved line ${i}\u001b`).join('\n')
  expect(refusal(`@refused drift it changed\n${moved(1)}`)?.reason).toBe('it changed: line 0␛')
  expect(refusal(`@refused drift it changed\n${moved(5)}`)?.reason).toBe('it changed: line 0␛; line 1␛; line 2␛')
  expect(refusal('@refused drift it changed')?.reason).toBe('it changed')
  expect(refusal(`@refused drift it changed\n@moved ${'x'.repeat(200)}`)?.reason).toBe(
    `it changed: ${'x'.repeat(120)}…+80`,
  )
})
