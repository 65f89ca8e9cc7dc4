// Where sshd really listens is what a rollback protects and brings back, wherever its configuration says so.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperatorsOf, logIn, type Operator } from '../operator.ts'
import type { Server } from '../server.ts'
import { keepOut, refusal, untilNoTraces, withProgram } from './by-hand.ts'
import { eachFlavour } from './each-flavour.ts'
import { CURRENT, rulesOf, untilOver } from './world.ts'

const CONFIG = '/etc/ssh/sshd_config'

eachFlavour('the way in on %s', (flavour) => {
  let server: Server
  let before: string
  beforeAll(async () => {
    server = await up({ flavour })
    before = await rulesOf(server)
    await server.must(`cp -a ${CONFIG} /etc/default/ssh /root/`)
  })
  afterEach(async () => {
    closeOperatorsOf(server)
    await untilOver(server)
    await server.must(`while pkill -f '[s]shd: .*listener'; do sleep 0.1; done; cp -a /root/sshd_config ${CONFIG}; cp -a /root/ssh /etc/default/ssh
      service ssh restart`)
    await server.waitForSshd()
  })
  afterAll(() => server?.down())

  /** Applies what harms nobody; then somebody closes the port and stops sshd. */
  async function shutInTheWindow(operator: Operator, port: number): Promise<void> {
    await operator.transactions.apply(await operator.plan(keepOut, { windowSeconds: 120 }))
    expect(await server.must(`cat ${CURRENT}/save/sshd.ports`)).toBe(String(port))
    // In one breath: the watch sees that nobody listens, and would come first.
    await server.must(`iptables -I INPUT -p tcp --dport ${port} -j DROP; service ssh stop
      sh /var/lib/hardtui/guard.sh rollback`)
    await operator.host.exec({ argv: ['true'], privilege: 'login', effect: 'read', timeoutMs: 1 })
    expect(await rulesOf(server)).toBe(before)
    expect(server.listens(port)).toBe(true)
    expect(await server.login({ port })).toMatchObject({ ok: true })
    await untilNoTraces(server)
  }

  const camelCase =
    '#!/bin/sh\ncase " $* " in *" -T "*) REAL "$@" | sed "s/^port /Port /; s/^listenaddress /ListenAddress /" ;; *) exec REAL "$@" ;; esac\n'

  test.each([
    ['a port in ListenAddress', `sed -i '1i ListenAddress 192.0.2.10:2222' ${CONFIG}`],
    ['-p on the command line', `echo 'SSHD_OPTS="-p 2222"' >/etc/default/ssh`],
    ['-o on the command line', `echo 'SSHD_OPTS="-o Port=2222"' >/etc/default/ssh`],
    [
      '-f on the command line',
      `sed '1i Port 2222' ${CONFIG} >/etc/ssh/other; echo 'SSHD_OPTS="-f /etc/ssh/other"' >/etc/default/ssh`,
    ],
  ])(
    'fault 68: %s says where sshd listens: closed and stopped by somebody, it is open and running again',
    async (_, how) => {
      const operator = await logIn(server)
      await server.must(`${how}; service ssh restart`)
      await server.waitForSshd({ port: 2222 })
      await shutInTheWindow(operator, 2222)
    },
  )

  // A wrapper is no daemon that init scripts can stop.
  test.runIf(flavour !== 'sysvinit')(
    'fault 68: an sshd that prints its settings in capitals is understood',
    async () => {
      const operator = await logIn(server)
      await withProgram(server, '/usr/sbin/sshd', camelCase, () => shutInTheWindow(operator, 22))
    },
  )

  test('fault 68: where nobody can say where sshd listens, nothing is armed', async () => {
    const operator = await logIn(server)
    await server.must('service ssh stop')
    const plan = await operator.plan(keepOut)
    expect(await refusal(operator, plan)).toContain('where sshd listens on this host can')
    expect(await rulesOf(server)).toBe(before)
  })

  test('fault 69: sshd that somebody moved to another port listens there, and where it did before', async () => {
    const operator = await logIn(server)
    await operator.transactions.apply(await operator.plan(keepOut, { windowSeconds: 120 }))
    // At once: the watch would see that nobody listens where somebody did, and come first.
    const said = await server.must(
      `sed -i '1i Port 2222' ${CONFIG}; service ssh restart
       until ss -Hltn 'sport = 2222' | grep -q .; do sleep 0.05; done; sh /var/lib/hardtui/guard.sh rollback`,
    )
    expect(said).toMatch(/sshd was started by hand on port 22 .*moved it to port 2222 meanwhile/)
    expect(await server.login()).toMatchObject({ ok: true })
    expect(await server.login({ port: 2222 })).toMatchObject({ ok: true })
    expect(await rulesOf(server)).toBe(before)
  })
})

describe.skipIf(whyNoLab() !== null).each(kindsFor('the way in by a socket on %s', ['debian12', 'debian13'] as const))(
  'the way in by a socket on %s',
  (flavour) => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour, variant: 'socket' })
    })
    afterAll(() => server?.down())

    test('fault 68: ssh.socket on another port than the file says: closed and stopped by somebody, it is open and listens again', async () => {
      const operator = await logIn(server)
      await server.must(`mkdir -p /etc/systemd/system/ssh.socket.d
      printf '[Socket]\\nListenStream=\\nListenStream=2222\\n' >/etc/systemd/system/ssh.socket.d/port.conf
      systemctl daemon-reload; systemctl stop ssh.service; systemctl restart ssh.socket`)
      await server.waitForSshd({ port: 2222 })
      const before = await rulesOf(server)
      await operator.transactions.apply(await operator.plan(keepOut, { windowSeconds: 120 }))
      expect(await server.must(`cat ${CURRENT}/save/sshd.ports`)).toBe('2222')
      await server.must('iptables -I INPUT -p tcp --dport 2222 -j DROP; systemctl stop ssh.socket ssh.service')
      await server.must('sh /var/lib/hardtui/guard.sh rollback')
      expect(await rulesOf(server)).toBe(before)
      expect(await server.login({ port: 2222 })).toMatchObject({ ok: true })
      closeOperatorsOf(server)
    })
  },
)
