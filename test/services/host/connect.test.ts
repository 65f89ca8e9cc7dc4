import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Duplex, PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { LIMITS } from '../../../src/services/host/connection.ts'
import { createConnect } from '../../../src/services/host/host.ts'
import type { Ask, Question, Target } from '../../../src/services/model/host.ts'
import { makeKey } from '../../support/ssh-keys.ts'
import { startListener, type TestServer } from '../../support/ssh-server.ts'
import { PASSWORD, USER } from '../../support/ssh-server-login.ts'
import { connect, errorOf, later, operator, serversOfTests, sh, value } from './answers.ts'

const { up, also } = serversOfTests()

async function login(target: Target, ask: Ask = operator(), parts = {}) {
  const host = await connect(target, ask, parts)
  also(host.close)
  return host
}

const attempt = async (target: Target, ask: Ask = operator(), parts = {}) =>
  errorOf(await createConnect(parts)(target, ask))

const quick = { limits: { ...LIMITS, connect: 300, handshake: 300, login: 2_000, agent: 200 } }

describe('logging in', () => {
  it('works with a key file', async () => {
    const server = await up()
    const host = await login(server.target())
    expect(host.link()).toMatchObject({ state: 'up' })
    expect(server.attempts).toEqual([`${USER} publickey yes`])
  })

  it('asks for the passphrase of a locked key, again after a wrong one', async () => {
    const server = await up()
    const locked = join(server.folder, 'locked')
    writeFileSync(locked, readFileSync(server.keyFile), { mode: 0o600 })
    execFileSync('ssh-keygen', ['-p', '-q', '-N', 'correct horse', '-f', locked])
    let count = 0
    const ask = operator({ passphrase: () => [count++ === 0 ? 'wrong' : 'correct horse'] })
    await login(server.target({ identityFiles: [locked] }), ask)
    expect(ask.asked).toMatchObject([
      { kind: 'passphrase', attempt: 1 },
      { kind: 'passphrase', attempt: 2 },
    ])
  })

  it('does not ask for the passphrase of a key the server would not take', async () => {
    const server = await up()
    const locked = join(server.folder, 'other')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', locked])
    await login(server.target({ identityFiles: [locked, server.keyFile] }))
  })

  it('goes on with the next method after three wrong passphrases', async () => {
    const server = await up()
    const locked = join(server.folder, 'locked')
    writeFileSync(locked, readFileSync(server.keyFile), { mode: 0o600 })
    execFileSync('ssh-keygen', ['-p', '-q', '-N', 'correct horse', '-f', locked])
    const ask = operator({ passphrase: ['wrong'], password: [PASSWORD] })
    await login(server.target({ identityFiles: [locked] }), ask)
    expect(ask.asked.map(({ kind }) => kind)).toEqual(['passphrase', 'passphrase', 'passphrase', 'password'])
  })

  it('asks for the password up to three times', async () => {
    const server = await up()
    let count = 0
    const ask = operator({ password: () => [++count < 3 ? 'wrong' : PASSWORD] })
    await login(server.target({ identityFiles: [] }), ask)
    expect(ask.asked).toMatchObject([{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }])
    const stubborn = operator({ password: ['wrong'] })
    const error = await attempt(server.target({ identityFiles: [] }), stubborn)
    expect(error.kind).toBe('auth-failed')
    expect(stubborn.asked).toHaveLength(3)
    expect(`${error.message} ${error.next}`).not.toContain('wrong')
  })

  it('answers several rounds of several prompts, made safe for the screen', async () => {
    const rounds = [
      {
        prompts: [
          { prompt: 'Name\u001b]0;x\u0007: ', echo: true },
          { prompt: 'Code: ', echo: false },
        ],
        answers: ['a', '1'],
      },
      { prompts: [{ prompt: 'Again: ', echo: false }], answers: ['2'] },
    ]
    const server = await up({ steps: [['keyboard-interactive']], rounds })
    const given = [['a', '1'], ['2']]
    const ask = operator({ 'keyboard-interactive': () => given.shift() ?? null })
    await login(server.target({ identityFiles: [] }), ask)
    expect(ask.asked).toHaveLength(2)
    const [first] = ask.asked
    expect(first).toMatchObject({ prompts: [{ echo: true }, { text: 'Code: ', echo: false }] })
    expect(JSON.stringify(ask.asked)).not.toMatch(/\\u001b|\\u0007/)
  })

  it('goes through a key and then a code where the server wants both', async () => {
    const rounds = [{ prompts: [{ prompt: 'Code: ', echo: false }], answers: ['123456'] }]
    const server = await up({ steps: [['publickey'], ['keyboard-interactive']], rounds })
    const ask = operator({ 'keyboard-interactive': ['123456'] })
    const host = await login(server.target(), ask)
    expect(server.attempts).toEqual([`${USER} publickey yes`, `${USER} keyboard-interactive yes`])
    const fresh = value(await host.proveFreshLogin())
    expect(fresh.method).toContain('then keyboard-interactive')
    fresh.close()
    expect(ask.asked).toHaveLength(2)
  })

  it('does not wait for an agent that never answers', async () => {
    const server = await up()
    const socket = join(server.folder, 'agent')
    const agent = createServer(() => {}).listen(socket)
    also(() => agent.close())
    await login(server.target({ agent: socket }), operator(), quick)
    await login(server.target({ agent: join(server.folder, 'no-agent') }))
  })

  it('stands still for as long as a question is open', async () => {
    const server = await up()
    const answer = later<readonly string[]>()
    const connecting = createConnect({ limits: { ...quick.limits, login: 100, handshake: 2_000 } })(
      server.target({ identityFiles: [] }),
      () => answer.promise,
    )
    setTimeout(() => answer.settle([PASSWORD]), 400)
    const host = value(await connecting)
    host.close()
  })

  it('takes a question back when the server hangs up on it, and says so', async () => {
    const server = await up()
    let takenBack = false
    const error = await attempt(server.target({ identityFiles: [] }), (_, over) => {
      server.drop()
      return new Promise((resolve) => {
        over?.addEventListener('abort', () => {
          takenBack = true
          resolve(null)
        })
      })
    })
    expect(error).toMatchObject({
      kind: 'cancelled',
      message: expect.stringContaining('while it waited for your answer'),
    })
    expect(takenBack).toBe(true)
  })

  it('is over when a question is cancelled or the attempt is given up', async () => {
    const server = await up()
    expect((await attempt(server.target({ identityFiles: [] }), operator({ password: null }))).kind).toBe('cancelled')
    const giveUp = new AbortController()
    const connecting = createConnect()(
      server.target({ identityFiles: [] }),
      () => {
        giveUp.abort()
        return new Promise(() => {})
      },
      giveUp.signal,
    )
    expect(errorOf(await connecting).kind).toBe('cancelled')
  })

  it('says what the server would have taken', async () => {
    const server = await up({ steps: [['publickey']] })
    const error = await attempt(server.target({ identityFiles: [] }))
    expect(error).toMatchObject({ kind: 'auth-failed', message: expect.stringContaining('publickey') })
  })

  it('shows the banner without its escapes', async () => {
    const server = await up({ banner: 'Keep \u001b[31mout\u0007\r\nor not\n' })
    const host = await login(server.target())
    expect(host.banner()).toEqual(['Keep ␛[31mout␇', 'or not'])
  })
})

