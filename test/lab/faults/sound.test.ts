import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import { INPUT, insertFirst } from '../../support/plans.ts'
import { withoutCounters, withoutEmptyTables } from '../../support/rule-sets.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, phase } from '../operator.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { isApplied, isArmed, lateness } from './world.ts'

const lockOut = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 22 -j DROP')]
const keepOut = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 81 -j DROP')]
const save = (server: Server): Promise<string> => server.must('iptables-save; ip6tables-save')
const RULE_SETS = {
  empty: '',
  'nat only': 'iptables -t nat -A POSTROUTING -s 192.0.2.0/24 -j MASQUERADE',
  'docker-like and fail2ban-like': `
    iptables -N DOCKER; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER; iptables -A DOCKER-USER -j RETURN
    iptables -A DOCKER -d 192.0.2.200/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
    iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
    iptables -N f2b-sshd; iptables -A f2b-sshd -s 203.0.113.7/32 -j REJECT; iptables -A f2b-sshd -j RETURN
    iptables -I INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
    ip6tables -A INPUT -s 2001:db8:bad::/48 -j DROP
    iptables -A INPUT -m comment --comment 'he said "hi" $(x) \\back' -j ACCEPT`,
} as const

afterEach(closeOperators)

describe.skipIf(whyNoLab() !== null)('whatever breaks', () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
  })
  afterAll(() => server?.down())

  test.each(Object.entries(RULE_SETS))('the rule set “%s” comes back exactly as it was', async (_, make) => {
    await server.powerCut()
    await server.sh(make)
    const before = withoutCounters(await save(server))
    const operator = await logIn(server)
    await operator.transactions.apply(
      await operator.plan((facts) => [
        ...keepOut(facts),
        { kind: 'policy', at: { ...INPUT, family: 'v6' }, policy: 'DROP' },
      ]),
    )
    await phase(operator, 'awaiting-confirm')
    expect(await save(server)).toContain('--dport 81 -j DROP')
    await operator.transactions.rollback()
    await phase(operator, 'rolled-back')
    const after = withoutCounters(await save(server))
    expect(withoutEmptyTables(after)).toBe(withoutEmptyTables(before))
    operator.close()
  })

  test.each([
    ['the network is cut for good', (): Promise<unknown> => server.cut('both', { party: 'client' })],
    ['the answers are cut off', (): Promise<unknown> => server.cut('out', { party: 'client' })],
    [
      'the processes of the session are killed',
      (): Promise<unknown> => server.sh('pkill -9 -f "sshd: root" ; pkill -9 -f "sshd-session: root"'),
    ],
  ])('right after the apply %s: the server lets everybody in again at the deadline', async (_, break_) => {
    const before = withoutEmptyTables(await save(server))
    const operator = await logIn(server)
    const plan = await operator.plan(lockOut, { windowSeconds: 6 })
    const going = operator.transactions.apply(plan)
    await until('the apply', () => isApplied(server), { timeoutMs: 20_000, everyMs: 20 })
    await break_()
    const seconds = await lateness(server)
    expect(seconds).toBeGreaterThanOrEqual(0)
    expect(seconds).toBeLessThan(2)
    expect(withoutEmptyTables(await save(server))).toBe(before)
    await server.heal()
    await server.waitForLogin()
    operator.close()
    await going
  })

  test('a login without root reads nothing of the firewall and says why', async () => {
    const guest = await logIn(server, 'guest')
    await expect(guest.read()).rejects.toThrow('could not be read')
    guest.close()
  })

  test('the timer is never early and never more than two seconds late', async () => {
    const operator = await logIn(server, 'root', 0)
    for (const windowSeconds of [3, 4, 5]) {
      const going = operator.transactions.apply(await operator.plan(keepOut, { windowSeconds }))
      await until('the arming', () => isArmed(server), { timeoutMs: 10_000, everyMs: 20 })
      const seconds = await lateness(server)
      expect(seconds).toBeGreaterThanOrEqual(0)
      expect(seconds).toBeLessThan(2)
      await going
      await phase(operator, 'rolled-back')
      operator.transactions.dismiss()
    }
    operator.close()
  })
})

describe.skipIf(whyNoLab() !== null)('on a host that loads rules at boot', () => {
  let server: Server
  beforeAll(async () => {
    server = await up({ variant: 'persistent' })
  })
  afterAll(() => server?.down())

  test('a confirmed rule is still there after a power cut, and one that nobody confirmed is not', async () => {
    const operator = await logIn(server)
    const plan = await operator.plan(keepOut)
    expect(plan.persistence?.kind).toBe('netfilter-persistent')
    await operator.transactions.apply(plan)
    await operator.transactions.confirm()
    expect(operator.transactions.state()).toMatchObject({ phase: 'confirmed' })
    await operator.transactions.dismiss()
    await operator.transactions.apply(await operator.plan(lockOut))
    operator.close()
    await server.powerCut()
    await server.waitForLogin()
    expect(await save(server)).toContain('--dport 81 -j DROP')
    expect(await save(server)).not.toContain('--dport 22 -j DROP')
  })
})

describe.skipIf(whyNoLab() !== null)('on a host that loads no rules at boot', () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
  })
  afterAll(() => server?.down())

  test('the loader that was asked for brings the confirmed rules back', async () => {
    const operator = await logIn(server)
    await operator.transactions.apply(await operator.plan(keepOut, { persistence: 'loader' }))
    await operator.transactions.confirm()
    expect(operator.transactions.state()).toMatchObject({ phase: 'confirmed' })
    operator.close()
    await server.powerCut()
    await server.waitForLogin()
    expect(await save(server)).toContain('--dport 81 -j DROP')
  })
})
