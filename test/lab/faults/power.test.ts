import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import { insertFirst } from '../../support/plans.ts'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, phase } from '../operator.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { endings, fileChange, isArmed, isOver, textOf, untilApplied, worldOf } from './world.ts'

const rule = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 81 -j DROP')]
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe
  .skipIf(whyNoLab() !== null)
  .each(kindsFor('the power goes on %s', ['debian12', 'debian13', 'sysvinit'] as const))(
  'the power goes on %s',
  (flavour) => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour })
      // What the first boot wrote and did not flush is none of ours to keep.
      await server.must('sync')
    })
    afterEach(closeOperators)
    afterAll(() => server?.down())

    /** Files and rules of a change to /etc/motd, sshd_config and INPUT, kept over a boot by our own loader. */
    const change = async () => {
      const operator = await logIn(server, 'root', 0)
      const also = [
        await fileChange(server, '/etc/motd', (now) => `${now}changed\n`),
        await fileChange(server, '/etc/ssh/sshd_config', (now) => `MaxAuthTries 4\n${now}`),
      ]
      const plan = await operator.plan(rule, { windowSeconds: 120, also, persistence: 'loader' })
      return { operator, plan }
    }
    // What a moment is called, and whether the change is to outlast it. The waits are part of the matrix.
    const moments = [0, 1, 5].flatMap((seconds) =>
      (['armed', 'applied', 'confirmed'] as const).map((moment) => ({ seconds, moment })),
    )
    const mine = flavour === 'debian12' ? moments : moments.filter(({ seconds }) => seconds === 0)

    test.each(mine)(
      'fault 47: $seconds s after it was $moment: as before or as confirmed, and a login works',
      async ({ seconds, moment }) => {
        const before = await worldOf(server)
        const { operator, plan } = await change()
        const going = operator.transactions.apply(plan)
        await until('the token', () => isArmed(server), { everyMs: 10 })
        if (moment !== 'armed') await untilApplied(server)
        if (moment === 'confirmed') {
          await going
          await phase(operator, 'awaiting-confirm')
          await operator.transactions.confirm()
          expect(operator.transactions.state().phase).toBe('confirmed')
        }
        await pause(seconds * 1000)
        await server.powerCut()
        await server.waitForLogin()
        expect(await isOver(server)).toBe(true)
        expect((await endings(server))[0]).toBe(moment === 'confirmed' ? 'confirmed' : 'rolled-back-boot')
        if (moment !== 'confirmed') {
          expect(await worldOf(server)).toBe(before)
          return
        }
        expect(await textOf(server, '/etc/motd')).toContain('changed')
        expect(await textOf(server, '/etc/ssh/sshd_config')).toContain('MaxAuthTries 4')
        expect(await server.must('iptables-save')).toContain('--dport 81 -j DROP')
        await server.must(
          'sed -i /changed/d /etc/motd; sed -i 1d /etc/ssh/sshd_config; iptables -F; : > /etc/hardtui/rules.v4',
        )
      },
    )

    test('fault 47: at the very moment of a first confirm: the boot finishes it, rules loaded', async () => {
      await server.must('rm -rf /etc/hardtui /etc/init.d/hardtui-rules /etc/systemd/system/hardtui-rules.service')
      const { operator, plan } = await change()
      await operator.transactions.apply(plan)
      await phase(operator, 'awaiting-confirm')
      await server.must(
        `sed -i 's/^install_persisted() {/install_persisted() {\\n  case $verb in confirm) sleep 30 ;; esac/' /var/lib/hardtui/guard.sh; sync`,
      )
      void operator.transactions.confirm()
      await until(
        'the rename',
        async () => (await server.sh('test -e /var/lib/hardtui/current/state.confirmed')).status === 0,
        { everyMs: 20 },
      )
      await server.sh('sync /var/lib/hardtui/current')
      await server.powerCut()
      await server.waitForLogin()
      expect((await endings(server))[0]).toBe('confirmed')
      expect(await server.must('iptables-save')).toContain('--dport 81 -j DROP')
      await server.powerCut()
      await server.waitForLogin()
      expect(await server.must('iptables-save')).toContain('--dport 81 -j DROP')
    })
  },
)
