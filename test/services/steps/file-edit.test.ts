import { describe, expect, test } from 'vitest'
import type { FileEdit, StagedOf } from '../../../src/services/model/areas.ts'
import { bytesOf, sumOf } from '../../../src/services/model/file-bytes.ts'
import { safe, say } from '../../../src/services/model/safe.ts'
import type { SeenFile } from '../../../src/services/model/seen-file.ts'
import { describeFile, fileParts, foldFile, undoFiles } from '../../../src/services/steps/file-edit.ts'
import { textChange } from '../../support/plans.ts'

const edit = (path: string, text: string | null, was: string | null): FileEdit => ({
  kind: 'file',
  ...textChange(path, text, was),
})
const change = (id: string, of: FileEdit): StagedOf<'sshd'> & { readonly edit: FileEdit } => ({
  id,
  area: 'sshd',
  edit: of,
  target: say`x`,
  summary: safe(id),
  origin: 'operator',
})
const two = [change('a', edit('/etc/a', 'a1', 'a0')), change('b', edit('/etc/b', 'b1', null))]

describe('a file staged twice', () => {
  test('keeps its place and its name, and rests on the text that was read first', () => {
    expect(foldFile(two, change('c', edit('/etc/a', 'a2', 'a1')))).toEqual([
      { ...change('c', edit('/etc/a', 'a2', 'a0')), id: 'a' },
      two[1],
    ])
  })

  test('stands beside the others where it is another file', () => {
    const third = change('c', edit('/etc/c', 'c1', 'c0'))
    expect(foldFile(two, third)).toEqual([...two, third])
  })

  test('leaves nothing behind where it comes back to what was read', () => {
    expect(foldFile(two, change('c', edit('/etc/a', 'a0', 'a1')))).toEqual([two[1]])
    expect(foldFile(two, change('c', edit('/etc/b', null, 'b1')))).toEqual([two[0]])
  })
})

test.each([
  [null, 'old', 'removed again'],
  ['old', null, 'written again, with the text it had before'],
  ['old', 'new', 'back to the text it had before'],
])('a file brought to %j from %j is %j', (text, was, summary) => {
  expect(describeFile(edit('/etc/a', text, was))).toEqual({ target: '/etc/a', summary })
})

test('each file is a step of its own, and one that moved on the server says so', () => {
  const moved: SeenFile = {
    state: 'long',
    sum: sumOf(bytesOf('other')),
    owner: { id: 0, name: null },
    group: { id: 0, name: null },
    mode: 0o644,
    size: 5,
    modified: 0,
  }
  const edits = [edit('/etc/a', 'a1', 'a0'), edit('/etc/same', 'x', 'x'), edit('/etc/b', 'b1', null)]
  const made = fileParts(edits, { file: (path) => (path === '/etc/a' ? moved : null) })
  expect(made.steps.map(({ title }) => title)).toEqual(['/etc/a', '/etc/b'])
  expect(made.blockers).toMatchObject([{ kind: 'drift', message: expect.stringContaining('/etc/a') }])
  expect(made.whatIf).toEqual([])
})

test('undoing files swaps their texts, but for those that were left as they were', () => {
  const { edits, remarks } = undoFiles([
    textChange('/etc/a', 'a1', 'a0'),
    textChange('/etc/same', 'x', 'x'),
    textChange('/etc/b', null, 'b0'),
  ])
  expect(edits).toEqual([edit('/etc/a', 'a0', 'a1'), edit('/etc/b', 'b0', null)])
  expect(remarks).toEqual([])
})
