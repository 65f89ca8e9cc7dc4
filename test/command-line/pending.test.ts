import { describe, expect, test } from 'vitest'
import { EXIT, finishPending, type PendingVerb } from '../../src/command-line/pending.ts'
import { say } from '../../src/services/model/safe.ts'
import type { Timer } from '../../src/services/model/transaction.ts'
import { fakeHost } from '../support/fake-host.ts'
import { awaiting, fakeTransactions, someTimer } from '../support/fake-transactions.ts'
import { hostFacts } from '../support/plans.ts'
import { someTexts } from '../support/probe-texts.ts'

const WORKS = { outcome: 'works', detail: say`by key`, elapsedMs: 1 } as const
const PENDING = { outcome: 'pending' } as const

/** Runs a verb as ops, on a server where a change waits. */
async function run(verb: PendingVerb, timer: Partial<Timer> | null) {
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
  const confirm = async (): Promise<void> => {
    transactions.calls.push('confirm')
    transactions.set({ phase: 'confirmed', id: pending.id, notes: [say`saved`] })
  }
  const said: string[] = []
  const status = await finishPending(
    verb,
    host,
    () => ({ ...transactions, prove, confirm }),
    (line) => said.push(line),
  )
  return { status, said: said.join('\n'), calls: transactions.calls.filter((call) => call !== 'look') }
}

describe('hardtui confirm', () => {
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
