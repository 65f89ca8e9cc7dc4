import { describe, expect, test } from 'vitest'
import type { Command } from '../../../src/services/model/command.ts'
import type { ChangePlan } from '../../../src/services/model/plan.ts'
import { type Safe, say } from '../../../src/services/model/safe.ts'
import type { Transaction, Transactions } from '../../../src/services/model/transaction.ts'
import { createTransactions } from '../../../src/services/transaction/machine.ts'
import { benchHost } from '../../support/bench-host.ts'
import { type Bench, benchesOfTests, canRunGuard, until } from '../../support/guard-bench.ts'
import { firewallFacts, hostFacts, INPUT, insertFirst, planOf } from '../../support/plans.ts'

const openBench = benchesOfTests()

let ids = 0
function open(existing?: Bench, limitOnLogins?: (port: number) => Promise<Safe | null>) {
  const bench = existing ?? openBench(['dash'])
  const host = benchHost(bench)
  const transactions = createTransactions({
    host,
    facts: () => hostFacts,
    newId: () => `tx${++ids}`,
    settleMs: 0,
    ...(limitOnLogins ? { limitOnLogins } : {}),
    clock: {
      now: () => Date.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
    },
  })
  const phases: string[] = []
  transactions.subscribe((one) => phases.at(-1) === one.phase || phases.push(one.phase))
  return { bench, host, transactions, phases }
}

const dropAll = (windowSeconds = 30): ChangePlan => {
  const facts = firewallFacts('')
  return planOf(
    facts,
    [insertFirst(facts, '-p tcp -m tcp --dport 22 -j DROP'), { kind: 'policy', at: INPUT, policy: 'DROP' }],
    {
      windowSeconds,
    },
  )
}
const is = (verb: string) => (command: Command) => command.argv.includes(verb)
const phase = <P extends Transaction['phase']>(transactions: Transactions, wanted: P, seconds = 15) =>
  until(
    async () => {
      const now = transactions.state()
      return now.phase === wanted ? (now as Extract<Transaction, { phase: P }>) : null
    },
    seconds,
    `phase ${wanted}, not ${transactions.state().phase}`,
  )
const inputRules = async (bench: Bench) => (await bench.sh('iptables-save | grep -e INPUT')).stdout

