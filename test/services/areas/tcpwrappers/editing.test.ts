import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tcpwrappersChecks } from '../../../../src/services/areas/tcpwrappers/checks.ts'
import { decide } from '../../../../src/services/areas/tcpwrappers/decide.ts'
import { tcpwrappersEditing as editing } from '../../../../src/services/areas/tcpwrappers/editing.ts'
import type { AccessEdit, TcpwrappersFacts } from '../../../../src/services/areas/tcpwrappers/facts.ts'
import type { StagedOf } from '../../../../src/services/model/areas.ts'
import type { Seen } from '../../../../src/services/model/editing.ts'
import { bytesOf, fromBytes } from '../../../../src/services/model/file-bytes.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../support/plans.ts'
import { UNSEEN } from '../../../support/seen.ts'
import { filesOf } from './some-files.ts'

const SEEN: Seen = { ...UNSEEN, host: hostFacts }
const DENY: AccessEdit = { kind: 'add', file: 'deny', lineId: 'new-1', line: 'ALL: ALL', at: 'last' }

/** The part of a plan that these edits are. */
const partOf = (facts: TcpwrappersFacts, ...edits: readonly AccessEdit[]) =>
  editing.part({ base: facts, ...editing.lay(facts, edits) }, edits, SEEN)
const fix = (id: string, facts: TcpwrappersFacts): readonly AccessEdit[] =>
  tcpwrappersChecks.find((one) => one.id === id)?.fix?.(facts, hostFacts, { listeners: null }) ?? []
const said = (id: string, facts: TcpwrappersFacts): string => {
  const verdict = tcpwrappersChecks.find((one) => one.id === id)?.judge(facts, hostFacts, { listeners: null })
  return `${verdict?.outcome}: ${verdict?.observed}`
}

describe('the fix that keeps the rest out', () => {
  test('lets in loopback and the operator first, and then keeps out whoever is left', () => {
    const facts = filesOf('vsftpd: ALL\n', null)
    const edits = fix('TW-default-deny', facts)
    const { after, conflicts } = editing.lay(facts, edits)
    expect(conflicts).toEqual([])
    expect(after.files).toEqual({
      allow: 'sshd: 198.51.100.20\nALL: 127.0.0.1 [::1]\nvsftpd: ALL\n',
      deny: 'ALL: ALL\n',
    })
    expect(decide(after, 'sshd', '198.51.100.20').answer).toBe('in')
    expect(decide(after, 'sshd', '203.0.113.9').answer).toBe('out')
    const { steps, blockers, whatIf } = partOf(facts, ...edits)
    expect(steps.map((step) => step.title)).toEqual(['/etc/hosts.allow', '/etc/hosts.deny'])
    expect(blockers).toEqual([])
    expect(whatIf).toMatchObject([{ answer: 'yes' }])
    expect(said('TW-default-deny', after)).toBe('pass: kept out')
  })

  test('wants nothing twice, and says of each file what it does to it', () => {
    const facts = filesOf('sshd: 198.51.100.20\n', null)
    const edits = fix('TW-default-deny', facts)
    expect(edits.filter((edit) => editing.holds?.(facts, edit))).toEqual([
      { kind: 'add', file: 'allow', lineId: 'own-login', line: 'sshd: 198.51.100.20', at: 'first' },
    ])
    // There it would decide nothing.
    for (const before of ['ALL: 198.51.100.0/24 : deny\n', 'ALL: 192.0.2.1 \\\n']) {
      const behind = filesOf(`${before}sshd: 198.51.100.20\n`, 'ALL: ALL\n')
      const [edit] = fix('TW-own-login', behind)
      expect(edit && editing.holds?.(behind, edit)).toBe(false)
    }
    expect(editing.describe(DENY, facts, facts)).toEqual({ target: '/etc/hosts.deny', summary: '+ ALL: ALL' })
  })
})

describe('the rest', () => {
  test.each([
    ['is let in where no rule is about everybody', null, null, 'fail: let in', true],
    ['is let in by a rule of hosts.allow for everybody', 'ALL: ALL\n', 'ALL: ALL\n', 'fail: let in', false],
    ['is kept out by a hosts.deny that can’t be read to its end', null, '# mine', 'pass: kept out', false],
    ['is as nobody knows', null, 'ALL: *\n', 'unknown: depends on /etc/hosts.deny, ALL: *', false],
  ])('%s', (_name, allow, deny, expected, fixed) => {
    const facts = filesOf(allow, deny)
    expect([said('TW-default-deny', facts), fix('TW-default-deny', facts).length > 0]).toEqual([expected, fixed])
  })
})

