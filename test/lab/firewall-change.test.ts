import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../src/services/model/firewall.ts'
import { INPUT, insertFirst } from '../support/plans.ts'
import { withoutCounters, withoutEmptyTables } from '../support/rule-sets.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn, phase } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'

const DROP_SSH = '-p tcp -m tcp --dport 22 -j DROP'
const KEEP_WEB = '-p tcp -m tcp --dport 80 -j ACCEPT'
const first =
  (text: string) =>
  (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, text)]
const save = async (server: Server): Promise<string> => await server.must('iptables-save; ip6tables-save')

const KINDS = kindsFor('a firewall change on %s', ['debian12', 'debian13'] as const)

describe.skipIf(whyNoLab() !== null).each(KINDS)('a firewall change on %s', (flavour) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterAll(() => server?.down())

  test.each(['root', 'ops', 'pat'] as const)('goes the whole way as %s, and stays', async (user) => {
    const operator = await logIn(server, user)
    const plan = await operator.plan(
      first(`${KEEP_WEB.replace('80', user === 'root' ? '80' : user === 'ops' ? '81' : '82')}`),
    )
    expect(plan.blockers).toEqual([])
    await operator.transactions.apply(plan)
    const awaiting = await phase(operator, 'awaiting-confirm')
    expect(awaiting.proof).toMatchObject({ outcome: 'works' })
    await operator.transactions.confirm()
    expect(operator.transactions.state()).toMatchObject({ phase: 'confirmed' })
    expect(await save(server)).toContain(`--dport ${user === 'root' ? '80' : user === 'ops' ? '81' : '82'} -j ACCEPT`)
    await until(
      'every trace to be gone but the record',
      async () =>
        !/current|hardtui-/.test(
          await server.must(
            'ls /var/lib/hardtui /etc/systemd/system; systemctl list-units --all "hardtui-*" --plain --no-legend',
          ),
        ),
      { timeoutMs: 5000 },
    )
    operator.close()
  })

  test('that locks the operator out is called so, its proof fails, and the deadline lets him in again', async () => {
    const before = withoutEmptyTables(await save(server))
    const operator = await logIn(server, 'root')
    const plan = await operator.plan(first(DROP_SSH), { windowSeconds: 22 })
    expect(plan.blockers.map((blocker) => blocker.kind)).toEqual(['lock-out'])
    await operator.transactions.apply(plan)
    const awaiting = await phase(operator, 'awaiting-confirm', 40_000)
    expect(awaiting.proof.outcome).toBe('fails')
    expect(await server.canLogin({ timeoutMs: 1500 })).toBe(false)
    const [deadline] = (await server.must('cat /var/lib/hardtui/current/deadline')).split(' ').map(Number)
    await until('the rollback', async () => !(await save(server)).includes(DROP_SSH), {
      timeoutMs: 40_000,
      everyMs: 20,
    })
    const late = (await server.uptime()) - (deadline as number) / 100
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(2)
    await server.waitForLogin()
    expect(withoutEmptyTables(await save(server))).toBe(before)
    operator.close()
  })

  test('with a policy of DROP and no accept is rolled back on request over the running session or by the timer', async () => {
    await server.must('iptables -I INPUT 1 -m conntrack --ctstate ESTABLISHED -j ACCEPT')
    const operator = await logIn(server, 'root')
    const before = withoutCounters(await save(server))
    const plan = await operator.plan(() => [{ kind: 'policy', at: INPUT, policy: 'DROP' }])
    await operator.transactions.apply(plan)
    expect((await phase(operator, 'awaiting-confirm', 40_000)).proof.outcome).toBe('fails')
    await operator.transactions.rollback()
    expect(await phase(operator, 'rolled-back')).toMatchObject({ by: 'operator' })
    expect(withoutCounters(await save(server))).toBe(before)
    expect(await server.canLogin()).toBe(true)
    operator.close()
  })

  test('over IPv6 is guarded by the IPv6 rules, and a lock-out there is called so', async () => {
    await server.must('iptables -F; ip6tables -F')
    const operator = await logIn(server, 'root', 300, server.address6)
    const v6 = { family: 'v6', table: 'filter', chain: 'INPUT' } as const
    const plan = await operator.plan(() => [{ kind: 'policy', at: v6, policy: 'DROP' }])
    expect(plan.blockers.map((blocker) => blocker.kind)).toEqual(['lock-out'])
    await operator.transactions.apply(
      await operator.plan(() => [
        { kind: 'policy', at: v6, policy: 'DROP' },
        ...['-p ipv6-icmp -j ACCEPT', '-p tcp -m tcp --dport 22 -j ACCEPT'].map(
          (text): RuleEdit => ({ kind: 'insert', at: v6, before: null, ruleId: text, text }),
        ),
      ]),
    )
    expect((await phase(operator, 'awaiting-confirm')).proof.outcome).toBe('works')
    await operator.transactions.rollback()
    await phase(operator, 'rolled-back')
    expect(await server.must('ip6tables-save')).not.toContain('INPUT DROP')
    operator.close()
  })
})
