// An operator in the test's own process: the console's real rooms against a server of the lab, without a screen.
import { randomBytes } from 'node:crypto'
import { limitReader } from '../../src/command-line/read-firewall.ts'
import type { Dial } from '../../src/services/host/dial.ts'
import { createConnect } from '../../src/services/host/host.ts'
import type { AreaId, FactsByArea, StagedChange } from '../../src/services/model/areas.ts'
import type { ProbeOutput } from '../../src/services/model/command.ts'
import type { FirewallFacts, RuleEdit } from '../../src/services/model/firewall.ts'
import type { Ask, Host, HostFacts, Target } from '../../src/services/model/host.ts'
import type { ChangePlan } from '../../src/services/model/plan.ts'
import { factsOf } from '../../src/services/model/reading.ts'
import type { Transaction, Transactions } from '../../src/services/model/transaction.ts'
import type { Listener } from '../../src/services/model/units.ts'
import { createTransactions } from '../../src/services/transaction/machine.ts'
import { AREAS } from '../../src/state/areas/table.ts'
import { planFrom } from '../support/make-plan.ts'
import { staged } from '../support/plans.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { USERS, type User } from './users.ts'

export type Operator = {
  readonly host: Host
  readonly transactions: Transactions
  /** Reads areas of the server anew in one batch: those that plans of rules are made from, unless others are named. */
  readonly read: (ids?: readonly AreaId[]) => Promise<{
    readonly facts: HostFacts
    readonly firewall: FirewallFacts
    readonly listeners: readonly Listener[]
    /** What was read of one of these areas; null where that could not be, or is not there. */
    readonly of: <Id extends AreaId>(id: Id) => FactsByArea[Id] | null
  }>
  /** A plan of edits over the rules as they are now. */
  readonly plan: (
    edits: (firewall: FirewallFacts) => readonly RuleEdit[],
    options?: {
      readonly windowSeconds?: number
      readonly persistence?: 'loader' | 'none'
      /** Changes to files and units beside those to the rules. */
      readonly also?: readonly StagedChange[]
    },
  ) => Promise<ChangePlan>
  readonly close: () => void
}

/** The target of a user on a lab server, with the lab's key and known hosts. */
export const targetOf = (server: Server, user: User, address: string = server.address): Target => ({
  name: server.name,
  host: address,
  port: 22,
  user,
  identityFiles: [server.key],
  agent: null,
  knownHostsFiles: [server.knownHosts],
  hostKeyAlias: address,
})

/** Answers whatever is asked with the user's password. */
export const answering =
  (user: User): Ask =>
  async (question) => {
    const password = USERS[user].password
    if (password === null) return null
    return question.kind === 'keyboard-interactive' ? question.prompts.map(() => password) : [password]
  }

const open = new Set<Operator>()

/** Closes whoever is still logged in; for `afterEach`, so that a test that failed leaves nobody knocking. */
export function closeOperators(): void {
  for (const operator of open) operator.close()
  open.clear()
}

/** The same on one server, where tests run on several at a time. */
export function closeOperatorsOf(server: Server): void {
  for (const operator of open) if (operator.host.target.name === server.name) operator.close()
}

/** Cancels every question. */
export const answersNothing: Ask = async () => null

/**
 * Logs in as the console does, over IPv4 unless another of the server's addresses is given; asked for a password, it
 * gives the user's unless told otherwise.
 */
export async function logIn(
  server: Server,
  user: User = 'root',
  settleMs = 300,
  address: string = server.address,
  ask: Ask = answering(user),
): Promise<Operator> {
  // A stream that comes after the attempt was given up is closed by whoever gave up.
  const dial: Dial = (target) => server.client.connect({ host: address, port: target.port })
  return operate(targetOf(server, user, address), ask, dial, settleMs)
}

/** Logs in as the console does, wherever the target is. */
export async function operate(target: Target, ask: Ask, dial: Dial, settleMs: number): Promise<Operator> {
  const connected = await createConnect({ dial })(target, ask)
  if (!connected.ok) throw new Error(`${connected.error.message} ${connected.error.next}`)
  const host = connected.value
  let facts: HostFacts | null = null
  const read: Operator['read'] = async (ids = ['firewall', 'units']) => {
    const outputs = new Map<string, ProbeOutput>()
    const probes = ids.flatMap((id) => AREAS[id].probes)
    const result = await host.probe(probes, {
      facts: (seen) => {
        facts = seen
      },
      output: (output) => outputs.set(output.id, output),
    })
    if (!result.ok || !facts) throw new Error(result.ok ? 'no facts came' : `${result.error.message}`)
    const seen = facts
    const of = <Id extends AreaId>(area: Id): FactsByArea[Id] | null =>
      factsOf(AREAS[area].parse((id) => outputs.get(id) ?? null, seen, Date.now()))
    const firewall = of('firewall')
    if (!firewall) throw new Error('the firewall could not be read')
    const units = of('units')
    const listeners = [...(units?.units.flatMap((unit) => unit.listeners) ?? []), ...(units?.strayListeners ?? [])]
    return { facts, firewall, listeners, of }
  }
  const transactions = createTransactions({
    host,
    facts: () => facts,
    newId: () => randomBytes(4).toString('hex'),
    settleMs,
    limitOnLogins: limitReader(host),
    clock: {
      now: () => Date.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
    },
  })
  const operator: Operator = {
    host,
    transactions,
    read,
    plan: async (edits, options = {}) => {
      const now = await read()
      const { windowSeconds = 30, persistence = 'none', also = [] } = options
      return planFrom({
        host: now.facts,
        firewall: now.firewall,
        changes: [...edits(now.firewall).map(staged), ...also],
        windowSeconds,
        persistence,
      })
    },
    close: () => {
      open.delete(operator)
      host.close()
    },
  }
  open.add(operator)
  return operator
}

/** Waits for a phase and gives the transaction in it. */
export async function phase<P extends Transaction['phase']>(
  { transactions }: Operator,
  wanted: P,
  timeoutMs = 20_000,
): Promise<Extract<Transaction, { phase: P }>> {
  await until(`phase ${wanted}`, async () => transactions.state().phase === wanted, { timeoutMs })
  return transactions.state() as Extract<Transaction, { phase: P }>
}