describe('a lock-out', () => {
  test('is blocked where sshd asks these files, doubted where that is not known, and none where it does not', () => {
    const kinds = (facts: TcpwrappersFacts) => partOf(facts, DENY).blockers.map((one) => one.kind)
    const facts = filesOf(null, null)
    expect(kinds(facts)).toEqual(['lock-out'])
    expect(partOf({ ...facts, sshdAsks: null }, DENY)).toMatchObject({ blockers: [], whatIf: [{ answer: 'unsure' }] })
    expect(partOf({ ...facts, sshdAsks: false }, DENY)).toMatchObject({
      blockers: [],
      whatIf: [{ answer: 'yes', because: expect.stringContaining('built without libwrap') }],
    })
    expect(partOf(filesOf('sshd: .example.net\n', null), DENY).whatIf).toMatchObject([{ answer: 'unsure' }])
  })

  test('of the next login is a finding whose fix is the operator’s own rule', () => {
    const facts = filesOf(null, 'ALL: ALL\n')
    expect(said('TW-own-login', facts)).toBe('fail: kept out by /etc/hosts.deny, ALL: ALL')
    expect(said('TW-own-login', editing.lay(facts, fix('TW-own-login', facts)).after)).toBe('pass: let in')
    expect(said('TW-own-login', { ...facts, sshdAsks: false })).toMatch(/^notapplicable: .*without libwrap/)
    expect(said('TW-own-login', { ...facts, sshdAsks: null })).toMatch(/^unknown/)
    expect(said('TW-own-login', filesOf('sshd: @admins\n', 'ALL: ALL\n'))).toMatch(/^unknown: depends on/)
  })
})

describe('a file', () => {
  test('keeps every byte that is not the line, and a line at the end is one of its own', () => {
    const texts = fc.uint8Array().map(fromBytes)
    fc.assert(
      fc.property(texts, fc.constantFrom('first', 'last'), (bytes, at) => {
        const facts: TcpwrappersFacts = { files: { allow: null, deny: bytes }, sshdAsks: true, daemons: [] }
        const edit: AccessEdit = { kind: 'add', file: 'deny', lineId: 'new-1', line: 'ALL: 192.0.2.1', at }
        const then = editing.lay(facts, [edit]).after.files.deny ?? ''
        expect(then.startsWith(bytes) || then.endsWith(bytes)).toBe(true)
        expect(`\n${then}`).toContain('\nALL: 192.0.2.1\n')
        expect(then.length - bytes.length - 'ALL: 192.0.2.1\n'.length).toBeLessThanOrEqual(2)
      }),
    )
  })

  test('whose last line goes on does not go on into the new one', () => {
    const facts = filesOf(null, 'sshd: 192.0.2.1 \\\n')
    const { after } = editing.lay(facts, [DENY])
    expect(after.files.deny).toBe('sshd: 192.0.2.1 \\\n\nALL: ALL\n')
    expect(decide(after, 'vsftpd', '198.51.100.20').answer).toBe('out')
  })

  test('that lost the line since is a conflict, said in the plan', () => {
    const { blockers } = partOf(filesOf(null, 'vsftpd: ALL\n'), {
      kind: 'delete',
      file: 'deny',
      lineId: '1/1:ALL: ALL\n',
    })
    expect(blockers).toMatchObject([{ kind: 'conflict', message: expect.stringContaining('the line is gone') }])
  })
})

describe('two changes to one file', () => {
  const change = (id: string, edit: AccessEdit): StagedOf<'tcpwrappers'> => ({
    id,
    area: 'tcpwrappers',
    edit,
    target: say`x`,
    summary: say`x`,
    origin: 'operator',
  })
  const one = change('one', { kind: 'add', file: 'allow', lineId: 'new-1', line: 'sshd: 192.0.2.1', at: 'last' })
  const two = change('two', { kind: 'add', file: 'allow', lineId: 'new-2', line: 'sshd: 192.0.2.2', at: 'last' })

  test('stay two, and one step', () => {
    const { held } = editing.fold([one], two, null)
    expect(held).toEqual([one, two])
    expect(partOf(filesOf(null, null), ...held.map(({ edit }) => edit)).steps).toHaveLength(1)
  })

  test('come to nothing where one takes the other back', () => {
    const back = change('back', { kind: 'delete', file: 'allow', lineId: 'new-1' })
    expect(editing.fold([one, two], back, null).held).toEqual([two])
  })
})

describe('undoing', () => {
  const past = (text: string | null, was: string | null) => ({
    rules: [],
    units: [],
    accounts: [],
    files: [
      {
        path: '/etc/hosts.deny',
        text: text === null ? null : bytesOf(text),
        was: was === null ? null : bytesOf(was),
      },
    ],
  })
  const undone = (now: string | null, text: string | null, was: string | null) => {
    const facts = filesOf(null, now)
    const { edits, remarks } = editing.undo(past(text, was), facts, () => 'x')
    return { deny: editing.lay(facts, edits).after.files.deny, remarks }
  }

  test('gives the very text back where nobody changed it since', () => {
    expect(undone('a\nALL: ALL\n', 'a\nALL: ALL\n', 'a')).toEqual({ deny: 'a', remarks: [] })
    expect(undone('ALL: ALL\n', 'ALL: ALL\n', null)).toEqual({ deny: null, remarks: [] })
  })

  test('takes only its own lines away where somebody did, and says so', () => {
    const { deny, remarks } = undone('ALL: ALL\nmine: ALL\n', 'ALL: ALL\n', null)
    expect(deny).toBe('mine: ALL\n')
    expect(remarks).toEqual([expect.stringContaining('changed since')])
  })

  test('is refused by the file that moved between staging and the plan', () => {
    const edit: AccessEdit = { kind: 'restore', file: 'deny', bytes: null, over: bytesOf('ALL: ALL\n') }
    expect(editing.lay(filesOf(null, 'other\n'), [edit]).conflicts).toHaveLength(1)
  })

  test('of what can’t be read is nothing, in words', () => {
    expect(editing.undo(past('x\n', null), null, () => 'x')).toMatchObject({ edits: [], remarks: [expect.any(String)] })
  })
})
