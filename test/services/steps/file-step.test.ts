import { describe, expect, test } from 'vitest'
import { bytesOf, type FileBytes, sumOf } from '../../../src/services/model/file-bytes.ts'
import { say } from '../../../src/services/model/safe.ts'
import type { FoundFile, SeenFile } from '../../../src/services/model/seen-file.ts'
import { fileBlockers, fileStep } from '../../../src/services/steps/file-step.ts'
import { textChange } from '../../support/plans.ts'

const shown = (was: FileBytes | null, text: FileBytes | null): readonly string[] =>
  (fileStep({ path: '/etc/x', was, text })?.diff ?? []).map((line) => `${line.mark} ${line.text}`)
const shownTexts = (was: string | null, text: string | null) =>
  shown(was === null ? null : bytesOf(was), text === null ? null : bytesOf(text))

describe('the difference of a file', () => {
  test('shows lines with what stands around them', () => {
    expect(shownTexts('a\nb\nc\nd\n', 'a\nb\nc\nD\n')).toEqual([
      '@ /etc/x',
      '@ … 1 unchanged',
      '  b',
      '  c',
      '- d',
      '+ D',
    ])
  })

  test('says below a last line that it is not ended, on either side and on a line that stays', () => {
    expect(shownTexts('a\nb', 'a\nb\n')).toEqual([
      '@ /etc/x',
      '  a',
      '- b',
      '@ … no line end at the end of the file',
      '+ b',
    ])
    expect(shownTexts(null, 'a')).toEqual(['@ /etc/x (new)', '+ a', '@ … no line end at the end of the file'])
    expect(shownTexts('a\nb', 'b')).toEqual(['@ /etc/x', '- a', '  b', '@ … no line end at the end of the file'])
  })

  test('says where lines that differ are drawn alike', () => {
    const alike = "@ … drawn alike, and differ in bytes that can't be shown"
    expect(shown('caf\u00e9\n' as FileBytes, 'caf\u00e8\n' as FileBytes)).toEqual([
      '@ /etc/x',
      '- caf�',
      '+ caf�',
      alike,
    ])
    expect(shownTexts('a\tb\nx\n', 'a b\ny\n')).toEqual(['@ /etc/x', '- a b', '- x', '+ a b', '+ y'])
    expect(shownTexts('a\tb\nx\n', 'a b\nx\n')).toEqual(['@ /etc/x', '- a b', '+ a b', alike, '  x'])
    expect(shownTexts('x\ny\n', 'x\n')).not.toContain(alike)
  })

  test('draws text in UTF-8, a byte order mark and line ends of other systems too', () => {
    expect(shownTexts('\ufeffa\r\n', 'ä\n')).toEqual(['@ /etc/x', '- \\u{feff}a␍', '+ ä'])
  })

  test('says of an empty file that it is one', () => {
    expect(shownTexts(null, '')).toEqual(['@ /etc/x (new, empty)'])
    expect(shownTexts('a\n', '')).toEqual(['@ /etc/x (emptied)', '- a'])
    expect(shownTexts('', null)).toEqual(['@ /etc/x (removed)'])
  })

  test('goes with the command that writes it, or takes it away', () => {
    expect(fileStep(textChange('/etc/x', 'a', 'b'))?.commands).toEqual(['cat > /etc/x'])
    expect(fileStep(textChange('/etc/x', null, 'b'))?.commands).toEqual(['rm /etc/x'])
  })

  test('is none where the very bytes are there already', () => {
    expect(fileStep(textChange('/etc/x', 'a', 'a'))).toBe(null)
    expect(fileStep(textChange('/etc/x', 'a', 'a\n'))).not.toBe(null)
  })
})

test.each(['x', '\xff\xfe', 'a\r\n', ''])('a file with the bytes %j can be written', (text) => {
  expect(fileBlockers({ path: '/etc/x', text: text as FileBytes, was: null })).toEqual([])
})

test('a text with NUL is refused with the reason, and one that goes is not', () => {
  const change = { path: '/etc/x', text: 'a\0b\n' as FileBytes, was: null }
  expect(fileBlockers(change)).toMatchObject([
    { kind: 'irreversible', message: expect.stringContaining('holds NUL bytes') },
  ])
  expect(fileBlockers({ ...change, text: null, was: change.text })).toEqual([])
})

test('a file that sudo would pass over is refused, unless it goes', () => {
  const blocked = (path: string, text: string | null = 'x') => fileBlockers(textChange(path, text, null)).length > 0
  expect(['/etc/sudoers.d/a.b', '/etc/sudoers.d/a~'].map((path) => blocked(path))).toEqual([true, true])
  expect(['/etc/sudoers.d/a', '/etc/ssh/a.b', '/etc/sudoers'].map((path) => blocked(path))).toEqual([
    false,
    false,
    false,
  ])
  expect(blocked('/etc/sudoers.d/a.b', null)).toBe(false)
})

test('a new file has the mode that was asked for, and one of sudo’s is closed to others in any case', () => {
  const modeOf = (path: string, was: string | null, mode?: number) =>
    fileStep({ ...textChange(path, 'x', was), ...(mode === undefined ? {} : { mode }) })?.mode
  expect(modeOf('/etc/x', null)).toBe(undefined)
  expect(modeOf('/etc/x', null, 0o600)).toBe(0o600)
  expect(modeOf('/etc/sudoers.d/x', null)).toBe(0o440)
  expect(modeOf('/etc/sudoers.d/x', 'old')).toBe(undefined)
})

describe('a staged file over what stands there now', () => {
  const attributes = {
    owner: { id: 0, name: null },
    group: { id: 0, name: null },
    mode: 0o644,
    size: 4,
    modified: 0,
  }
  const file = (text: string): FoundFile => ({
    state: 'file',
    sum: sumOf(bytesOf(text)),
    bytes: bytesOf(text),
    ...attributes,
  })
  const long = (text: string): FoundFile => ({ state: 'long', sum: sumOf(bytesOf(text)), ...attributes })
  const directory: FoundFile = { state: 'directory', kind: say`directory`, ...attributes }
  const absent: FoundFile = { state: 'absent' }
  const blockers = (was: string | null, seen: SeenFile | null) =>
    fileBlockers(textChange('/etc/x', 'new', was), seen).map((one) => one.kind)

  test.each<[string | null, SeenFile | null]>([
    ['old', file('old')],
    ['old', long('old')],
    ['', file('')],
    [null, absent],
    // Not known: the server compares again.
    ['old', null],
    ['old', { state: 'unreadable', reason: say`no` }],
  ])('goes on where it is what the change rests on, or is not known (%j, %j)', (was, seen) => {
    expect(blockers(was, seen)).toEqual([])
  })

  test.each<[string | null, SeenFile]>([
    ['old', file('old\n')],
    ['old', long('other')],
    ['old', absent],
    ['old', directory],
    [null, file('')],
    [null, directory],
  ])('is drift where it is not (%j, %j)', (was, seen) => {
    expect(blockers(was, seen)).toEqual(['drift'])
    expect(fileBlockers(textChange('/etc/x', 'new', was), seen)).toMatchObject([
      {
        message: '/etc/x changed on the server since this was staged.',
        next: 'Unstage it and stage it again on the file as it is now.',
      },
    ])
  })

  test('is refused where it is a link, with where that leads', () => {
    const seen: SeenFile = { state: 'link', target: bytesOf('/srv/x'), found: file('old') }
    expect(fileBlockers(textChange('/etc/x', 'new', 'old'), seen)).toMatchObject([
      { kind: 'irreversible', message: '/etc/x is a symbolic link to /srv/x, and no file of its own.' },
    ])
  })
})
