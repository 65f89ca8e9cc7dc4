import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, type TestContext, test } from 'vitest'
import { createConnect } from '../../../src/services/host/host.ts'
import type { ProbeOutput } from '../../../src/services/model/command.ts'
import type { FirewallFacts } from '../../../src/services/model/firewall.ts'
import type { Host, HostFacts } from '../../../src/services/model/host.ts'
import { factsOf } from '../../../src/services/model/reading.ts'
import type { Transactions } from '../../../src/services/model/transaction.ts'
import { type Practice, startPractice } from '../../../src/services/practice/practice.ts'
import { createTransactions } from '../../../src/services/transaction/machine.ts'
import { AREAS } from '../../../src/state/areas/table.ts'
import { until } from '../../support/guard-bench.ts'
import { planFrom } from '../../support/make-plan.ts'
import { INPUT, insertFirst, planOf, stagedFile, textChange } from '../../support/plans.ts'

type Console = {
  readonly practice: Practice
  readonly host: Host
  readonly facts: HostFacts
  readonly firewall: FirewallFacts
  readonly transactions: Transactions
}

let ids = 0

/** A console on a practice server, by the very parts that a real host is reached with; nothing may be asked. */
async function openConsole({ onTestFinished }: TestContext): Promise<Console> {
  const practice = await startPractice({ attackEveryMs: 0 })
  onTestFinished(practice.stop)
  const connected = await createConnect({ dial: practice.dial })(practice.target, () =>
    Promise.reject(new Error('nothing should be asked')),
  )
  if (!connected.ok) throw new Error(connected.error.message)
  const host = connected.value
  onTestFinished(host.close)
  let facts: HostFacts | null = null
  const outputs = new Map<string, ProbeOutput>()
  const probes = Object.values(AREAS).flatMap((area) => area.probes)
  await host.probe(probes, { facts: (found) => (facts = found), output: (output) => outputs.set(output.id, output) })
  if (!facts) throw new Error('no facts of the host')
  const firewall = factsOf(AREAS.firewall.parse((id) => outputs.get(id) ?? null, facts, Date.now()))
  if (!firewall) throw new Error('the firewall was not read')
  const transactions = createTransactions({
    host,
    facts: () => facts,
    newId: () => `practice${++ids}`,
    settleMs: 200,
    clock: {
      now: () => Date.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
    },
  })
  return { practice, host, facts, firewall, transactions }
}

/** Processes of the practice server with this word in their command lines. */
const processesOf = ({ practice }: Console, word: string): number =>
  Number(spawnSync('pgrep', ['-fc', `${practice.root}/.*${word}`]).stdout.toString())

const rulesOf = ({ practice }: Console): string => readFileSync(`${practice.root}/kernel/v4.rules`, 'utf8')
const notes = (transactions: Transactions): string => JSON.stringify(transactions.state())

describe.concurrent('a change on a practice server', () => {
  test('is armed, applied, proved by a new login and confirmed', async (context) => {
    const one = await openConsole(context)
    expect(one.facts).toMatchObject({ hostname: 'practice', os: 'Debian GNU/Linux 12 (practice)', init: 'systemd' })
    expect(one.facts).toMatchObject({ login: { user: 'root', uid: 0, escalation: 'root' } })
    const plan = planOf(one.firewall, [insertFirst(one.firewall, '-p tcp -m tcp --dport 8443 -j ACCEPT')])
    await one.transactions.apply(plan)
    expect(one.transactions.state(), notes(one.transactions)).toMatchObject({
      phase: 'awaiting-confirm',
      proof: { outcome: 'works' },
    })
    expect(rulesOf(one)).toContain('--dport 8443 -j ACCEPT')
    expect(processesOf(one, 'guard.sh standby')).toBe(1)
    await one.transactions.confirm()
    expect(one.transactions.state(), notes(one.transactions)).toMatchObject({ phase: 'confirmed' })
    expect(rulesOf(one)).toContain('--dport 8443 -j ACCEPT')
  }, 60_000)

  test('to files stays below its own root, and they are put back there', async (context) => {
    const one = await openConsole(context)
    const name = `hardtui-practice-${process.pid}`
    const inside = join(one.practice.root, 'etc', name)
    const there = join(one.practice.root, 'etc/os-release')
    const was = readFileSync(there, 'utf8')
    const plan = planFrom({
      host: one.facts,
      firewall: one.firewall,
      changes: [
        stagedFile(textChange(`/etc/${name}`, 'practice\n', null)),
        stagedFile(textChange('/etc/os-release', `${was}# changed`, was)),
      ],
      windowSeconds: 30,
    })
    await one.transactions.apply(plan)
    expect(one.transactions.state(), notes(one.transactions)).toMatchObject({ phase: 'awaiting-confirm' })
    expect(readFileSync(inside, 'utf8')).toBe('practice\n')
    expect(readFileSync(there, 'utf8')).toBe(`${was}# changed`)
    expect(existsSync(`/etc/${name}`)).toBe(false)
    await one.transactions.rollback()
    expect(one.transactions.state(), notes(one.transactions)).toMatchObject({ phase: 'rolled-back' })
    expect(existsSync(inside)).toBe(false)
    expect(readFileSync(there, 'utf8')).toBe(was)
  }, 60_000)

  test('that locks out is felt, and rolled back by the server’s own timer', async (context) => {
    const one = await openConsole(context)
    const before = rulesOf(one)
    const plan = planOf(
      one.firewall,
      [insertFirst(one.firewall, '-p tcp -m tcp --dport 22 -j DROP'), { kind: 'policy', at: INPUT, policy: 'DROP' }],
      { windowSeconds: 8 },
    )
    const applied = one.transactions.apply(plan)
    await until(async () => rulesOf(one).includes('--dport 22 -j DROP'), 60, 'the change')
    await until(async () => rulesOf(one) === before, 40, 'the rollback')
    await applied
    await until(async () => one.transactions.state().phase === 'rolled-back', 40, 'the console to hear of it')
    expect(one.transactions.state(), notes(one.transactions)).toMatchObject({ phase: 'rolled-back', by: 'timer' })
  }, 120_000)
})
