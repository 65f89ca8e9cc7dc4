import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tcpwrappersEditing as editing } from '../../../../src/services/areas/tcpwrappers/editing.ts'
import type { AccessEdit, TcpwrappersFacts } from '../../../../src/services/areas/tcpwrappers/facts.ts'
import { linesIn, linesOf } from '../../../../src/services/areas/tcpwrappers/lines.ts'
import type { StagedOf } from '../../../../src/services/model/areas.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../support/plans.ts'
import { UNSEEN } from '../../../support/seen.ts'
import { filesOf } from './some-files.ts'

const TEXT = '# a\nsshd: 192.0.2.1\n\nsshd: 192.0.2.2\nsshd: 192.0.2.1\nALL: ALL'
const FACTS = filesOf(TEXT, null)
/** The id of the line that holds this, the nth of its like. */
const idOf = (text: string, nth = 1, facts: TcpwrappersFacts = FACTS): string =>
  linesIn(facts, 'allow').filter(({ bytes }) => bytes.startsWith(text))[nth - 1]?.id ?? 'none'
const laid = (edits: readonly AccessEdit[], facts: TcpwrappersFacts = FACTS) => {
  const { after, conflicts } = editing.lay(facts, edits)
  return { allow: after.files.allow, why: conflicts.map(({ reason }) => reason) }
}
const TWO = idOf('sshd: 192.0.2.2')
const LAST = idOf('ALL')

describe('an edit of a line', () => {
  test('changes that line, and of its like the one that is meant', () => {
    expect(laid([{ kind: 'delete', file: 'allow', lineId: idOf('sshd: 192.0.2.1', 2) }])).toEqual({
      allow: '# a\nsshd: 192.0.2.1\n\nsshd: 192.0.2.2\nALL: ALL',
      why: [],
    })
    expect(laid([{ kind: 'replace', file: 'allow', lineId: TWO, line: 'sshd: [::1]' }]).allow).toBe(
      TEXT.replace('192.0.2.2', '[::1]'),
    )
  })

  test('moves it, adds one beside it, and ends a line that comes to stand before another', () => {
    const at = { before: TWO }
    expect(laid([{ kind: 'move', file: 'allow', lineId: LAST, at }]).allow).toBe(
      '# a\nsshd: 192.0.2.1\n\nALL: ALL\nsshd: 192.0.2.2\nsshd: 192.0.2.1\n',
    )
    const add: AccessEdit = { kind: 'add', file: 'allow', lineId: 'new-1', line: 'x: ALL', at: { after: LAST } }
    expect(laid([add]).allow).toBe(`${TEXT}\nx: ALL\n`)
    expect(laid([add, { kind: 'move', file: 'allow', lineId: 'new-1', at }]).allow).toBe(
      `${TEXT.replace('sshd: 192.0.2.2', 'x: ALL\nsshd: 192.0.2.2')}\n`,
    )
  })

  test('of a file that changed meanwhile is refused where the line, or one of its like, is not as it was', () => {
    const edits: readonly AccessEdit[] = [
      { kind: 'delete', file: 'allow', lineId: idOf('sshd: 192.0.2.1', 2) },
      { kind: 'replace', file: 'allow', lineId: TWO, line: 'sshd: ALL' },
      { kind: 'add', file: 'allow', lineId: 'new-1', line: 'x: ALL', at: { before: LAST } },
    ]
    const now = filesOf('sshd: 192.0.2.1\nsshd: 192.0.2.2 \nALL: ALL\n', null)
    expect(laid(edits, now)).toEqual({
      allow: now.files.allow,
      why: [
        'the line is gone, or changed since',
        'the line is gone, or changed since',
        'the line that it was to stand beside is gone, or changed since',
      ],
    })
  })

  test('keeps every other line byte for byte, whatever they hold', () => {
    const files = fc
      .array(fc.constantFrom('a: b', '# c', '', 'd: e \\\n f', 'g\r', 'a: b', ' h', 'é: \\'), {
        minLength: 1,
        maxLength: 8,
      })
      .chain((lines) => fc.constantFrom('', '\n').map((end) => bytesOf(lines.join('\n') + end)))
    fc.assert(
      fc.property(files, fc.nat(), fc.nat(), fc.constantFrom('delete', 'replace', 'move'), (file, one, two, kind) => {
        const facts = { ...FACTS, files: { allow: file, deny: null } }
        const lines = linesOf(file)
        const [line, beside] = [lines[one % lines.length], lines[two % lines.length]]
        if (!line || !beside || line === beside) return
        const edit: AccessEdit = {
          ...{ file: 'allow' as const, lineId: line.id },
          ...(kind === 'replace'
            ? { kind, line: 'x: y' }
            : kind === 'move'
              ? { kind, at: { after: beside.id } }
              : { kind }),
        } as AccessEdit
        const { after, conflicts } = editing.lay(facts, [edit])
        expect(conflicts).toEqual([])
        const others = (all: readonly { readonly id: string; readonly bytes: string }[]) =>
          all.filter(({ id }) => id !== line.id).map(({ bytes }) => bytes.replace(/\n*$/, ''))
        expect(others(linesIn(after, 'allow'))).toEqual(others(lines))
        expect(linesIn(after, 'allow').map(({ bytes }) => bytes)).toEqual(
          linesOf(after.files.allow).map(({ bytes }) => bytes),
        )
      }),
    )
  })
})

