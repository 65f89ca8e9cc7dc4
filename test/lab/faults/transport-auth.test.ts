// Faults 10 to 13: logging in. The keys of an agent are a real ssh-agent's, the questions a real PAM's.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { LIMITS } from '../../../src/services/host/connection.ts'
import type { Question } from '../../../src/services/model/host.ts'
import { command, later, operator, value } from '../../services/host/answers.ts'
import { EVIL, foreignBytes, HOSTILE } from '../../support/hostile.ts'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { KEYS, openTerminal } from '../terminal.ts'
import { USERS } from '../users.ts'
import { attempt, dialFrom, login, setSshd } from './bench.ts'

const PASSWORD = USERS.pat.password ?? ''
const BY_PAM = ['UsePAM yes', 'KbdInteractiveAuthentication yes', 'PasswordAuthentication yes']
const agents: ChildProcess[] = []

type AgentOptions = { readonly keys?: readonly string[]; readonly askpass?: string }

/** An ssh-agent(1) that holds the lab's key; with an askpass program it wants its owner's consent for each signature. */
async function startAgent(server: Server, { keys = [server.key], askpass }: AgentOptions = {}) {
  const socket = join(server.home, `agent-${agents.length}`)
  const env = askpass === undefined ? {} : { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' }
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore', env: { ...process.env, ...env } })
  agents.push(child)
  await until('the agent', () => existsSync(socket))
  for (const key of keys)
    execFileSync('ssh-add', ['-q', ...(askpass === undefined ? [] : ['-c']), key], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'pipe',
    })
  return { socket, pid: child.pid ?? 0, child }
}

const KINDS = kindsFor('a login on %s', ['debian12', 'debian13'] as const)

