import { expect, test } from 'vitest'
import { ok } from '../../../src/services/model/errors.ts'
import type { Host } from '../../../src/services/model/host.ts'
import { createTransactions } from '../../../src/services/transaction/machine.ts'
import { readStatus } from '../../../src/services/transaction/protocol.ts'
import { hostFacts } from '../../support/plans.ts'

const ARMED = ['@state armed', '@id 7f3a', '@owner root', '@left 12000', '@applied yes', '@end status'].join('\n')
const MOVED_AWAY = [
  '@state reverted',
  '@id ',
  '@owner ',
  '@left 0',
  '@ended rolled-back-operator',
  '@note v4 rules',
  '@end status',
].join('\n')
const ENDED = ['@state none', '@ended rolled-back-operator', '@note v4 rules', '@end status'].join('\n')
const LATE = ['@state reverting', '@id 7f3a', '@owner root', '@left 11000', '@applied yes', '@end status'].join('\n')

/** A console whose server gives these answers, one after the other. */
function consoleOf(...answers: readonly string[]) {
  const left = [...answers]
  const exec: Host['exec'] = async () => ok({ status: 0, stdout: left.shift() ?? ENDED, stderr: '' })
  const never = () => () => {}
  const host = {
    exec,
    onLink: never,
    link: () => ({ state: 'up', roundTripMs: null }),
    comeBackBy: () => {},
  } as unknown as Host
  return createTransactions({
    host,
    facts: () => hostFacts,
    newId: () => 'me',
    settleMs: 0,
    clock: { now: () => 0, after: never },
  })
}

test('an answer that was cut off says nothing, whatever stands in its first half', async () => {
  expect(readStatus('@state none', 0, () => false)).toBeNull()
  const transactions = consoleOf('@state none', ARMED, '@state none')
  expect(await transactions.look()).toBe(false)
  expect(await transactions.look()).toBe(true)
  expect(await transactions.look()).toBe(false)
  expect(transactions.state()).toMatchObject({ phase: 'awaiting-confirm' })
})

test('a change whose record somebody removed ended nobody knows how', async () => {
  const transactions = consoleOf(ARMED, ['@state none', '@ended unknown', '@end status'].join('\n'))
  await transactions.look()
  await transactions.look()
  expect(transactions.state()).toMatchObject({ phase: 'lost', id: '7f3a', known: expect.stringContaining('root') })
  transactions.dismiss()
  expect(transactions.state()).toEqual({ phase: 'idle' })
})

test('a change whose folder is moved to the history while it is read has ended as the record says', async () => {
  const status = readStatus(MOVED_AWAY, 0, () => false)
  expect(status).toMatchObject({ state: 'none', timer: null, ended: { outcome: 'rolled-back', cause: 'operator' } })
  const transactions = consoleOf(ARMED, MOVED_AWAY, '@state none')
  await transactions.look()
  expect(transactions.state()).toMatchObject({ phase: 'awaiting-confirm', timer: { id: '7f3a' } })
  await transactions.look()
  expect(transactions.state()).toMatchObject({ phase: 'rolled-back', id: '7f3a', by: 'operator' })
  await transactions.look()
  expect(transactions.state()).toMatchObject({ phase: 'rolled-back', id: '7f3a' })
})

test('an answer that was asked for before the end and comes after it brings nothing back', async () => {
  const transactions = consoleOf(ARMED, ENDED, LATE)
  for (let looks = 0; looks < 3; looks++) await transactions.look()
  expect(transactions.state()).toMatchObject({ phase: 'rolled-back', id: '7f3a', by: 'operator' })
})
