import { describe, expect, test } from 'vitest'
import { say } from '../../src/services/model/safe.ts'
import type { Transaction } from '../../src/services/model/transaction.ts'
import { type Bench, openConsole } from '../support/console.tsx'
import { awaiting, someTimer, stagesUpTo } from '../support/fake-transactions.ts'
import { note } from '../support/past.ts'

const timer = (bench: Bench) => someTimer(bench.clock.now() + 161_000)
const doubtful = (bench: Bench, armed = true): Transaction => ({
  phase: 'in-doubt',
  timer: armed ? timer(bench) : null,
  stages: stagesUpTo(armed ? 3 : 1),
  doubt: say`No answer while it was under way.`,
})

/** A console whose link went in the given phase. */
async function inDoubt(phase: Transaction['phase'], options: Parameters<typeof openConsole>[0] = {}): Promise<Bench> {
  const bench = await openConsole(options)
  const stages = stagesUpTo(3)
  const before: Partial<Record<Transaction['phase'], () => Transaction>> = {
    arming: () => ({ phase: 'arming', stages }),
    applying: () => ({ phase: 'applying', timer: timer(bench), stages }),
    proving: () => ({ phase: 'proving', timer: timer(bench), stages }),
    'awaiting-confirm': () => awaiting(timer(bench)),
    confirming: () => ({ phase: 'confirming', timer: timer(bench), stages }),
    'rolling-back': () => ({ phase: 'rolling-back', timer: timer(bench), stages, cause: 'operator' }),
  }
  const first = before[phase]
  if (first) bench.transactions.set(first())
  const reason = say`The link was lost.`
  const since = bench.clock.now() - 12_000
  bench.host.setLink({ state: 'lost', since, reason, nextTryAt: bench.clock.now() - 4000 })
  bench.host.setLink({ state: 'lost', since, reason, nextTryAt: bench.clock.now() })
  bench.host.setLink({ state: 'lost', since, reason, nextTryAt: bench.clock.now() + 4000 })
  bench.transactions.set(doubtful(bench, phase !== 'arming'))
  await bench.sees('IN DOUBT')
  return bench
}

describe('a change whose outcome is not known', () => {
  test.each([
    ['arming', 'nothing is changed yet', 'whether the timer got armed'],
    ['applying', 'the timer is armed', 'whether the change is in force'],
    ['proving', 'the change is applied and the timer armed', 'whether a new login works'],
    ['awaiting-confirm', 'nobody confirmed it from here', 'whether it still waits'],
    ['confirming', 'the order to confirm was sent', 'whether it arrived in time'],
    ['rolling-back', 'the order to roll back was given', 'whether it arrived'],
    ['idle', 'is being ended there', 'how it ends'],
  ] as const)('while %s: says what is known and what is not', async (phase, known, unknown) => {
    await (await inDoubt(phase)).sees(known, unknown)
  })

  test('says until when the timer runs, what the link does, and what happens without anybody', async () => {
    const bench = await inDoubt('applying', { columns: 160 })
    await bench.sees(
      'runs on the server until 09:21:07, by the last reading',
      'lost 0:12 ago, 2 tries failed, next try in 4 s: The link was lost.',
      'if no link the server puts everything back at 09:21:07',
      'hardtui status web1.example.net',
      'sh /var/lib/hardtui/guard.sh status',
    )
    bench.clock.advance(3000)
    await bench.sees('lost 0:15 ago', 'next try in 1 s', 'ARMED 2:38')
  })

  test('says that no timer is known where arming was not answered', async () => {
    await (await inDoubt('arming')).sees('none that this console knows of', 'runs out within 3:00 of arming')
  })

  test('loses nothing that matters at 80 × 24', async () => {
    const bench = await inDoubt('applying', { columns: 80, rows: 24 })
    await bench.sees('IN DOUBT', 'No answer', 'known', 'not known', '09:21:07', '2 tries failed', 'guard.sh status')
  })

  test('stays what it was in doubt of, however often the server does not answer', async () => {
    const bench = await inDoubt('confirming')
    bench.transactions.set(doubtful(bench))
    await bench.sees('the order to confirm was sent')
    bench.transactions.set(awaiting(timer(bench)))
    expect(bench.console.store.getState().doubt).toBeNull()
  })
})

test('a change that waits while the link is lost says so, with everything else still in sight', async () => {
  const bench = await openConsole({ columns: 80, rows: 24 })
  bench.transactions.set(awaiting(timer(bench)))
  const now = bench.clock.now()
  bench.host.setLink({ state: 'lost', since: now, reason: say`The link was lost.`, nextTryAt: now + 4000 })
  await bench.sees('The link is lost 0:00 ago', 'next try in 4 s', 'rolls back by itself', 'C confirm, keep it    X')
})

describe('a change that was rolled back', () => {
  const NOTES = [
    note(say`v4 rules as they were (chains)`),
    note(say`kept, as somebody added it meanwhile: -A INPUT -s 192.0.2.1/32 -j ACCEPT`, 'heed'),
    note(say`taken out, because it could shut you out: -A INPUT -j DROP`, 'heed'),
    note(
      say`/etc/ssh/sshd_config had been changed by somebody else meanwhile: that text is kept in the record as save/file.0.found`,
      'heed',
    ),
    note(say`/etc/ssh/sshd_config as it was`),
  ]
  const rolledBack = (notes: typeof NOTES): Transaction => ({
    phase: 'rolled-back',
    id: '7f3a',
    by: 'timer',
    notes,
    plan: null,
  })

  test('shows all that the server says, what others had changed before what went as it should', async () => {
    const bench = await openConsole({ columns: 80, rows: 24 })
    bench.transactions.set(rolledBack(NOTES))
    await bench.sees(
      'ROLLED BACK: the server is as it was',
      '! kept, as somebody added it meanwhile',
      '! taken out, because it could shut you out',
      'save/file.0.found',
      '· v4 rules as they were',
      'Enter back to the panes',
    )
  })

  test('does not claim that all is as it was when something could not be put back', async () => {
    const bench = await openConsole()
    bench.transactions.set(rolledBack([...NOTES, note(say`/etc/x could NOT be put back`, 'lost')]))
    await bench.sees('✗ ROLLED BACK, BUT NOT ALL OF IT', '✗ /etc/x could NOT be put back')
    await bench.lacks('the server is as it was')
  })

  test('lets a long list of notes scroll, with what to do above it', async () => {
    const bench = await openConsole({ columns: 80, rows: 24 })
    bench.transactions.set(rolledBack(Array.from({ length: 40 }, (_, at) => note(say`rule ${at} as it was`))))
    await bench.sees('Enter back to the panes', 'rule 0 as it was', /↓ \d+/)
    await bench.press('G')
    await bench.sees('rule 39 as it was', /↑ \d+/)
  })
})
