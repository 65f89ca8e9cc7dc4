import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import { INPUT, insertFirst } from '../../support/plans.ts'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, type Operator, phase } from '../operator.ts'
import { PATIENCE, until } from '../run.ts'
import type { Server } from '../server.ts'
import { CURRENT, endings, isArmed, lateness, rulesOf, untilApplied, untilOver } from './world.ts'

const dropSsh = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 22 -j DROP')]
const dropAll = (): RuleEdit[] => [{ kind: 'policy', at: INPUT, policy: 'DROP' }]
const dropNew = (facts: FirewallFacts): RuleEdit[] => [
  insertFirst(facts, '-p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j DROP'),
]

/** Starts a change that is left to the timer, and waits until it is in force. */
async function begin(
  server: Server,
  edits: (facts: FirewallFacts) => RuleEdit[],
  windowSeconds: number,
  user: 'root' | 'ops' = 'root',
): Promise<{ readonly operator: Operator; readonly going: Promise<void> }> {
  const operator = await logIn(server, user, 0)
  const going = operator.transactions.apply(await operator.plan(edits, { windowSeconds }))
  await untilApplied(server)
  return { operator, going }
}

const onTime = async (server: Server, tolerance: number): Promise<void> => {
  const late = await lateness(server)
  expect(late).toBeGreaterThanOrEqual(0)
  expect(late).toBeLessThan(tolerance)
}

