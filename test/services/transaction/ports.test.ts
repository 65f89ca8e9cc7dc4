import { expect, test } from 'vitest'
import type { WayIn } from '../../../src/services/model/host.ts'
import { say } from '../../../src/services/model/safe.ts'
import type { Transaction } from '../../../src/services/model/transaction.ts'
import { createContext, type TransactionDeps } from '../../../src/services/transaction/context.ts'
import { freshStages } from '../../../src/services/transaction/stages.ts'
import { firewallFacts, insertFirst, planOf } from '../../support/plans.ts'

const plan = (() => {
  const facts = firewallFacts('*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n', '')
  return { ...planOf(facts, [insertFirst(facts, '-p tcp -j ACCEPT')]), newPorts: [2222] }
})()
const stages = freshStages()
const notes = [say`x`]

const [DIALLED, MOVED]: readonly (readonly WayIn[])[] = [[{}], [{}, { port: 2222 }]]

test.each<[Transaction, readonly unknown[]]>([
  [
    { phase: 'rolled-back', id: 'a', by: 'timer', notes, stages, plan: null } as unknown as Transaction,
    [MOVED, DIALLED],
  ],
  [{ phase: 'aborted', reason: say`x`, next: say`y`, stages, plan: null } as unknown as Transaction, [MOVED, DIALLED]],
  [{ phase: 'confirmed', id: 'a', notes, lasts: true } as unknown as Transaction, [MOVED, MOVED]],
  [{ phase: 'in-doubt', timer: null, stages, doubt: say`x` } as unknown as Transaction, [MOVED]],
])('a port that sshd was to move to is tried until it is known that it does not: %o', (end, expected) => {
  const tried: (readonly WayIn[])[] = []
  const host = { comeBackBy: (ways: readonly WayIn[]) => tried.push(ways) } as unknown as TransactionDeps['host']
  const context = createContext({ host, newId: () => 'holder' } as unknown as TransactionDeps)
  context.begin('a', plan, new Map())
  context.set(end)
  expect(tried).toEqual(expected)
})
