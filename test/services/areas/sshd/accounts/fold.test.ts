import { expect, test } from 'vitest'
import { sshdEditing } from '../../../../../src/services/areas/sshd/editing.ts'
import type { AccountChange } from '../../../../../src/services/model/account.ts'
import type { StagedOf } from '../../../../../src/services/model/areas.ts'
import type { FileBytes } from '../../../../../src/services/model/file-bytes.ts'
import { say } from '../../../../../src/services/model/safe.ts'

const staged = (change: AccountChange, id = 'one'): StagedOf<'sshd'> => ({
  id,
  area: 'sshd',
  edit: { kind: 'account', change },
  target: say`account`,
  summary: say`before`,
  origin: 'operator',
})
const keys = (add: string[], remove: string[] = [], name = 'pat', file = '/home/pat/keys'): AccountChange => ({
  ...{ verb: 'keys', name, file, was: 'sum' },
  add: add as FileBytes[],
  remove: remove as FileBytes[],
})
const lock: AccountChange = { verb: 'lock', name: 'pat', was: 'set' }
const unlock: AccountChange = { verb: 'unlock', name: 'pat', was: 'locked' }
const shell = (to: string, was: string): AccountChange => ({ verb: 'shell', name: 'pat', shell: to, was })

const folded = (held: AccountChange, added: AccountChange) => {
  const { held: left, idle } = sshdEditing.fold([staged(held)], staged(added, 'two'), null)
  return { left: left.map(({ edit }) => (edit.kind === 'account' ? edit.change : null)), idle: idle ?? null }
}

test.each<[what: string, held: AccountChange, added: AccountChange, left: AccountChange[]]>([
  ['two keys of a file are one change', keys(['a']), keys(['b']), [keys(['a', 'b'])]],
  ['a key added and taken out again is none', keys(['a', 'b']), keys([], ['a']), [keys(['b'])]],
  ['a key taken out and added again stays', keys([], ['a', 'c']), keys(['a']), [keys([], ['c'])]],
  ['files and accounts are apart', keys(['a']), keys(['a'], [], 'sam'), [keys(['a']), keys(['a'], [], 'sam')]],
  ['a shell rests on the first one', shell('/b', '/a'), shell('/c', '/b'), [shell('/c', '/a')]],
  ['keys and locks are apart', keys(['a']), lock, [keys(['a']), lock]],
])('%s', (_what, held, added, left) => {
  expect(folded(held, added)).toEqual({ left, idle: null })
})

test.each<[what: string, held: AccountChange, added: AccountChange]>([
  ['a key', keys(['a']), keys([], ['a'])],
  ['a lock', lock, unlock],
  ['a shell', shell('/b', '/a'), shell('/a', '/b')],
])('%s staged and taken back comes to nothing, and that is said', (_what, held, added) => {
  expect(folded(held, added)).toEqual({ left: [], idle: 'account stays as it is on the server.' })
})

test('the words of what is staged follow it, and its place stays', () => {
  const others = staged(lock, 'before')
  const { held } = sshdEditing.fold([others, staged(keys(['a'])), staged(lock, 'x')], staged(keys(['b']), 'two'), null)
  expect(held.map(({ id, summary }) => [id, summary])).toEqual([
    ['before', 'before'],
    ['one', 'keys: 2 added, 0 taken out'],
    ['x', 'before'],
  ])
})