describe('the host key', () => {
  const unknown = (server: TestServer, file = 'fresh_known_hosts'): Target =>
    server.target({ knownHostsFiles: [join(server.folder, file)] })

  it('is asked about once when unknown, and kept', async () => {
    const server = await up()
    const ask = operator({ 'host-key': ['yes'] })
    await login(unknown(server), ask)
    await login(unknown(server), ask)
    expect(ask.asked).toHaveLength(1)
    const [question] = ask.asked as [Extract<Question, { kind: 'host-key' }>]
    expect(question.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
    expect(readFileSync(join(server.folder, 'fresh_known_hosts'), 'utf8')).toBe(
      `[127.0.0.1]:${server.port} ${server.hostKey.split(' ').slice(0, 2).join(' ')}\n`,
    )
  })

  it('that is not trusted ends it before anything secret is sent', async () => {
    const server = await up()
    const target = { ...unknown(server), identityFiles: [] }
    expect((await attempt(target, operator({ 'host-key': ['no'] }))).kind).toBe('cancelled')
    expect((await attempt(target, operator({ 'host-key': null }))).kind).toBe('cancelled')
    expect(server.attempts).toEqual([])
  })

  it('that has changed is refused without a question, with the line and the command to remove it', async () => {
    const server = await up()
    const file = join(server.folder, 'wrong')
    writeFileSync(file, `# comment\n[127.0.0.1]:${server.port} ${makeKey('ed25519').public}\n`)
    const error = await attempt(server.target({ knownHostsFiles: [file] }))
    expect(error.kind).toBe('host-key-mismatch')
    expect(error.message).toContain(`${file} line 2`)
    expect(error.next).toContain(`ssh-keygen -f '${file}' -R '[127.0.0.1]:${server.port}'`)
    expect(server.attempts).toEqual([])
  })

  it('is looked up without the port under HostKeyAlias, even where that is the host’s own name', async () => {
    const server = await up()
    const file = join(server.folder, 'aliased')
    writeFileSync(file, `127.0.0.1 ${makeKey('ed25519').public}\n`)
    const target = server.target({ knownHostsFiles: [file], hostKeyAlias: '127.0.0.1', hostKeyAliased: true })
    expect(await attempt(target)).toMatchObject({
      kind: 'host-key-mismatch',
      message: expect.stringContaining(`${file} line 1`),
      next: expect.stringContaining(`-R '127.0.0.1'`),
    })
    writeFileSync(file, `127.0.0.1 ${server.hostKey}\n`)
    await login(target)
  })

  it('that is revoked, or in a file that can not be read, is refused', async () => {
    const server = await up()
    const file = join(server.folder, 'revoked')
    writeFileSync(file, `@revoked * ${server.hostKey}\n`)
    expect((await attempt(server.target({ knownHostsFiles: [file] }))).message).toContain('revoked')
    expect((await attempt(server.target({ knownHostsFiles: [server.folder] }))).message).toContain("can't be read")
    expect(server.attempts).toEqual([])
  })

  it('is asked for in the type that is known', async () => {
    const server = await up({ hostKeys: ['rsa', 'ed25519', 'ecdsa'] })
    await login(server.target())
    expect(server.hostKey).toContain('ssh-rsa')
  })
})

describe('what is no SSH server', () => {
  const at = (port: number): Target => ({
    name: 'x',
    host: '127.0.0.1',
    port,
    user: 'pat',
    identityFiles: [],
    agent: null,
    knownHostsFiles: [],
    hostKeyAlias: '127.0.0.1',
  })
  async function listener(onSocket: Parameters<typeof startListener>[0]): Promise<Target> {
    const { port, close } = await startListener(onSocket)
    also(close)
    return at(port)
  }

  it('is named when nothing listens', async () => {
    const { port, close } = await startListener(() => {})
    close()
    expect(await attempt(at(port))).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('refused') })
  })

  it('is named when it says nothing', async () => {
    const target = await listener(() => {})
    const error = await attempt(target, operator(), quick)
    expect(error).toMatchObject({ kind: 'timeout', message: expect.stringContaining('said nothing') })
  })

  it('is named when it speaks HTTP', async () => {
    const target = await listener((socket) => {
      socket.end('HTTP/1.1 400 Bad Request\r\nServer: \u001b[2Jx\r\n\r\n<html>')
    })
    const error = await attempt(target, operator(), quick)
    expect(error).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('HTTP/1.1 400') })
  })

  it('is given up when its greeting has no end', async () => {
    let sent = 0
    const target = await listener((socket) => {
      const line = Buffer.from(`${'x'.repeat(1_000)}\r\n`)
      const more = (): void => {
        while (!socket.destroyed && socket.write(line)) sent += line.length
        if (!socket.destroyed) socket.once('drain', more)
      }
      more()
    })
    expect((await attempt(target, operator(), quick)).kind).toBe('unreachable')
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  it('is told to be refusing us when it hangs up without a word', async () => {
    const target = await listener((socket) => socket.destroy())
    const error = await attempt(target, operator(), quick)
    expect(error).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('refusing this address') })
    expect(error.message).toContain('/etc/hosts.deny')
  })

  it.each(['Exceeded MaxStartups', 'Not allowed at this time'])(
    'is told to be refusing us when it hangs up with “%s”',
    async (words) => {
      const target = await listener((socket) => socket.end(`${words}\r\n`))
      const { kind, message } = await attempt(target, operator(), quick)
      expect(kind).toBe('unreachable')
      expect(message).toContain(words)
      expect(message).toContain('refusing this address')
      expect(message).not.toContain('/etc/hosts.deny')
    },
  )

  it('is named when it begins the handshake and falls silent', async () => {
    const target = await listener((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))
    const error = await attempt(target, operator(), quick)
    expect(error).toMatchObject({ kind: 'timeout', message: expect.stringContaining('did not finish') })
  })

  it('is given up when nobody answers the dialling, and a late stream is closed', async () => {
    const dialled = later<Duplex>()
    const error = await attempt(at(22), operator(), { ...quick, dial: () => dialled.promise })
    expect(error.kind).toBe('timeout')
    const late = new PassThrough()
    dialled.settle(late)
    await dialled.promise
    await vi.waitFor(() => expect(late.destroyed).toBe(true))
  })
})

describe('a well-behaved server with odd manners', () => {
  it('may greet before its version', async () => {
    const server = await up({ greeting: 'Welcome\r\nto the machine' })
    const host = await login(server.target())
    expect(value(await host.exec(sh('echo fine'))).stdout).toBe('fine\n')
  })
})