describe('changes to one line', () => {
  const change = (id: string, edit: AccessEdit): StagedOf<'tcpwrappers'> => ({
    ...{ id, area: 'tcpwrappers', edit, target: say`x`, summary: say`x`, origin: 'operator' },
  })
  const fold = (...edits: readonly AccessEdit[]) =>
    edits.reduce<readonly StagedOf<'tcpwrappers'>[]>(
      (held, edit, at) => editing.fold(held, change(`c${at}`, edit), FACTS).held,
      [],
    )
  const ADD: AccessEdit = { kind: 'add', file: 'allow', lineId: 'new-1', line: 'x: ALL', at: { before: TWO } }
  const edit = (line: string, lineId = TWO): AccessEdit => ({ kind: 'replace', file: 'allow', lineId, line })
  const move = (at: { readonly before: string } | { readonly after: string }, lineId = TWO): AccessEdit => ({
    ...{ kind: 'move', file: 'allow', lineId, at },
  })

  test('are one where the second replaces the first, and none where they come to nothing', () => {
    expect(fold(edit('a: b'), edit('c: d')).map((one) => one.edit)).toEqual([edit('c: d')])
    expect(fold(edit('a: b'), edit('sshd: 192.0.2.2'))).toEqual([])
    expect(fold(ADD, edit('a: b', 'new-1')).map((one) => one.edit)).toEqual([{ ...ADD, line: 'a: b' }])
    expect(fold(ADD, { kind: 'delete', file: 'allow', lineId: 'new-1' })).toEqual([])
    expect(fold(edit('a: b'), { kind: 'delete', file: 'allow', lineId: TWO })).toHaveLength(1)
    expect(fold(move({ after: LAST }), move({ after: idOf('\n') }))).toEqual([])
  })

  test('taken back take with them what stood on them, and leave the rest its place', () => {
    const second: AccessEdit = { ...ADD, lineId: 'new-2', line: 'y: ALL', at: { before: 'new-1' } }
    const held = fold(ADD, second, move({ after: LAST }, 'new-1'))
    const [first] = held
    const left = first && editing.unfold?.(held, first)
    expect(left?.map((one) => one.edit)).toEqual([{ ...second, at: { before: TWO } }])
    expect(laid([{ ...second, at: { before: TWO } }]).why).toEqual([])
  })
})

test('the files are written in the order that never keeps you out in between', () => {
  const you = hostFacts.session.clientAddress
  const facts = filesOf(`sshd: ${you}\n`, 'ALL: ALL\n')
  const edits: readonly AccessEdit[] = [
    { kind: 'delete', file: 'allow', lineId: `1/1:sshd: ${you}\n` },
    { kind: 'delete', file: 'deny', lineId: '1/1:ALL: ALL\n' },
  ]
  const { steps, blockers } = editing.part({ base: facts, ...editing.lay(facts, edits) }, edits, {
    ...UNSEEN,
    host: hostFacts,
  })
  expect([steps.map(({ title }) => title), blockers]).toEqual([['/etc/hosts.deny', '/etc/hosts.allow'], []])
})

test('undoing an edit in a file that moved on is nothing, in words', () => {
  const past = {
    ...{ rules: [], units: [], accounts: [] },
    files: [{ path: '/etc/hosts.allow', text: bytesOf('a: c\n'), was: bytesOf('a: b\n') }],
  }
  expect(editing.undo(past, filesOf('a: c\nmine: ALL\n', null), () => 'x')).toEqual({
    edits: [],
    remarks: [expect.stringContaining('nothing of it is undone')],
  })
})
