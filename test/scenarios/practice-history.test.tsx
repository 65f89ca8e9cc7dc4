import { readFileSync } from 'node:fs'
import { expect, type TestContext, test } from 'vitest'
import { createConnect } from '../../src/services/host/host.ts'
import { startPractice } from '../../src/services/practice/practice.ts'
import { createTransactions } from '../../src/services/transaction/machine.ts'
import { createRehearse } from '../../src/services/transaction/rehearse.ts'
import { systemClock } from '../../src/state/clock.ts'
import { placeOf } from '../../src/state/lists/place.ts'
import { type Bench, openConsole } from '../support/console.tsx'
import { until } from '../support/guard-bench.ts'

let ids = 0

/** A console on a practice server: the very scripts that a real server runs, over a real connection. */
async function onPractice({ onTestFinished }: TestContext) {
  const practice = await startPractice({ attackEveryMs: 0 })
  onTestFinished(practice.stop)
  const bench = await openConsole({
    rows: 60,
    createRehearse,
    connect: (ask) => createConnect({ dial: practice.dial })(practice.target, ask),
    createTransactions: (host, facts) =>
      createTransactions({ host, facts, newId: () => `history${++ids}`, settleMs: 200, clock: systemClock }),
  })
  await bench.sees('PermitRootLogin', '2 Firewall', 'dport 3306')
  return { bench, rules: () => readFileSync(`${practice.root}/kernel/v4.rules`, 'utf8') }
}

const phase = (bench: Bench) => bench.console.store.getState().transaction

/** Arms, applies and confirms what is staged. */
async function makeLast(bench: Bench): Promise<void> {
  await bench.press('A', 'Y')
  const proven = async () => {
    const now = phase(bench)
    return now.phase === 'awaiting-confirm' && now.proof.outcome === 'works'
  }
  await until(proven, 40, 'the proof')
  await bench.press('C')
  await until(async () => phase(bench).phase === 'confirmed', 40, 'the confirm')
  await bench.press('Enter')
  await bench.sees('1 SSH')
}

test('what was confirmed on a practice server is found in its history and undone, to the last rule', async (context) => {
  const { bench, rules } = await onPractice(context)
  const before = rules()
  const { lists, store, actions } = bench.console
  const item = lists.pane(store.getState(), 'firewall').items.find((one) => one.search().includes('3306'))
  await bench.press('2')
  actions.putCursor('firewall', item?.id ?? '')
  await bench.press('x')
  await bench.sees('1 staged')
  await makeLast(bench)
  expect(rules()).not.toContain('3306')
  await bench.press('H')
  await bench.sees(/▸ .*✓ confirmed.*1: v4 filter INPUT 8 - -p tcp/)
  await bench.press('Enter')
  await bench.sees('- -A INPUT -p tcp -m tcp --dport 3306', 'U stages what undoes it: 1 change')
  await bench.press('U')
  await bench.sees('Staged on', '+ -A INPUT -p tcp -m tcp --dport 3306')
  await makeLast(bench)
  const texts = (save: string): string => save.replace(/^\[\d+:\d+\] /gm, '').replace(/ \[\d+:\d+\]$/gm, '')
  expect(texts(rules())).toBe(texts(before))
}, 120_000)

test('the cursor stays on a rule that was confirmed, though it is listed anew', async (context) => {
  const { bench } = await onPractice(context)
  const { lists, store, actions } = bench.console
  const under = () => {
    const { items } = lists.pane(store.getState(), 'firewall')
    return items[placeOf(lists.pane(store.getState(), 'firewall'), store.getState().view.panes.firewall, false)]
  }
  const item = lists.pane(store.getState(), 'firewall').items.find((one) => one.search().includes('3306'))
  await bench.press('2')
  actions.putCursor('firewall', item?.id ?? '')
  await bench.press('a')
  await bench.type('-p tcp -m tcp --dport 4444 -j ACCEPT')
  await bench.press('Enter')
  await bench.sees('1 staged')
  const staged = under()
  expect(staged?.search()).toContain('4444')
  await makeLast(bench)
  // Until the server's rules were read again, nothing lists it: neither what is staged nor what was read.
  const isListed = () => lists.pane(store.getState(), 'firewall').items.some((one) => one.search().includes('4444'))
  await until(async () => !store.getState().staging.changes.length && isListed(), 40, 'the rules anew')
  expect(under()?.id).not.toBe(staged?.id)
  expect(under()?.search()).toContain('4444')
}, 120_000)
