// Becoming root where sudo is not as it usually is: requiretty of sudoers(5), and sudo-rs.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Command } from '../../src/services/model/command.ts'
import type { Ask, Question } from '../../src/services/model/host.ts'
import { type Audit, audit } from './auditor.ts'
import { up, whyNoLab } from './lab.ts'
import { closeOperators, logIn, type Operator } from './operator.ts'
import type { Server } from './server.ts'
import { USERS, type User } from './users.ts'

const PASSWORD = USERS.pat.password ?? ''
const command = (script: string, stdin?: string): Command => ({
  argv: ['sh', '-c', script],
  privilege: 'root',
  effect: 'read',
  timeoutMs: 10_000,
  ...(stdin !== undefined && { stdin }),
})

/** Gives these answers to what sudo asks, in order, the last one again and again. */
const answering = (...answers: readonly string[]): Ask & { readonly asked: Question[] } => {
  const asked: Question[] = []
  const ask: Ask = async (question) => {
    asked.push(question)
    return [answers[Math.min(asked.length, answers.length) - 1] ?? '']
  }
  return Object.assign(ask, { asked })
}

describe.skipIf(whyNoLab() !== null)('a sudo that is not as usual', () => {
  const servers: Server[] = []
  afterAll(async () => {
    for (const server of servers) await server.down()
  })
  afterEach(closeOperators)

  const who = async (server: Server, user: User, ask: Ask): Promise<{ operator: Operator; audited: Audit<'sshd'> }> => {
    const operator = await logIn(server, user, 300, server.address, ask)
    return { operator, audited: await audit(operator.host, 'sshd') }
  }

  /** Everything the console does as root: the batch, a command with its input, a command after that, a log that is followed. */
  const worksAsRoot = async (server: Server, user: User, ask: Ask): Promise<void> => {
    const { operator, audited } = await who(server, user, ask)
    expect(audited.host.login).toMatchObject({ user, escalation: 'sudo' })
    expect(audited.reading.state).toBe('present')
    const stdin = 'x'.repeat(70_000)
    const ran = await operator.host.exec(command('id -u; wc -c; echo err >&2; exit 7', stdin))
    expect(ran).toEqual({ ok: true, value: { status: 7, stdout: '0\n70000\n', stderr: 'err\n' } })
    const lines: string[] = []
    const follow = operator.host.follow(
      'id -u; exec tail -n 0 -F /tmp/follow-log',
      (more) => lines.push(...more),
      () => {},
    )
    await expect.poll(() => lines[0], { timeout: 10_000 }).toBe('0')
    follow.stop()
    const fresh = await operator.host.proveFreshLogin()
    if (!fresh.ok) throw new Error(fresh.error.message)
    const mine = await fresh.value.exec(command('id -u'))
    expect(mine.ok && mine.value.stdout).toBe('0\n')
    fresh.value.close()
  }

  describe('requiretty on debian12', () => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour: 'debian12' })
      servers.push(server)
      await server.must("echo 'Defaults requiretty' >/etc/sudoers.d/tty")
    })

    it('is given a terminal: root without a question', async () => {
      const ask = answering()
      await worksAsRoot(server, 'ops', ask)
      expect(ask.asked).toEqual([])
    })

    it('is given a terminal: root by the password, which is asked for once and not called wrong', async () => {
      const ask = answering(PASSWORD)
      await worksAsRoot(server, 'pat', ask)
      expect(ask.asked).toHaveLength(1)
    })

    it('still knows a wrong password, and asks again', async () => {
      const ask = answering('wrong', PASSWORD)
      expect((await who(server, 'pat', ask)).audited.host.login.escalation).toBe('sudo')
      expect(ask.asked).toHaveLength(2)
    })

    it('is named where there is nothing to give it one', async () => {
      await server.must('mv /usr/bin/script /usr/bin/script.away')
      const ask = answering(PASSWORD)
      const { audited } = await who(server, 'ops', ask)
      await server.must('mv /usr/bin/script.away /usr/bin/script')
      expect(audited.host).toMatchObject({
        login: { escalation: 'none' },
        escalationReason:
          'sudo wants a terminal here (requiretty), and script(1), which could give it one, is not installed',
      })
      expect(ask.asked).toEqual([])
    })

    it('an account that has expired is no wrong password', async () => {
      const ask = answering(PASSWORD)
      const operator = await logIn(server, 'pat', 300, server.address, ask)
      await server.must('chage -E 0 pat')
      const { host } = await audit(operator.host, 'sshd')
      await server.must('chage -E -1 pat')
      expect(host.login.escalation).toBe('none')
      expect(host.escalationReason).toMatch(/expired|account validation failure/i)
      expect(ask.asked.length).toBeLessThanOrEqual(1)
    })
  })

  describe.each([
    ['beside sudo, in its place', 'ln -sf ../lib/cargo/bin/sudo /usr/bin/sudo'],
    ['alone, under its own name', 'rm /usr/bin/sudo'],
  ])('sudo-rs on debian13, %s', (_case, place) => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour: 'debian13', packages: ['sudo-rs'] })
      servers.push(server)
      await server.must(place)
    })

    it('gives root without a question', async () => {
      await worksAsRoot(server, 'ops', answering())
    })

    it('gives root by the password, and does not swallow what follows it', async () => {
      const ask = answering(PASSWORD)
      await worksAsRoot(server, 'pat', ask)
      expect(ask.asked).toHaveLength(1)
    })

    it('knows a wrong password by its words, and asks again', async () => {
      const ask = answering('wrong', PASSWORD)
      expect((await who(server, 'pat', ask)).audited.host.login.escalation).toBe('sudo')
      expect(ask.asked).toHaveLength(2)
    })

    it('is believed that somebody may not, without a question', async () => {
      const ask = answering(USERS.guest.password ?? '')
      const { audited } = await who(server, 'guest', ask)
      expect(audited.host).toMatchObject({
        login: { escalation: 'none' },
        escalationReason: expect.stringContaining("I'm afraid I can't do that"),
      })
      expect(ask.asked).toEqual([])
    })
  })
})
