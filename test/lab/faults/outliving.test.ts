// Ways to lose who watches over a change, or what it rests on, inside the window.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { up } from '../lab.ts'
import { closeOperatorsOf, logIn, type Operator, phase } from '../operator.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { lockOut, untilNoTraces } from './by-hand.ts'
import { eachFlavour } from './each-flavour.ts'
import { CURRENT, deadlineOf, endings, fileChange, lateness, untilApplied, untilOver, worldOf } from './world.ts'

const GUARD = '/var/lib/hardtui/guard.sh'
/** The processes that run a verb of the guard, oldest first: subshells go by the same name. */
const guardPids = async (server: Server, verb: string): Promise<string[]> =>
  (await server.sh(`pgrep -f '^/bin/sh [^ ]*guard.sh ${verb}'`)).stdout.split('\n').filter(Boolean)

eachFlavour('a change whose keepers are lost on %s', (flavour) => {
  const systemd = flavour !== 'sysvinit'
  let server: Server
  let before: string
  beforeAll(async () => {
    server = await up({ flavour })
    before = await worldOf(server, ['ssh'])
  })
  afterEach(() => closeOperatorsOf(server))
  afterAll(() => server?.down())

  /** Locks everybody out, a file along with it, and waits until that is in force. */
  async function begin(windowSeconds: number): Promise<Operator> {
    const operator = await logIn(server, 'root', 0)
    const also = [await fileChange(server, '/etc/motd', (now) => `${now}changed\n`)]
    void operator.transactions.apply(await operator.plan(lockOut, { windowSeconds, also }))
    await untilApplied(server)
    expect(await server.canLogin({ timeoutMs: 500 })).toBe(false)
    return operator
  }

  async function isAsBefore(outcome = 'rolled-back-timer'): Promise<void> {
    await server.waitForLogin({ timeoutMs: 5000 })
    await untilNoTraces(server)
    expect(await worldOf(server, ['ssh'])).toBe(before)
    const [last] = await endings(server)
    expect(last).toBe(outcome)
    const count = await server.must('ls -d /var/lib/hardtui/history/* /var/lib/hardtui/ended.* 2>/dev/null | wc -l')
    await server.must('rm -rf /var/lib/hardtui/history')
    expect(count).toBe('1')
  }

  test.runIf(systemd).each([
    'systemctl isolate multi-user.target',
    // The boot guard is a unit that it knows of now, and starts along with the target: that is no boot.
    'systemctl daemon-reload; systemctl isolate multi-user.target',
    'init 3',
    'systemctl rescue',
  ])(
    'fault 61: %s in the window does not keep anything from coming back',
    async (command) => {
      await begin(6)
      await server.sh(`{ ${command}; } </dev/null >/dev/null 2>&1 &`)
      expect(await lateness(server)).toBeLessThan(2)
      await server.waitForSshd()
      await server.sh('systemctl default --no-block; systemctl start cron rsyslog atd systemd-logind')
      await until('logins to be allowed', async () => (await server.sh('test ! -e /run/nologin')).status === 0)
      await isAsBefore()
    },
    120_000,
  )

  test.runIf(systemd)('fault 62: all units of ours are stopped by name', async () => {
    await begin(6)
    await server.must(`systemctl stop 'hardtui-*'`)
    expect(await lateness(server)).toBeLessThan(2)
    await isAsBefore()
  })

  test.runIf(flavour === 'debian13')(
    'fault 63: a soft reboot leaves the kernel’s rules, and they come back',
    async () => {
      await begin(120)
      await server.sh('systemctl soft-reboot </dev/null >/dev/null 2>&1 &')
      // Whoever looks may be killed along with everything else.
      const record = 'ls -d /var/lib/hardtui/history/*.rolled-back-boot'
      await until('the rollback', async () => (await server.sh(record)).status === 0, { timeoutMs: 60_000 })
      await server.waitForSshd({ timeoutMs: 60_000 })
      await until(
        'the system to be up again',
        async () => /running|degraded/.test((await server.sh('systemctl is-system-running')).stdout),
        { timeoutMs: 60_000 },
      )
      await server.must('systemctl daemon-reload')
      await isAsBefore('rolled-back-boot')
    },
  )

  test.runIf(flavour === 'debian13')('fault 63: a soft reboot is one, though a watch is back by then', async () => {
    await begin(60)
    // As many soft reboots as there never were: what was armed in another one.
    await server.must(`echo 7 >${CURRENT}/meta/soft; systemctl daemon-reload; systemctl start hardtui-rollback.service`)
    await isAsBefore('rolled-back-boot')
  })

  test('fault 64: the watch is stopped by a signal', async () => {
    await begin(6)
    const pids = await guardPids(server, 'watch')
    // One of them may be a program that the watch has just run.
    await server.must(`for pid in ${pids.join(' ')}; do kill -STOP "$pid" || :; done 2>/dev/null`)
    expect(await lateness(server)).toBeLessThan(2)
    await isAsBefore()
  })

  test.runIf(systemd)('fault 64: the group of the watch is frozen', async () => {
    await begin(6)
    await server.must(`systemctl freeze "hardtui-watch-$(cat ${CURRENT}/meta/id).service"`)
    expect(await lateness(server)).toBeLessThan(2)
    await isAsBefore()
  })

  test('fault 64: the rollback is stopped after it took the token', async () => {
    await begin(6)
    const deadline = await deadlineOf(server)
    // Whoever restores asks iptables first: that is where it is held.
    await server.must(`mv /usr/sbin/iptables-nft-save /usr/sbin/iptables-nft-save.real
      printf '#!/bin/sh\\nkill -STOP $PPID $$\\nexec xtables-nft-multi iptables-save "$@"\\n' >/usr/sbin/iptables-nft-save
      chmod 755 /usr/sbin/iptables-nft-save`)
    await until('the token to be taken', async () => (await server.sh(`test -e ${CURRENT}/state.armed`)).status !== 0, {
      everyMs: 50,
    })
    await until(
      'a process to stand still',
      async () => (await server.sh('ps -eo stat,args | grep "^T.*guard.sh"')).status === 0,
    )
    await server.must('mv -f /usr/sbin/iptables-nft-save.real /usr/sbin/iptables-nft-save')
    await untilOver(server)
    const ended = await server.must('cat /var/lib/hardtui/history/*/meta/ended.uptime')
    expect(Number(ended) / 100 - deadline).toBeLessThan(6)
    await isAsBefore()
  })

  test.each([
    ['current', CURRENT],
    ['all of it', '/var/lib/hardtui'],
  ])('fault 65: an administrator removes what the rollback rests on: %s', async (_, path) => {
    const operator = await begin(8)
    await server.must(`rm -rf ${path}`)
    await until('it to be there again', async () => (await server.sh(`test -e ${CURRENT}/state.armed`)).status === 0)
    expect(await lateness(server)).toBeLessThan(2)
    expect(await phase(operator, 'rolled-back', 40_000)).toMatchObject({ by: 'timer' })
    await isAsBefore()
  })

  test('fault 66: iptables becomes legacy in the window', async () => {
    await begin(6)
    await server.must('for one in iptables ip6tables; do update-alternatives --set $one /usr/sbin/$one-legacy; done')
    expect(await lateness(server)).toBeLessThan(2)
    await server.must('for one in iptables ip6tables; do update-alternatives --set $one /usr/sbin/$one-nft; done')
    await isAsBefore()
  })

  test('fault 67: a container’s uptime is its own, and an old login proves nothing all the same', async () => {
    const operator = await logIn(server, 'root', 0)
    // As lxcfs has it for a container that began later than its host; here it stands still.
    await server.must('echo "60.00 60.00" >/run/uptime')
    const going = operator.transactions.apply(
      await operator.plan(
        () => [{ kind: 'policy', at: { family: 'v4', table: 'filter', chain: 'FORWARD' }, policy: 'DROP' }],
        {
          windowSeconds: 60,
        },
      ),
    )
    await going
    await server.must('mount --bind /run/uptime /proc/uptime')
    const id = await server.must(`cat ${CURRENT}/meta/id`)
    const old = await operator.host.exec({
      argv: ['sh', GUARD, 'confirm', id],
      privilege: 'root',
      effect: 'write',
      timeoutMs: 20_000,
    })
    await server.must('umount /proc/uptime')
    expect(old).toMatchObject({ ok: true, value: { stdout: expect.stringContaining('@old this login is older') } })
    await operator.transactions.rollback()
    await isAsBefore('rolled-back-operator')
  })
})
