import { describe, expect, test } from 'vitest'
import { transactionLines } from '../../../src/screens/presenters/transaction.ts'
import type { Link } from '../../../src/services/model/host.ts'
import { say } from '../../../src/services/model/safe.ts'
import type { StageLine, Timer, Transaction } from '../../../src/services/model/transaction.ts'
import { someConsole } from '../../state/some-console.ts'
import { note } from '../../support/past.ts'

const timer: Timer = {
  id: '7f3a',
  owner: say`ops`,
  from: say`198.51.100.20`,
  armedAt: say`09:18:07`,
  deadlineAt: say`09:21:07`,
  firesAt: 161_000,
  windowSeconds: 180,
  mine: true,
  taken: null,
  first: null,
  summary: [say`v4 filter INPUT 1 + -j ACCEPT`],
}
const stages: readonly StageLine[] = [
  { id: 'checked', state: 'done', detail: say`tried`, elapsedMs: 1200 },
  { id: 'applied', state: 'failed', detail: say`iptables refused it`, elapsedMs: null },
]

const UP: Link = { state: 'up', roundTripMs: 1 }

const words = (transaction: Transaction, width = 72, link: Link = UP): string => {
  const begun = someConsole().store.getState()
  const state = { ...begun, transaction, connection: { ...begun.connection, link } }
  return transactionLines(state, width)
    .map((line) => line.map((part) => part.text).join(''))
    .join('\n')
}

describe('the transaction screen', () => {
  test('says stages with a mark, a word and how long they took', () => {
    const text = words({ phase: 'applying', timer, stages })
    expect(text).toMatch(/✓ checked +tried {2}1\.2 s/)
    expect(text).toMatch(/✗ applied +iptables refused it/)
    expect(text).toContain('ARMED 2:41 left')
    expect(text).toContain('09:21:07 (its clock)')
  })

  test('puts rolling back first when the proof failed, and says why', () => {
    const why = { kind: 'timeout', message: say`:10022 timed out.`, next: say`Roll back.` } as const
    const text = words({ phase: 'awaiting-confirm', timer, stages, proof: { outcome: 'fails', why }, notice: null })
    expect(text).toContain(':10022 timed out.')
    expect(text.indexOf('X roll back now')).toBeLessThan(text.indexOf('C confirm all the same'))
  })

  test('says that the session still works only where there is a link', () => {
    const why = { kind: 'timeout', message: say`:10022 timed out.`, next: say`Roll back.` } as const
    const failed = { phase: 'awaiting-confirm', timer, stages, proof: { outcome: 'fails', why }, notice: null } as const
    expect(words(failed)).toContain('Your session here still works')
    const lost = { state: 'lost', since: 0, reason: say`gone`, nextTryAt: null } as const
    expect(words(failed, 72, lost)).not.toContain('still works')
  })

  test('asks the person what no machine can prove', () => {
    const proof = { outcome: 'works', detail: say`by key`, elapsedMs: 400 } as const
    const text = words({ phase: 'awaiting-confirm', timer, stages, proof, notice: null })
    expect(text).toContain('everything you need still working?')
    expect(text.indexOf('C confirm')).toBeLessThan(text.indexOf('X roll back'))
  })

  test("names the owner of another operator's change, and what it changes", () => {
    const other = { ...timer, mine: false, owner: say`kim`, from: say`203.0.113.44` }
    const text = words({ phase: 'awaiting-confirm', timer: other, stages, proof: { outcome: 'pending' }, notice: null })
    expect(text).toContain('kim (from 203.0.113.44) armed this change at 09:18:07')
    expect(text).toContain('v4 filter INPUT 1 + -j ACCEPT')
  })

  test('shows why the last try did not go through', () => {
    const notice = say`Not extended: no login.`
    const text = words({ phase: 'awaiting-confirm', timer, stages, proof: { outcome: 'pending' }, notice })
    expect(text).toContain('! Not extended: no login.')
  })

  test.each<[string, Transaction, string]>([
    ['in doubt', { phase: 'in-doubt', timer: null, stages, doubt: say`No answer.` }, 'IN DOUBT'],
    ['confirmed', { phase: 'confirmed', id: 'x', notes: [note(say`saved`)], lasts: true }, '· saved'],
    ['rolled back', { phase: 'rolled-back', id: 'x', by: 'boot', notes: [], plan: null }, 'by the boot guard'],
    ['aborted', { phase: 'aborted', reason: say`It moved.`, next: say`Look.`, stages, plan: null }, 'It moved.'],
  ])('says what %s means', (_name, transaction, expected) => {
    expect(words(transaction)).toContain(expected)
  })

  test('keeps to its width', () => {
    const doubt = say`word word word word word word word word word word word word word word word word`
    for (const line of words({ phase: 'in-doubt', timer, stages, doubt }, 52).split('\n'))
      expect([...line].length).toBeLessThanOrEqual(72)
  })
})