describe.skipIf(whyNoLab() !== null).each(KINDS)('a login on %s', (flavour) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterAll(async () => {
    for (const agent of agents.splice(0)) agent.kill('SIGKILL')
    await server?.down()
  })

  test('fault 10: where the server hangs up on an open prompt, the console says so and asks again on R', async () => {
    // Shortened: sshd waits 2 s for a login instead of 120, and the prompt is open for as long as that takes.
    await setSshd(server, 'LoginGraceTime 2')
    const terminal = openTerminal(server, 'pat', { key: null, columns: 200 })
    await terminal.waitFor('pat@192.0.2.10 asks for the password')
    terminal.press('half a passw')
    await terminal.waitFor('192.0.2.10 port 22 closed the connection while it waited for your answer.', 8_000)
    expect(terminal.screen()).not.toContain('asks for the password')
    terminal.press('R')
    await terminal.waitFor('asks for the password')
    terminal.press(`${PASSWORD}${KEYS.enter}`)
    await terminal.waitFor(/sudo password/i)
    terminal.press(`${PASSWORD}${KEYS.enter}`)
    await terminal.waitFor('following')
    expect(terminal.bytes()).not.toContain(PASSWORD)
    terminal.press('q')
    expect(await terminal.ended).toBe(0)
  })

  test.skipIf(flavour !== 'debian12')(
    'fault 10: nothing of ours runs out while a prompt is open for five minutes',
    async () => {
      await setSshd(server, ...BY_PAM, 'LoginGraceTime 0')
      // By a clock of the test: sshd has no limit here, so what could end the login in five minutes is a timer of ours.
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
      try {
        const asked = later<Question>()
        const answer = later<readonly string[]>()
        const connecting = attempt(server, 'pat', {
          target: { identityFiles: [] },
          ask: (question) => {
            asked.settle(question)
            return answer.promise
          },
        })
        await asked.promise
        vi.advanceTimersByTime(5 * 60_000)
        answer.settle([PASSWORD])
        const host = value(await connecting)
        expect(host.link().state).toBe('up')
        host.close()
      } finally {
        vi.useRealTimers()
      }
    },
  )

  test.skipIf(flavour !== 'debian12')(
    'fault 10: a link that comes back only with an answer asks once, and again when the operator does',
    async () => {
      // Longer than PAM takes to refuse the password that no longer holds: 2 s, give or take half of it (pam_fail_delay(3)).
      await setSshd(server, 'LoginGraceTime 5')
      onTestFinished(async () => void (await server.must('echo pat:lab-pat-password | chpasswd')))
      const asked: Question[] = []
      const passwords = [PASSWORD]
      const host = await login(server, 'pat', {
        target: { identityFiles: [] },
        parts: { backOff: [50] },
        // Without an answer left he is away: the question is open until it is taken back.
        ask: (question, over) => {
          asked.push(question)
          const password = passwords.shift()
          if (password !== undefined) return Promise.resolve([password])
          return new Promise((resolve) => over?.addEventListener('abort', () => resolve(null)))
        },
      })
      // The password that is remembered no longer holds.
      await server.must('echo pat:another | chpasswd; pkill -KILL -u pat')
      await until('the question', () => asked.length === 2)
      await until('the end of the attempt', () => host.link().state === 'lost' && 'nextTryAt' in host.link())
      const parked = await until('no further try', () => {
        const link = host.link()
        return link.state === 'lost' && link.nextTryAt === null ? link : null
      })
      expect(parked.reason).toContain('while it waited for your answer')
      expect(asked).toHaveLength(2)
      passwords.push('another')
      await host.probe([], { facts: () => {}, output: () => {} })
      await until('the link', () => host.link().state === 'up')
      host.close()
    },
  )

  const lockedKey = (): string => {
    const file = join(server.home, 'locked')
    copyFileSync(server.key, file)
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'correct horse', '-f', file])
    return file
  }

  test.each([
    ['keyboard-interactive', 'keyboard-interactive'],
    ['password', 'password'],
  ] as const)(
    'fault 11: a key and then %s: both are asked for, and a new login needs neither question again',
    async (second, kind) => {
      await setSshd(server, ...BY_PAM, `AuthenticationMethods publickey,${second}`)
      const ask = operator({ passphrase: ['correct horse'], [kind]: [PASSWORD], 'sudo-password': [PASSWORD] })
      const host = await login(server, 'pat', { target: { identityFiles: [lockedKey()] }, ask })
      expect(ask.asked.map((one) => one.kind)).toEqual(['passphrase', kind])
      const fresh = value(await host.proveFreshLogin())
      expect(fresh.method).toMatch(new RegExp(`^key .*locked, then ${second}$`))
      expect(ask.asked.filter((one) => one.kind !== 'sudo-password')).toHaveLength(2)
      fresh.close()
      host.close()
    },
  )

  test('fault 11: the first factor may be an agent key', async () => {
    await setSshd(server, ...BY_PAM, 'AuthenticationMethods publickey,keyboard-interactive')
    const agent = await startAgent(server)
    const ask = operator({ 'keyboard-interactive': [PASSWORD] })
    const host = await login(server, 'pat', { target: { identityFiles: [], agent: agent.socket }, ask })
    expect(ask.asked).toHaveLength(1)
    host.close()
  })

  test('fault 12: a real agent lets in, and one that died or was stopped is passed over within 3 s', async () => {
    await setSshd(server, 'LogLevel VERBOSE')
    const agent = await startAgent(server)
    const alone = { identityFiles: [], agent: agent.socket }
    const byAgent = await login(server, 'root', { target: alone })
    expect(value(await byAgent.exec(command(['echo', 'in']))).stdout).toBe('in\n')
    byAgent.close()
    const byFile = async (): Promise<number> => {
      const started = performance.now()
      const host = await login(server, 'root', { target: { agent: agent.socket } })
      host.close()
      return performance.now() - started
    }
    process.kill(agent.pid, 'SIGSTOP')
    // Three seconds for the agent; the rest is for the key exchange before and the login after, which take 0.1 s here.
    expect(await byFile()).toBeLessThan(LIMITS.agent + 1_000)
    expect(LIMITS.agent).toBe(3_000)
    agent.child.kill('SIGKILL')
    await until('its end', () => agent.child.signalCode !== null)
    expect(existsSync(agent.socket)).toBe(true)
    expect(await byFile()).toBeLessThan(1_000)
  })

  test('fault 12: an agent that asks its owner has time for that, and when nobody consents the next method comes', async () => {
    await setSshd(server)
    const after = (seconds: number): string => {
      const file = join(server.home, `consent-after-${seconds}`)
      writeFileSync(file, `#!/bin/sh\nexec sleep ${seconds}\n`, { mode: 0o755 })
      return file
    }
    const soon = await startAgent(server, { askpass: after(1) })
    const host = await login(server, 'root', { target: { identityFiles: [], agent: soon.socket } })
    host.close()
    const never = await startAgent(server, { askpass: after(600) })
    const ask = operator({ password: [PASSWORD] })
    // Shortened: an owner has 20 s to consent.
    const parts = { limits: { ...LIMITS, signature: 500 }, dial: dialFrom(server) }
    const started = performance.now()
    const other = await login(server, 'pat', { target: { identityFiles: [], agent: never.socket }, ask, parts })
    expect(performance.now() - started).toBeLessThan(500 + 1_000)
    expect(ask.asked.map(({ kind }) => kind)).toEqual(['password'])
    other.close()
  })

  test('fault 13: a banner and a prompt with ESC are shown escaped', async () => {
    const evil = `${EVIL}\n${HOSTILE.filter((one) => !one.includes('\r')).join('\n')}\n`
    await server.must('cat >/etc/evil-banner', { input: evil })
    await server.must('cat >/etc/evil-prompt', { input: `Token ${EVIL.replaceAll('%', '%%')}\n` })
    await server.must('sed -i "1i auth optional pam_echo.so file=/etc/evil-prompt" /etc/pam.d/sshd')
    await setSshd(server, ...BY_PAM, 'PasswordAuthentication no', 'Banner /etc/evil-banner')
    const terminal = openTerminal(server, 'pat', { key: null, columns: 200, rows: 60 })
    await terminal.waitFor('The server asks')
    await terminal.waitFor(/Token A.*␛\]52;c;ZXZpbA==␇/)
    terminal.press(`${PASSWORD}${KEYS.enter}`)
    await terminal.waitFor(/sudo password/i)
    terminal.press(`${PASSWORD}${KEYS.enter}`)
    await terminal.waitFor('following')
    terminal.press('?')
    await terminal.waitFor('Help')
    terminal.press('G')
    // Its end: the keys of every pane stand before it.
    await terminal.waitFor('esc␛ctext')
    expect(foreignBytes(terminal.bytes())).toEqual([])
    terminal.kill()
    await server.must('sed -i 1d /etc/pam.d/sshd')
  })
})