describe
  .skipIf(whyNoLab() !== null)
  .each(kindsFor('while the timer runs on %s', ['debian12', 'debian13', 'sysvinit'] as const))(
  'while the timer runs on %s',
  (flavour) => {
    let server: Server
    let before: string
    beforeAll(async () => {
      server = await up({ flavour })
      before = await rulesOf(server)
    })
    afterEach(async () => {
      closeOperators()
      await server.heal()
      await untilOver(server)
      expect(await rulesOf(server)).toBe(before)
      await server.waitForLogin()
    })
    afterAll(() => server?.down())
    const systemd = flavour !== 'sysvinit'
    /** The oldest: its subshells go by the same name. */
    const watchPid = async (): Promise<string> =>
      (await server.sh(`pgrep -o -f '^/bin/sh /var/lib/hardtui/guard.sh watch'`)).stdout.trim()

    test('fault 39: everything is dropped: the old link is seen dead within 8 s and the server is back at the deadline', async () => {
      const { operator } = await begin(server, dropAll, 14)
      const since = Date.now()
      await until('the loss to be noticed', () => operator.host.link().state === 'lost', { everyMs: 50 })
      expect((Date.now() - since) / 1000).toBeLessThan(8.5)
      await onTime(server, 2)
      await until('the link to be back', () => operator.host.link().state === 'up', { timeoutMs: 30_000 })
      expect(await phase(operator, 'rolled-back', 30_000)).toMatchObject({ by: 'timer' })
    })

    test('fault 40: the old session lives on while new ones are refused, and it may not confirm', async () => {
      // conntrack has to know the session before a rule asks for its state.
      await server.must('iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; iptables -D INPUT 1')
      const { operator, going } = await begin(server, dropNew, 20)
      await going
      expect(operator.transactions.state()).toMatchObject({ phase: 'awaiting-confirm', proof: { outcome: 'fails' } })
      const id = await server.must(`cat ${CURRENT}/meta/id`)
      const old = await operator.host.exec({
        argv: ['sh', '/var/lib/hardtui/guard.sh', 'confirm', id],
        privilege: 'root',
        effect: 'write',
        timeoutMs: 20_000,
      })
      expect(old).toMatchObject({ ok: true, value: { stdout: expect.stringContaining('@old this login is older') } })
      await onTime(server, 2)
    })

    test('fault 41: the watch that is killed comes back and keeps the deadline', async () => {
      // Long enough for all of it.
      await begin(server, dropSsh, 6 * PATIENCE)
      for (let kills = 0; kills < 4; kills++) {
        const pid = await watchPid()
        await server.must(`kill -9 ${pid}`)
        await until('another watch', async () => !['', pid].includes(await watchPid()), { everyMs: 50 })
      }
      await onTime(server, 2)
    })

    test.runIf(!systemd)(
      'fault 41: the keeper that is killed is missed by its watch, and both are there again',
      async () => {
        await begin(server, dropSsh, 8)
        const keeper = `$(cat ${CURRENT}/jobs/hardtui-watch-*)`
        const old = await server.must(`echo ${keeper}; kill -9 ${keeper}`)
        await until('another keeper', async () => (await server.must(`echo ${keeper}`)) !== old, { everyMs: 50 })
        await onTime(server, 2)
      },
    )

    test.runIf(systemd)(
      'fault 42: watch and standby are stopped for good and stood in for by the second trigger',
      async () => {
        await begin(server, dropSsh, 10)
        // Its line starts a watch with the next minute, which may come before the deadline: not what is asked here.
        await server.must('rm /etc/cron.d/hardtui')
        // A standby that was about to be relieved is not the one to stop, and one that lives starts the watch anew.
        const stopped = `watch="hardtui-watch-$(cat ${CURRENT}/meta/id).service"; one=$(cat /run/hardtui/standby)
          kill -STOP "$one"; systemctl stop "$watch"
          grep -q '^State:.T' /proc/"$one"/status && [ "$(cat /run/hardtui/standby)" = "$one" ] && ! systemctl is-active --quiet "$watch"`
        await until('both to be stopped', async () => (await server.sh(stopped)).status === 0)
        const late = await lateness(server)
        // The second trigger is set three seconds behind the first.
        expect(late).toBeGreaterThan(1)
        expect(late).toBeLessThan(6)
      },
    )

    test.runIf(!systemd)(
      'fault 42: keeper, watch and standby are killed and cron starts a watch within a minute',
      async () => {
        await begin(server, dropSsh, 5)
        expect(await server.must('atq')).not.toBe('')
        expect(await server.must('cat /etc/cron.d/hardtui')).toContain('guard.sh tick')
        await server.must(`kill -9 $(cat /run/hardtui/standby) -$(cat ${CURRENT}/jobs/hardtui-watch-*)`)
        expect(await lateness(server)).toBeLessThan(62)
        expect((await server.sh('test -e /etc/cron.d/hardtui')).status).toBe(1)
        expect(await server.must('atq')).toBe('')
      },
    )

    test.runIf(systemd)(
      'fault 43: daemon-reload and daemon-reexec again and again do not move the deadline',
      async () => {
        await begin(server, dropSsh, 8)
        const storm = server.sh(
          `while [ -e ${CURRENT}/state.armed ]; do systemctl daemon-reload; systemctl daemon-reexec; done`,
        )
        await onTime(server, 2)
        await storm
      },
    )

    test.runIf(systemd)('fault 45: with KillUserProcesses=yes the end of the session takes nothing along', async () => {
      await server.must(
        `mkdir -p /etc/systemd/logind.conf.d; printf '[Login]\\nKillUserProcesses=yes\\n' > /etc/systemd/logind.conf.d/kill.conf
         systemctl restart systemd-logind`,
      )
      const { operator } = await begin(server, dropSsh, 7, 'ops')
      operator.close()
      await server.must('loginctl terminate-user ops || :')
      await onTime(server, 2)
    })

    test('fault 46: a clean reboot rolls back before sshd listens, files too', async () => {
      const { operator } = await begin(server, dropSsh, 120)
      operator.close()
      await server.reboot()
      await server.waitForLogin()
      expect((await endings(server))[0]).toBe('rolled-back-boot')
      expect(await isArmed(server)).toBe(false)
      if (systemd) {
        const order = await server.must(
          `systemctl show -p ExecMainExitTimestampMonotonic --value hardtui-rollback.service
           systemctl show -p ActiveEnterTimestampMonotonic --value ssh.service`,
        )
        const [guard, ssh] = order.split('\n').flatMap((line) => (line ? [Number(line)] : []))
        expect(guard).toBeGreaterThan(0)
        expect(guard).toBeLessThan(ssh as number)
      } else {
        // The time of the record against sshd's start, both since this boot.
        const [ended, ssh] = await Promise.all([
          server.must('cat "$(ls -td /var/lib/hardtui/history/* | head -n 1)/meta/ended.uptime"'),
          server.must(`awk '{ print $22 }' /proc/$(cat /run/sshd.pid)/stat`),
        ])
        expect(Number(ended)).toBeLessThanOrEqual(Number(ssh))
      }
      expect((await server.sh('ls /etc/rcS.d /etc/systemd/system /etc/cron.d | grep -i hardtui')).stdout).toBe('')
    })
  },
)
