// A password goes to the server while the change is applied, on standard input, and is nowhere else.
import { expect, test } from 'vitest'
import type { AccountChange } from '../../../src/services/model/account.ts'
import type { Command } from '../../../src/services/model/command.ts'
import { ok } from '../../../src/services/model/errors.ts'
import type { Link } from '../../../src/services/model/host.ts'
import type { Transaction } from '../../../src/services/model/transaction.ts'
import { createTransactions } from '../../../src/services/transaction/machine.ts'
import { accountPlan } from '../../support/account-bench.ts'
import { handClock } from '../../support/hand-clock.ts'
import { hostFacts } from '../../support/plans.ts'

const PASSWORD = 'correct horse: battery'
const create = (more: Partial<Extract<AccountChange, { verb: 'create' }>> = {}): AccountChange => ({
  ...{ verb: 'create', name: 'dora', groups: [], shell: '/bin/sh', keys: [], password: true },
  ...more,
})

/** Applies a plan on a server that says yes to everything, and gives what was sent and shown. */
async function applying(changes: readonly AccountChange[], secrets?: ReadonlyMap<string, string>) {
  const sent: Command[] = []
  const states: Transaction[] = []
  const transactions = createTransactions({
    host: {
      exec: async (command) => {
        sent.push(command)
        const armed = command.stdin?.startsWith('@@') ?? false
        return ok({ status: 0, stdout: armed ? '@armed tx1 3000 x x\n' : '@failed on purpose\n', stderr: '' })
      },
      proveFreshLogin: () => Promise.reject(new Error('nobody proves anything here')),
      link: (): Link => ({ state: 'up', roundTripMs: 1 }),
      onLink: () => () => {},
      comeBackBy: () => {},
    },
    facts: () => hostFacts,
    clock: handClock(),
    newId: () => 'tx1',
    settleMs: 0,
  })
  transactions.subscribe((one) => states.push(one))
  await transactions.apply(accountPlan(changes), secrets)
  return { sent, states }
}

test('it is on standard input of the apply alone, for the accounts that are to have one', async () => {
  const secrets = new Map([
    ['dora', PASSWORD],
    ['eve', 'of another plan'],
  ])
  const { sent, states } = await applying([create(), create({ name: 'felix', password: false })], secrets)
  const [arm, apply] = sent
  expect(sent).toHaveLength(2)
  expect(apply?.stdin).toBe(`dora:${PASSWORD}\n`)
  expect(JSON.stringify([arm, apply?.argv, states])).not.toContain(PASSWORD)
  expect(arm?.stdin).toContain('0 create dora /bin/sh - password\n1 create felix /bin/sh - none\n')
})

test('without any, nothing is on standard input', async () => {
  const { sent } = await applying([create({ password: false })])
  expect(sent[1]).not.toHaveProperty('stdin')
})

test.each([
  ['none was typed', undefined],
  ['it holds a line end', new Map([['dora', 'a\nroot:b']])],
])('nothing is sent where %s', async (_, secrets) => {
  const { sent, states } = await applying([create()], secrets)
  expect(sent).toEqual([])
  expect(states.at(-1)).toMatchObject({ phase: 'aborted', reason: expect.stringContaining('password for dora') })
})

test('nothing is sent of an account that can’t travel, whoever made the plan', async () => {
  const { sent, states } = await applying([create({ name: 'a b', password: false })])
  expect(sent).toEqual([])
  expect(states.at(-1)).toMatchObject({ phase: 'aborted' })
})
