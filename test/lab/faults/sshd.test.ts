import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { up } from '../lab.ts'
import { closeOperatorsOf, logIn, type Operator, phase } from '../operator.ts'
import { PATIENCE, until } from '../run.ts'
import type { Server } from '../server.ts'
import { applyIt, arm, keepOut, refusal, untilNoTraces } from './by-hand.ts'
import { eachFlavour } from './each-flavour.ts'
import { deadlineOf, endings, fileChange, isArmed, lateness, untilApplied, untilOver, worldOf } from './world.ts'

const CONFIG = '/etc/ssh/sshd_config'

eachFlavour('sshd on %s', (flavour) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterEach(() => closeOperatorsOf(server))
  afterAll(() => server?.down())

  const service = (verb: string): string => (flavour === 'sysvinit' ? `service ssh ${verb}` : `systemctl ${verb} ssh`)
  const planOf = async (operator: Operator, lines: string, windowSeconds = 4) =>
    operator.plan(keepOut, {
      windowSeconds,
      also: [await fileChange(server, CONFIG, (now) => `${lines}\n${now}`)],
    })
  const worldWithSshd = (): Promise<string> => worldOf(server, ['ssh'])

  test('fault 34: that accepts its configuration and dies of it listens again, and lets in', async () => {
    const before = await worldWithSshd()
    const operator = await logIn(server)
    const going = operator.transactions.apply(await planOf(operator, 'ListenAddress 203.0.113.1', 8))
    await until('the arming', () => isArmed(server))
    // It need not wait for the deadline: that nobody listens is seen at once.
    expect(await lateness(server)).toBeLessThan(2)
    expect(server.listens()).toBe(true)
    expect(await server.login()).toMatchObject({ ok: true })
    await untilNoTraces(server)
    expect(await worldWithSshd()).toBe(before)
    expect((await endings(server))[0]).toMatch(/^rolled-back-(failure|timer)$/)
    await going
  })

  test.each([
    ['on another port', 'Port 2222'],
    ['for nobody', 'AllowUsers nobody'],
  ])('fault 34: that serves %s fails its proof, and lets in again at the deadline', async (_, lines) => {
    const before = await worldWithSshd()
    const operator = await logIn(server)
    const going = operator.transactions.apply(await planOf(operator, lines))
    await untilApplied(server)
    expect(await server.canLogin({ timeoutMs: 1000 })).toBe(false)
    const late = await lateness(server)
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(2)
    expect(await server.login()).toMatchObject({ ok: true })
    await untilNoTraces(server)
    expect(await worldWithSshd()).toBe(before)
    expect((await endings(server))[0]).toBe('rolled-back-timer')
    await going
  })

  describe('fault 81: that is to move to a port which a user of the server has', () => {
    const listener = `$s = IO::Socket::INET->new(LocalPort => 8022, Listen => 1, ReuseAddr => 1); sleep 600`
    const taking = `setsid su guest -s /bin/sh -c "exec perl -MIO::Socket::INET -e '${listener.replaceAll('$', '\\$')}'" >/dev/null 2>&1 </dev/null &`
    const taken = (): Promise<unknown> =>
      until('the port to be taken', async () => (await server.sh("ss -Hltn 'sport = 8022'")).stdout !== '')
    afterEach(async () => void (await server.sh('pkill -u guest perl')))

    test('is refused before anything is changed', async () => {
      const before = await worldWithSshd()
      await server.must(taking)
      await taken()
      const operator = await logIn(server)
      expect(await refusal(operator, await planOf(operator, 'Port 22\nPort 8022'))).toContain(
        'somebody else listens on port 8022, where sshd is to go',
      )
      expect(await worldWithSshd()).toBe(before)
      await untilNoTraces(server)
    })

    test('is rolled back when he took it while the change was under way', async () => {
      const before = await worldWithSshd()
      const operator = await logIn(server)
      const plan = await planOf(operator, 'Port 22\nPort 8022', 30)
      expect((await arm(server, 'taken', plan)).stdout).toContain('@armed taken')
      await server.must(taking)
      await taken()
      expect((await applyIt(server, 'taken')).stdout).toContain('it is not sshd alone that listens on port 8022')
      await untilNoTraces(server)
      expect(await worldWithSshd()).toBe(before)
      expect((await endings(server))[0]).toBe('rolled-back-failure')
    })
  })

  test('fault 35: that was restarted six times in ten seconds runs after the rollback', async () => {
    const before = await worldWithSshd()
    const operator = await logIn(server)
    await operator.transactions.apply(await planOf(operator, 'MaxAuthTries 3', 60))
    await phase(operator, 'awaiting-confirm')
    // Until systemd has had enough of it; whatever the init, nobody listens any more.
    await server.sh(`for i in 1 2 3 4 5 6 7 8 9; do ${service('restart')} || exit; done; ${service('stop')}`)
    if (flavour !== 'sysvinit')
      expect(await server.must('systemctl show -p Result --value ssh')).toBe('start-limit-hit')
    await until('sshd to be down', () => !server.listens())
    await server.must('sh /var/lib/hardtui/guard.sh rollback')
    expect(server.listens()).toBe(true)
    expect(await server.login()).toMatchObject({ ok: true })
    await untilNoTraces(server)
    expect(await worldWithSshd()).toBe(before)
    await operator.transactions.look()
    expect(
      (await phase(operator, 'rolled-back')).notes.map(({ grade, text }) => `${grade} ${text}`).join('\n'),
    ).toMatch(/^plain sshd .*listens/m)
  })

  test.each(flavour === 'sysvinit' ? ['no more'] : ['no more', 'no more, nor any unit of ours'])(
    'fault 35: whose own start works %s is started by hand, and goes on when the watch has ended',
    async (how) => {
      const operator = await logIn(server)
      await operator.transactions.apply(await operator.plan(keepOut, { windowSeconds: 8 }))
      const dropIns = '/etc/systemd/system/ssh.service.d'
      await server.must(
        flavour === 'sysvinit'
          ? 'service ssh stop; chmod -x /etc/init.d/ssh'
          : `mkdir ${dropIns}; printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n' >${dropIns}/broken.conf
           systemctl daemon-reload; systemctl stop ssh`,
      )
      if (how !== 'no more') await server.must('mv /usr/bin/systemd-run /usr/bin/systemd-run.gone')
      await lateness(server)
      await until('the last of the guard', async () => (await server.sh('pgrep -f "[g]uard.sh"')).status !== 0)
      // Whoever tries sshd's own unit again takes nothing away with it.
      if (flavour !== 'sysvinit')
        expect((await server.sh('systemctl reset-failed ssh; systemctl start ssh')).status).toBe(1)
      expect(server.listens()).toBe(true)
      expect(await server.login()).toMatchObject({ ok: true })
      await operator.transactions.look()
      expect(
        (await phase(operator, 'rolled-back')).notes.map(({ grade, text }) => `${grade} ${text}`).join('\n'),
      ).toContain('heed sshd was started by hand on port 22')
      // As any daemon has it, whatever the guard's own are.
      expect(await server.must('grep -h Umask /proc/$(pgrep -o -x sshd -P 1)/status')).toMatch(/0022$/)
      await closeOperatorsOf(server)
      await server.must(
        flavour === 'sysvinit'
          ? 'chmod +x /etc/init.d/ssh; pkill -x sshd; service ssh start'
          : `[ -e /usr/bin/systemd-run ] || mv /usr/bin/systemd-run.gone /usr/bin/systemd-run; rm -r ${dropIns}
           systemctl stop 'hardtui-sshd-*'; pkill -x sshd; systemctl daemon-reload; systemctl reset-failed ssh; systemctl start ssh`,
      )
    },
  )

  test('fault 35: that somebody left with one of its two ports has both soon after the deadline', async () => {
    const stop = flavour === 'sysvinit' ? 'pkill -f "[L]istenAddress=0.0.0.0:2222"' : "systemctl stop 'hardtui-sshd-*'"
    await server.must(`cp -p ${CONFIG} /root/config; sed -i '1i Port 22\\nPort 2222' ${CONFIG}; ${service('restart')}`)
    // A script is done before sshd listens, and opens its ports one after the other.
    for (const port of [22, 2222]) await server.waitForSshd({ port })
    const operator = await logIn(server)
    void operator.transactions.apply(await operator.plan(keepOut, { windowSeconds: 6 }))
    await untilApplied(server)
    const deadline = await deadlineOf(server)
    await server.must(`sed -i '/^Port 2222/d' ${CONFIG}; ${service('restart')}`)
    const back = 'until ss -Hltn "sport = 2222" | grep -q .; do sleep 0.05; done; cut -d " " -f 1 /proc/uptime'
    expect(Number(await server.must(back, { timeoutMs: 90_000 })) - deadline).toBeLessThan(5 * PATIENCE)
    await untilOver(server)
    expect((await endings(server))[0]).toBe('rolled-back-timer')
    await server.must(`mv /root/config ${CONFIG}; ${stop}; ${service('restart')}`)
    await server.waitForSshd()
  })
})
