// A limit on how often somebody may log in counts the console's own proofs, which then fail though nobody is shut out.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { insertFirst } from '../../support/plans.ts'
import { up } from '../lab.ts'
import { closeOperatorsOf, logIn } from '../operator.ts'
import type { Server } from '../server.ts'
import { rulesOf, untilOver } from './world.ts'

const NEW = '-p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent'
const LIST = '--name ssh --mask 255.255.255.255 --rsource'

let server: Server
beforeAll(async () => {
  server = await up({ flavour: 'debian12' })
})
afterEach(async () => {
  closeOperatorsOf(server)
  await untilOver(server)
})
afterAll(() => server?.down())

test('fault 72: a proof that a limit on new logins drops says so, and works once the limit lets it', async () => {
  const before = await rulesOf(server)
  const operator = await logIn(server)
  const { transactions } = operator
  const plan = await operator.plan(
    (facts) => [
      insertFirst(facts, `${NEW} --update --seconds 60 --hitcount 4 ${LIST} -j DROP`),
      insertFirst(facts, `${NEW} --set ${LIST}`),
    ],
    { windowSeconds: 120 },
  )
  const proof = () => {
    const now = transactions.state()
    if (now.phase !== 'awaiting-confirm') throw new Error(`it is ${now.phase}`)
    return now.proof
  }
  await transactions.apply(plan)
  expect(proof().outcome).toBe('works')
  for (let more = 4; more > 0 && proof().outcome === 'works'; more--) await transactions.prove()
  const failed = proof()
  expect(failed).toMatchObject({ outcome: 'fails', why: { kind: 'timeout' } })
  const { message, next } = failed.outcome === 'fails' ? failed.why : { message: '', next: '' }
  expect(message).toMatch(/did not answer\. A rate limit on new logins \(v4 filter INPUT \d: .*--hitcount 4 .*may have/)
  expect(next).toContain('Wait a minute')
  await server.must('echo / >/proc/net/xt_recent/ssh')
  await transactions.prove()
  expect(proof().outcome).toBe('works')
  await transactions.rollback()
  expect(await rulesOf(server)).toBe(before)
})
