import { describe, expect, test } from 'vitest'
import type { AccountChange } from '../../../src/services/model/account.ts'
import { bytesOf } from '../../../src/services/model/file-bytes.ts'
import { type AccountNow, undoAccounts } from '../../../src/services/steps/account-undo.ts'

const FILE = '/home/dora/.ssh/authorized_keys'
const [ONE, TWO, THREE] = ['one', 'two', 'three'].map((text) => bytesOf(text)) as [
  ReturnType<typeof bytesOf>,
  ReturnType<typeof bytesOf>,
  ReturnType<typeof bytesOf>,
]
const now = (more: Partial<AccountNow> = {}): AccountNow => ({
  shell: '/bin/bash',
  password: 'set',
  keyFile: FILE,
  keys: () => ({ lines: [ONE, TWO], sum: 'sum' }),
  ...more,
})
const undo = (change: AccountChange, more: Partial<AccountNow> = {}) => undoAccounts([change], () => now(more))
const create: AccountChange = {
  verb: 'create',
  name: 'dora',
  groups: [],
  shell: '/bin/bash',
  keys: [ONE, THREE],
  password: true,
}
const keys: AccountChange = { verb: 'keys', name: 'dora', file: FILE, add: [ONE], remove: [THREE], was: null }

describe('undoing', () => {
  test('an account that was made takes its keys and its password, and never deletes it', () => {
    const { edits, remarks } = undo(create)
    expect(edits).toEqual([
      { verb: 'keys', name: 'dora', file: FILE, add: [], remove: [ONE], was: 'sum' },
      { verb: 'lock', name: 'dora', was: 'set' },
    ])
    expect(remarks).toEqual([expect.stringContaining('The account dora itself stays')])
    expect(undo(create, { password: 'locked', keyFile: null }).edits).toEqual([])
  })

  test('keys brings back what was taken out, and takes out what is still there of what was added', () => {
    expect(undo(keys).edits).toEqual([{ ...keys, add: [THREE], remove: [ONE], was: 'sum' }])
    expect(undo(keys, { keys: () => ({ lines: [THREE], sum: 'sum' }) }).edits).toEqual([])
    expect(undo(keys, { keys: () => null })).toEqual({ edits: [], remarks: [`${FILE} can't be read.`] })
  })

  test('a lock unlocks, where there was a password and it is still locked', () => {
    expect(undo({ verb: 'lock', name: 'dora', was: 'set' }, { password: 'locked' }).edits).toEqual([
      { verb: 'unlock', name: 'dora', was: 'locked' },
    ])
    expect(undo({ verb: 'lock', name: 'dora', was: 'set' }).edits).toEqual([])
    expect(undo({ verb: 'lock', name: 'dora', was: 'empty' }, { password: 'locked' }).edits).toEqual([])
    expect(undo({ verb: 'unlock', name: 'dora', was: 'locked' }).edits).toEqual([
      { verb: 'lock', name: 'dora', was: 'set' },
    ])
  })

  test('a shell gives the old one back, unless somebody chose another since', () => {
    const change: AccountChange = { verb: 'shell', name: 'dora', shell: '/usr/sbin/nologin', was: '' }
    expect(undo(change, { shell: '/usr/sbin/nologin' }).edits).toEqual([
      { verb: 'shell', name: 'dora', shell: '/bin/sh', was: '/usr/sbin/nologin' },
    ])
    expect(undo(change).edits).toEqual([])
  })

  test('what was done last comes first, and nothing is guessed of an account that is gone', () => {
    const past: AccountChange[] = [keys, { verb: 'unlock', name: 'dora', was: 'locked' }]
    expect(undoAccounts(past, () => now()).edits.map(({ verb }) => verb)).toEqual(['lock', 'keys'])
    expect(undoAccounts(past, () => null)).toMatchObject({ edits: [], remarks: [{}, {}].map(() => expect.any(String)) })
  })
})
