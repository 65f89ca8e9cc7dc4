import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../src/services/model/firewall.ts'
import { insertFirst } from '../support/plans.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn, type Operator, phase } from './operator.ts'
import { LAB_DIR } from './paths.ts'
import type { Server } from './server.ts'

const PROGRAM = join(LAB_DIR, '../../dist/hardtui.js')
const block = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 81 -j DROP')]

const KINDS = kindsFor('a pending change on %s', ['debian12', 'debian13'] as const)

describe.skipIf(whyNoLab() !== null).each(KINDS)('a pending change on %s', (flavour) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterAll(() => server?.down())

  const pending = async (): Promise<Operator> => {
    const operator = await logIn(server)
    await operator.transactions.apply(await operator.plan(block))
    await phase(operator, 'awaiting-confirm')
    return operator
  }
  const hardtui = (verb: string, user = 'ops') =>
    server.client.run(
      [
        process.execPath,
        PROGRAM,
        verb,
        '-i',
        server.key,
        '-o',
        `UserKnownHostsFile=${server.knownHosts}`,
        `${user}@${server.address}`,
      ],
      { env: server.client.env() },
    )
  const rule = async (): Promise<boolean> => (await server.must('iptables-save')).includes('--dport 81 -j DROP')

  test('is told and rolled back by the commands that need no console', async () => {
    expect(await hardtui('status')).toMatchObject({ status: 0, stdout: 'Nothing is pending on this server.\n' })
    expect(await hardtui('rollback')).toMatchObject({ status: 4 })
    const operator = await pending()
    const told = await hardtui('status')
    expect(told.status).toBe(3)
    expect(told.stdout).toContain(`A change by root from ${server.client.address} is pending since`)
    expect(told.stdout).toContain('--dport 81 -j DROP')
    expect(await hardtui('rollback')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Rolled back (operator).'),
    })
    expect(await rule()).toBe(false)
    expect(await phase(operator, 'rolled-back')).toMatchObject({ by: 'operator' })
    operator.close()
  })

  test('is finished by any root shell, but confirmed only from a login newer than the change', async () => {
    const operator = await pending()
    const id = await server.must('cat /var/lib/hardtui/current/meta/id')
    const old = await operator.host.exec({
      argv: ['sh', '/var/lib/hardtui/guard.sh', 'confirm', id],
      privilege: 'root',
      effect: 'write',
      timeoutMs: 20_000,
    })
    expect(old).toMatchObject({ ok: true, value: { stdout: expect.stringContaining('@old') } })
    const status = await server.client.ssh('sh /var/lib/hardtui/guard.sh status')
    expect(status.stdout).toContain(`To keep it: log in anew, then sh /var/lib/hardtui/guard.sh confirm ${id}`)
    const fresh = await server.client.ssh(`sudo sh /var/lib/hardtui/guard.sh confirm ${id}`, { user: 'ops' })
    expect(fresh.stdout).toContain(`@confirmed ${id}`)
    expect(await rule()).toBe(true)
    expect(await phase(operator, 'confirmed')).toBeTruthy()
    operator.close()
  })

  test('is confirmed by the command, after it proved a new login', async () => {
    await server.must('iptables -F')
    const operator = await pending()
    expect(await hardtui('confirm', 'root')).toMatchObject({ status: 0, stdout: expect.stringContaining('Confirmed') })
    expect(await rule()).toBe(true)
    operator.close()
  })
})
