import { describe, expect, test } from 'vitest'
import { EXIT, finishPending, type PendingVerb } from '../../src/command-line/pending.ts'
import { say } from '../../src/services/model/safe.ts'
import type { Timer, Transaction } from '../../src/services/model/transaction.ts'
import { fakeHost } from '../support/fake-host.ts'
import { awaiting, fakeTransactions, someTimer } from '../support/fake-transactions.ts'
import { note } from '../support/past.ts'
import { hostFacts } from '../support/plans.ts'
import { someTexts } from '../support/probe-texts.ts'

const WORKS = { outcome: 'works', detail: say`by key`, elapsedMs: 1 } as const
const PENDING = { outcome: 'pending' } as const

type More = { readonly answers?: boolean; readonly agrees?: boolean; readonly end?: Transaction }

/** Runs a verb as ops, on a server where a change waits. */
async function run(verb: PendingVerb, timer: Partial<Timer> | null, more: More = {}) {
  const login = { user: say`ops`, uid: 1000, escalation: 'sudo' } as const
  const host = fakeHost({ facts: { ...hostFacts, login }, texts: someTexts() })
  const transactions = fakeTransactions()
  const pending = someTimer(Date.now() + 60_000, { mine: false, ...timer })
  transactions.onTakeOver = () => transactions.set(awaiting({ ...pending, mine: true }, PENDING))
  if (timer) transactions.set(awaiting(pending, PENDING))
  const prove = async (): Promise<void> => {
    transactions.calls.push('prove')
    transactions.set(awaiting({ ...pending, mine: true }, WORKS))
  }
  const confirm = async (mode = 'proven'): Promise<void> => {
    transactions.calls.push(mode === 'proven' ? 'confirm' : `confirm ${mode}`)
    transactions.set(more.end ?? { phase: 'confirmed', id: pending.id, notes: [note(say`saved`)], lasts: true })
  }
  const look = async (): Promise<boolean> => more.answers ?? true
  const said: string[] = []
  const status = await finishPending(
    verb,
    host,
    () => ({ ...transactions, prove, confirm, look }),
    (line) => said.push(line),
    ...(more.agrees === undefined ? [] : [async () => more.agrees ?? false]),
  )
  return { status, said: said.join('\n'), calls: transactions.calls.filter((call) => call !== 'look') }
}

describe('hardtui status', () => {
  test('claims nothing of a server that gave half an answer', async () => {
    const { status, said } = await run('status', null, { answers: false })
    expect(status).toBe(EXIT.failed)
    expect(said).not.toContain('Nothing is pending')
  })
})

describe('hardtui confirm', () => {
  test('that finds it rolled back has failed', async () => {
    const end = { phase: 'rolled-back', id: '7f3a', by: 'timer', notes: [], plan: null } as const
    const { status, said } = await run('confirm', {}, { end })
    expect(status).toBe(EXIT.failed)
    expect(said).toContain('Not confirmed')
  })

  test('from elsewhere tells what the first console found, and goes on only with a yes', async () => {
    const first = say`the console that made this change, from 198.51.100.20, could not log in anew: timed out`
    const no = await run('confirm', { first })
    expect(no.calls).toEqual(['takeOver', 'prove'])
    expect(no.status).toBe(EXIT.failed)
    expect(no.said).toContain('could not log in anew')
    const yes = await run('confirm', { first }, { agrees: true })
    expect(yes.calls).toEqual(['takeOver', 'prove', 'confirm heard'])
    expect(yes.status).toBe(EXIT.done)
  })

  test('takes over the operator’s own change, proves a new login and confirms', async () => {
    const { status, said, calls } = await run('confirm', {})
    expect(calls).toEqual(['takeOver', 'prove', 'confirm'])
    expect(status).toBe(EXIT.done)
    expect(said).toContain('Confirmed')
  })

  test('refuses to confirm another operator’s change, and says how it can be done', async () => {
    const { status, said, calls } = await run('confirm', { owner: say`alice`, from: say`203.0.113.50` })
    expect(calls).toEqual([])
    expect(status).toBe(EXIT.failed)
    expect(said).toBe(
      'alice from 203.0.113.50 holds this change: take it over with T in the console (hardtui web1.example.net), or on the server: sh /var/lib/hardtui/guard.sh confirm 7f3a',
    )
  })

  test('says that nothing is pending', async () => {
    expect(await run('confirm', null)).toMatchObject({ status: EXIT.nothingPending, calls: [] })
  })
})

test('hardtui rollback ends anybody’s change: towards reachable', async () => {
  expect((await run('rollback', { owner: say`alice` })).calls).toEqual(['rollback'])
})

test('hardtui status names who holds the change, and what it changes', async () => {
  const { status, said } = await run('status', { owner: say`alice` })
  expect(status).toBe(EXIT.pending)
  expect(said).toContain('A change by alice from 198.51.100.20 is pending since 09:18:07.')
  expect(said).toContain('dport 3306')
})