describe.runIf(canRunGuard)('a transaction', () => {
  test('goes from check to proof in order, and its confirm makes it last', async () => {
    const { bench, transactions, phases } = open()
    await transactions.apply(dropAll())
    const awaiting = await phase(transactions, 'awaiting-confirm')
    expect(awaiting.proof.outcome).toBe('works')
    expect(awaiting.stages.map((line) => `${line.id} ${line.state}`)).toEqual([
      'checked done',
      'checkpoint done',
      'armed done',
      'applied done',
      'verified done',
      'proved done',
    ])
    expect(phases).toEqual(['checking', 'arming', 'applying', 'verifying', 'proving', 'awaiting-confirm'])
    const left = awaiting.timer.firesAt - Date.now()
    expect(left).toBeGreaterThan(25_000)
    expect(left).toBeLessThanOrEqual(30_000)
    await transactions.confirm()
    expect(transactions.state().phase).toBe('confirmed')
    expect(await inputRules(bench)).toContain(':INPUT DROP')
  })

  test('whose proof fails says why, and one key rolls it back with the plan given back', async () => {
    const { bench, host, transactions } = open()
    host.loginWorks = false
    const plan = dropAll()
    await transactions.apply(plan)
    const awaiting = await phase(transactions, 'awaiting-confirm')
    expect(awaiting.proof).toMatchObject({ outcome: 'fails', why: { kind: 'timeout' } })
    expect(JSON.stringify(awaiting.proof)).not.toContain('limit')
    await transactions.rollback()
    expect(transactions.state()).toMatchObject({ phase: 'rolled-back', by: 'operator', plan })
    expect(await inputRules(bench)).not.toContain('DROP')
  })

  test('whose proof fails where a rule limits new logins says so, and asks about no limit where it works', async () => {
    const asked: number[] = []
    const { host, transactions } = open(undefined, async (port) => {
      asked.push(port)
      return say`v4 filter INPUT 3: -m recent`
    })
    await transactions.apply(dropAll())
    await phase(transactions, 'awaiting-confirm')
    expect(asked).toEqual([])
    host.loginWorks = false
    await transactions.prove()
    expect(asked).toEqual([hostFacts.session.serverPort])
    expect(transactions.state()).toMatchObject({
      phase: 'awaiting-confirm',
      proof: {
        outcome: 'fails',
        why: {
          message: expect.stringContaining(
            'A rate limit on new logins (v4 filter INPUT 3: -m recent) may have dropped it.',
          ),
          next: 'Wait a minute, then prove again with p.',
        },
      },
    })
  })

  test('proves one login at a time', async () => {
    const { host, transactions } = open()
    await transactions.apply(dropAll())
    await phase(transactions, 'awaiting-confirm')
    const before = host.logins()
    await Promise.all([transactions.prove(), transactions.prove()])
    expect(host.logins()).toBe(before + 1)
  })

  test('that nobody confirms is seen to be rolled back by the timer', async () => {
    const { host, transactions } = open()
    host.loginWorks = false
    await transactions.apply(dropAll(4))
    const end = await phase(transactions, 'rolled-back', 12)
    expect(end).toMatchObject({ by: 'timer', notes: [{ grade: 'plain', text: 'v4 rules as they were' }] })
  })

  test('is refused with the reason when the rules moved, and nothing is armed', async () => {
    const { bench, transactions } = open()
    const plan = dropAll()
    await bench.sh('iptables -A INPUT -s 203.0.113.1 -j DROP')
    await transactions.apply(plan)
    const end = await phase(transactions, 'aborted')
    expect(end.reason).toContain('changed since they were read')
    expect(end.reason).toContain('203.0.113.1')
    expect(end.plan).toBe(plan)
  })

  test('tells a second console who holds it, which then sees and can finish it', async () => {
    const first = open()
    await first.transactions.apply(dropAll())
    const second = open(first.bench)
    await second.transactions.apply(dropAll())
    expect((await phase(second.transactions, 'aborted')).reason).toMatch(
      /root \(from 198\.51\.100\.20\) has a change pending since/,
    )
    second.transactions.dismiss()
    await second.transactions.look()
    expect(await phase(second.transactions, 'awaiting-confirm')).toMatchObject({
      timer: { mine: false, owner: 'root' },
    })
    await second.transactions.rollback()
    expect(second.transactions.state()).toMatchObject({ phase: 'rolled-back', plan: null })
    expect(await phase(first.transactions, 'rolled-back')).toMatchObject({ by: 'operator' })
  })

  test('is in doubt when the answer to arming is lost, and reads the truth once the link is back', async () => {
    const { host, transactions } = open()
    host.fault = (command) => (command.privilege === 'root' && command.stdin ? 'answer-lost' : 'never-sent')
    await transactions.apply(dropAll())
    expect(transactions.state()).toMatchObject({ phase: 'in-doubt' })
    host.fault = () => null
    host.setLink({ state: 'up', roundTripMs: 1 })
    const awaiting = await phase(transactions, 'awaiting-confirm')
    expect(awaiting.notice).toContain('nothing was applied')
  })

  test('is in doubt when the link goes before arming reached the server, and then known not to exist', async () => {
    const { host, transactions } = open()
    host.fault = () => 'never-sent'
    await transactions.apply(dropAll())
    expect(transactions.state().phase).toBe('in-doubt')
    host.fault = () => null
    host.setLink({ state: 'up', roundTripMs: 1 })
    expect((await phase(transactions, 'aborted')).reason).toContain('nothing was armed')
  })

  test('whose apply is not answered is found applied once the link is back', async () => {
    const { host, transactions } = open()
    host.fault = (command) => (is('start-apply')(command) ? 'answer-lost' : null)
    await transactions.apply(dropAll())
    expect(['in-doubt', 'awaiting-confirm']).toContain(transactions.state().phase)
    host.setLink({ state: 'up', roundTripMs: 1 })
    const awaiting = await phase(transactions, 'awaiting-confirm')
    expect(awaiting.notice).toBeNull()
  })

  test('whose confirm is not answered is in doubt, and found confirmed', async () => {
    const { host, transactions } = open()
    await transactions.apply(dropAll())
    await phase(transactions, 'awaiting-confirm')
    host.fault = (command) => (is('confirm')(command) ? 'answer-lost' : null)
    await transactions.confirm()
    expect((await phase(transactions, 'confirmed')).phase).toBe('confirmed')
  })

  test('that its own failing step ends is rolled back with the reason', async () => {
    const { bench, host, transactions } = open()
    const started = host.exec
    host.exec = async (command, onLine) => {
      if (is('start-apply')(command)) await bench.sh('iptables -A INPUT -s 203.0.113.1 -j DROP')
      return started(command, onLine)
    }
    await transactions.apply(dropAll())
    const end = await phase(transactions, 'rolled-back')
    expect(end.by).toBe('failure')
  })

  test('is extended by one window, and confirmed without a proof only when told so', async () => {
    const { host, transactions } = open()
    await transactions.apply(dropAll())
    const before = (await phase(transactions, 'awaiting-confirm')).timer.firesAt
    await transactions.extend()
    const extended = await phase(transactions, 'awaiting-confirm')
    expect(extended.timer.firesAt - before).toBeGreaterThan(25_000)
    host.loginWorks = false
    await transactions.confirm('unproven')
    expect(transactions.state().phase).toBe('confirmed')
  })
})
