import type { Duplex } from 'node:stream'
import type { TestContext } from 'vitest'
import { createConnect } from '../../src/services/host/host.ts'
import { type Practice, startPractice } from '../../src/services/practice/practice.ts'
import { createTransactions } from '../../src/services/transaction/machine.ts'
import { createRehearse } from '../../src/services/transaction/rehearse.ts'
import { systemClock } from '../../src/state/clock.ts'
import { type Bench, openConsole } from './console.tsx'
import { until } from './guard-bench.ts'

/** A machine with other work takes long over what takes seconds otherwise. Seconds. */
const PATIENCE = 100

let ids = 0

export type OnPractice = {
  readonly bench: Bench
  readonly practice: Practice
  /** Ends every connection that the console has. */
  readonly cut: () => void
}

/** A console on a practice server: the very scripts that a real server runs, over a real connection. */
export async function onPractice({ onTestFinished }: TestContext): Promise<OnPractice> {
  const practice = await startPractice({ attackEveryMs: 0 })
  onTestFinished(practice.stop)
  const streams = new Set<Duplex>()
  const dial: typeof practice.dial = async (target, signal) => {
    const stream = await practice.dial(target, signal)
    streams.add(stream)
    return stream
  }
  const connect = createConnect({ dial, backOff: [50, 200] })
  const bench = await openConsole({
    rows: 60,
    createRehearse,
    connect: (ask) => connect(practice.target, ask),
    createTransactions: (host, facts, loginPort) =>
      createTransactions({
        host,
        facts,
        loginPort,
        newId: () => `practice${process.pid}${++ids}`,
        settleMs: 100,
        clock: systemClock,
      }),
  })
  await bench.sees('PermitRootLogin', '2 Firewall', 'dport 3306')
  const cut = (): void => {
    for (const stream of streams) stream.destroy()
  }
  return { bench, practice, cut }
}

const transactionOf = (bench: Bench) => bench.console.store.getState().transaction

/** Arms and applies what is staged, once the server's own sshd has had its say. */
export async function applyLast(bench: Bench): Promise<void> {
  const { lists, store } = bench.console
  const blockers = () => lists.plan(store.getState())?.blockers ?? []
  await until(async () => !blockers().some(({ kind }) => kind === 'untried'), PATIENCE, 'the word of sshd')
  if (blockers().length > 0) throw new Error(`blocked: ${JSON.stringify(blockers())}`)
  await bench.press('A', 'Y')
}

/** Waits until a new login has proved what is being applied. */
export async function seesProof(bench: Bench): Promise<void> {
  const ended = ['aborted', 'rolled-back', 'in-doubt']
  const proven = async () => {
    const now = transactionOf(bench)
    if (ended.includes(now.phase) || (now.phase === 'awaiting-confirm' && now.proof.outcome === 'fails'))
      throw new Error(`not proved: ${JSON.stringify(now)}`)
    return now.phase === 'awaiting-confirm'
  }
  await until(proven, PATIENCE, 'the proof').catch((error: Error) => {
    throw new Error(`${error.message}:\n${bench.screen()}`)
  })
}

/** Arms and applies what is staged, and waits until a new login has proved it. */
export async function proveLast(bench: Bench): Promise<void> {
  await applyLast(bench)
  await seesProof(bench)
}

/** Confirms what is proved, and goes back to the panes. */
export async function confirmLast(bench: Bench): Promise<void> {
  await bench.press('C')
  await until(async () => transactionOf(bench).phase === 'confirmed', PATIENCE, 'the confirm')
  await bench.press('Enter')
  await bench.sees('1 SSH')
}

/** Arms, applies and confirms what is staged, and goes back to the panes. */
export async function makeLast(bench: Bench): Promise<void> {
  await proveLast(bench)
  await confirmLast(bench)
}

/** Rolls back what is pending and waits for the server's word on it. */
export async function rollBackLast(bench: Bench): Promise<void> {
  await bench.press('X')
  await until(async () => transactionOf(bench).phase === 'rolled-back', PATIENCE, 'the rollback')
}
