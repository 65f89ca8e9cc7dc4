import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnect } from '../../src/services/host/host.ts'
import type { Command, ProbeOutput } from '../../src/services/model/command.ts'
import type { Host, HostFacts, Question } from '../../src/services/model/host.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import { targetOf } from './operator.ts'
import type { Flavour } from './recipe.ts'
import type { Server } from './server.ts'
import { USERS, type User } from './users.ts'

const command = (argv: readonly string[], more: Partial<Command> = {}): Command => ({
  argv,
  privilege: 'root',
  effect: 'read',
  timeoutMs: 10_000,
  ...more,
})

const PROBES = [
  { id: 'who', script: 'part out; id -u; echo "$login_user $client_address"', timeoutSeconds: 5 },
  { id: 'sshd', script: 'part out; sshd -T', timeoutSeconds: 5 },
  { id: 'slow', script: 'part out; echo begun; sleep 60', timeoutSeconds: 1 },
  { id: 'last', script: 'part out; printf end; exit 3', timeoutSeconds: 5 },
]

for (const flavour of kindsFor('a real', ['debian12', 'debian13', 'sysvinit'] as const satisfies readonly Flavour[])) {
  describe.skipIf(whyNoLab() !== null)(`a real ${flavour} server`, () => {
    let server: Server
    const hosts: Host[] = []
    beforeAll(async () => {
      server = await up({ flavour })
    })
    afterAll(async () => {
      for (const host of hosts) host.close()
      await server?.down()
    })

    const login = async (user: User): Promise<{ host: Host; asked: Question[] }> => {
      const asked: Question[] = []
      const connect = createConnect({ dial: ({ port }) => server.client.connect({ port }) })
      const connected = await connect(targetOf(server, user), async (question) => {
        asked.push(question)
        return question.kind === 'sudo-password' ? [USERS[user].password ?? ''] : null
      })
      if (!connected.ok) throw new Error(connected.error.message)
      hosts.push(connected.value)
      return { host: connected.value, asked }
    }

    const read = async (host: Host): Promise<{ facts: HostFacts; outputs: Map<string, ProbeOutput> }> => {
      let facts: HostFacts | null = null
      const outputs = new Map<string, ProbeOutput>()
      const done = await host.probe(PROBES, {
        facts: (now) => {
          facts = now
        },
        output: (output) => outputs.set(output.id, output),
      })
      if (!done.ok) throw new Error(done.error.message)
      if (facts === null) throw new Error('no facts came')
      return { facts, outputs }
    }

    for (const [user, escalation] of [
      ['root', 'root'],
      ['ops', 'sudo'],
      ['pat', 'sudo'],
    ] as const) {
      it(`is read as root in one batch by ${user}, and asks only him who has to give a password`, async () => {
        const { host, asked } = await login(user)
        const { facts, outputs } = await read(host)
        expect(facts.login).toMatchObject({ user, escalation })
        expect(facts.escalationReason).toBeNull()
        expect(facts.init).toBe(flavour === 'sysvinit' ? 'sysvinit' : 'systemd')
        expect(facts.session).toMatchObject({ serverAddress: server.address, clientAddress: server.client.address })
        expect(facts.sessionInterface).not.toBeNull()
        expect(facts.openssh).toContain('OpenSSH_')
        expect(Math.abs(facts.clockSkewSeconds)).toBeLessThanOrEqual(1)
        expect(outputs.get('who')?.parts.get('out')).toBe(`0\n${user} ${server.client.address}\n`)
        expect(outputs.get('sshd')?.parts.get('out')).toContain('permitrootlogin')
        expect(outputs.get('slow')).toMatchObject({ timedOut: true, cut: 'out', parts: new Map([['out', 'begun\n']]) })
        expect(outputs.get('last')).toMatchObject({ status: 3, parts: new Map([['out', 'end']]), timedOut: false })
        expect(asked.map(({ kind }) => kind)).toEqual(user === 'pat' ? ['sudo-password'] : [])
        await read(host)
        expect(asked).toHaveLength(user === 'pat' ? 1 : 0)
      })

      it(`runs a command as root for ${user} with all his values intact`, async () => {
        const { host } = await login(user)
        const script = 'cat; printf "|%s|" "$1"; id -u; echo "$HARDTUI_USER"; echo oops >&2; exit 7'
        const argument = `a'b "c" $(d) \\ \u00fc\n!`
        const ran = await host.exec(command(['sh', '-c', script, 'sh', argument], { stdin: 'no newline' }))
        expect(ran).toEqual({
          ok: true,
          value: { status: 7, stdout: `no newline|${argument}|0\n${user}\n`, stderr: 'oops\n' },
        })
      })

      it(`proves a new login for ${user} over a connection of its own`, async () => {
        const { host, asked } = await login(user)
        const { facts } = await read(host)
        const before = asked.length
        const fresh = await host.proveFreshLogin()
        if (!fresh.ok) throw new Error(fresh.error.message)
        expect(fresh.value.session.clientPort).not.toBe(facts.session.clientPort)
        const mine = await fresh.value.exec(command(['sh', '-c', 'id -u; echo "$HARDTUI_CONNECTION"']))
        expect(mine.ok && mine.value.stdout).toBe(
          `0\n${server.client.address} ${fresh.value.session.clientPort} ${server.address} 22\n`,
        )
        expect(asked).toHaveLength(before)
        fresh.value.close()
      })

      it(`ends a log that ${user} follows on the server when it is stopped`, async () => {
        const { host } = await login(user)
        await read(host)
        const lines: string[] = []
        const follow = host.follow(
          'exec tail -n 0 -F /tmp/follow-log',
          (more) => lines.push(...more),
          () => {},
        )
        const tails = async (): Promise<string> =>
          (await server.sh('pgrep -fc "^tail -n 0 -F /tmp/follow-log"')).stdout.trim()
        await expect.poll(tails, { timeout: 10_000 }).toBe('1')
        await expect
          .poll(
            async () => {
              await server.must('echo a line >>/tmp/follow-log')
              return lines
            },
            { timeout: 10_000 },
          )
          .toContain('a line')
        follow.stop()
        await expect.poll(tails, { timeout: 10_000 }).toBe('0')
      })
    }

    it('lets a login without sudo read on as far as it can, and says why', async () => {
      const { host } = await login('guest')
      const { facts, outputs } = await read(host)
      expect(facts.login.escalation).toBe('none')
      expect(facts.escalationReason).not.toBeNull()
      expect(outputs.get('who')?.parts.get('out')).toMatch(/^[1-9]\d*\nguest /)
      const ran = await host.exec(command(['true']))
      expect(!ran.ok && ran.error.kind).toBe('no-privilege')
    })

    it('works through one session channel when MaxSessions is 1, a followed log included', async () => {
      await server.must('echo "MaxSessions 1" >/etc/ssh/sshd_config.d/00-one.conf && service ssh restart')
      await server.waitForSshd()
      const { host } = await login('root')
      const follow = host.follow(
        'while :; do echo tick; sleep 0.1; done',
        () => {},
        () => {},
      )
      const several = await Promise.all([1, 2, 3, 4, 5].map((n) => host.exec(command(['echo', String(n)]))))
      expect(several.map((one) => one.ok && one.value.stdout)).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n'])
      follow.stop()
      await server.must('rm /etc/ssh/sshd_config.d/00-one.conf && service ssh restart')
      await server.waitForSshd()
    })

    it('is noticed to be gone within 8 seconds when the line goes dead, and comes back by itself', async () => {
      const { host } = await login('root')
      await read(host)
      const pending = host.exec(command(['sleep', '30'], { timeoutMs: 40_000 }))
      await server.cut('both', { party: 'client' })
      const started = performance.now()
      const lost = await pending
      expect(performance.now() - started).toBeLessThan(9_000)
      expect(!lost.ok && lost.error.kind).toBe('disconnected')
      expect(host.link().state).toBe('lost')
      await server.heal()
      await expect.poll(() => host.link().state, { timeout: 60_000 }).toBe('up')
      expect((await host.exec(command(['true']))).ok).toBe(true)
    })
  })
}
