import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { insertFirst } from '../../support/plans.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, operate, phase, targetOf } from '../operator.ts'
import type { Server } from '../server.ts'

describe.skipIf(whyNoLab() !== null)('a change that shuts out one address', () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
  })
  afterEach(closeOperators)
  afterAll(() => server?.down())

  test('fault 76: is not confirmed from another one before it is heard that the first console was shut out', async () => {
    const operator = await logIn(server)
    const shut = `-s ${server.client.address}/32 -p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT --reject-with tcp-reset`
    await operator.transactions.apply(
      await operator.plan((facts) => [insertFirst(facts, shut)], { windowSeconds: 120 }),
    )
    expect(await phase(operator, 'awaiting-confirm')).toMatchObject({ proof: { outcome: 'fails' } })

    const elsewhere = await operate(
      targetOf(server, 'root', server.address),
      async () => null,
      (target) => server.bystander.connect({ host: server.address, port: target.port }),
      0,
    )
    await elsewhere.read()
    await elsewhere.transactions.look()
    await elsewhere.transactions.takeOver()
    await elsewhere.transactions.prove()
    const waiting = await phase(elsewhere, 'awaiting-confirm')
    expect(waiting.proof.outcome).toBe('works')
    expect(waiting.timer.first).toContain('could not log in anew')
    await elsewhere.transactions.confirm()
    expect(await phase(elsewhere, 'awaiting-confirm')).toMatchObject({
      notice: expect.stringContaining('could not log in anew'),
    })
    await elsewhere.transactions.confirm('heard')
    await phase(elsewhere, 'confirmed')
    await server.must('iptables -F INPUT')
  })
})
