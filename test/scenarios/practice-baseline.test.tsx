import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createConnect } from '../../src/services/host/host.ts'
import { startPractice } from '../../src/services/practice/practice.ts'
import { createTransactions } from '../../src/services/transaction/machine.ts'
import { firewallLists } from '../../src/state/areas/firewall/lists.ts'
import { systemClock } from '../../src/state/clock.ts'
import { openConsole } from '../support/console.tsx'
import { until } from '../support/guard-bench.ts'

test('the baseline is applied to a practice server, a new login works, and afterwards all of it is in force', async (context) => {
  const practice = await startPractice({ attackEveryMs: 0 })
  context.onTestFinished(practice.stop)
  const bench = await openConsole({
    rows: 60,
    connect: (ask) => createConnect({ dial: practice.dial })(practice.target, ask),
    createTransactions: (host, facts) =>
      createTransactions({ host, facts, newId: () => 'baseline1', settleMs: 200, clock: systemClock }),
  })
  await bench.sees('PermitRootLogin', '2 Firewall', 'dport 3306', 'exim4')
  const { store } = bench.console
  await bench.press('2', 'B')
  await bench.sees('Baseline for', /✓ accepted +your next login/)
  await bench.press('S')
  await bench.sees('Staged the baseline')
  await bench.press('A', 'Y')
  const proven = async () => {
    const now = store.getState().transaction
    return now.phase === 'awaiting-confirm' && now.proof.outcome === 'works'
  }
  await until(proven, 60, 'the proof')
  await bench.press('C')
  await until(async () => store.getState().transaction.phase === 'confirmed', 40, 'the confirm')
  for (const family of ['v4', 'v6'])
    expect(readFileSync(`${practice.root}/kernel/${family}.rules`, 'utf8')).toMatch(/:INPUT DROP[\s\S]*:OUTPUT DROP/)
  await bench.press('Enter')
  await bench.sees('1 SSH')
  const now = () => firewallLists(bench.console.lists).baseline(store.getState())
  await until(async () => now()?.changes.length === 0, 60, 'the new reading').catch((error: Error) => {
    const { readings, connection } = store.getState()
    const { firewall, units } = readings.byArea
    const left = now()?.changes.map(({ target, summary }) => `${target} ${summary}`)
    throw new Error(
      `${error.message}: ${JSON.stringify({ reading: connection.reading, firewall: firewall.state, units: units.state === 'present' ? units.facts.whyNoListeners : units, left })}`,
    )
  })
  await bench.press('B')
  await bench.sees('nothing to change', /\[=\] Loopback, in and out .*in force/)
}, 180_000)
