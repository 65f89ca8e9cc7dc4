import { writeFileSync } from 'node:fs'
import { type Socket, connect as tcp } from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LIMITS } from '../../../src/services/host/connection.ts'
import type { Host, Link } from '../../../src/services/model/host.ts'
import { makeKey } from '../../support/ssh-keys.ts'
import { type ServerOptions, startServer, type TestServer } from '../../support/ssh-server.ts'
import { PASSWORD, USER } from '../../support/ssh-server-login.ts'
import { command, connect, errorOf, operator, sh, sudoer, value } from './answers.ts'

let server: TestServer
let host: Host

const soon = { backOff: [20, 20, 20], random: () => 0.5 }

async function up(options: ServerOptions = {}, ask = operator(), parts = {}, change = {}): Promise<readonly Link[]> {
  server = await startServer(options)
  host = await connect(server.target(change), ask, { ...soon, ...parts })
  const seen: Link[] = []
  host.onLink((link) => seen.push(link))
  return seen
}

afterEach(async () => {
  host?.close()
  await server?.close()
})

/** Waits until the link has gone through these states, of which each may be short. */
const states = (seen: readonly Link[], ...wanted: Link['state'][]) =>
  vi.waitFor(
    () => {
      const left = seen.map(({ state }) => state)
      for (const state of wanted) {
        const at = left.indexOf(state)
        expect({ state, at }).not.toEqual({ state, at: -1 })
        left.splice(0, at + 1)
      }
    },
    { timeout: 5_000 },
  )

describe('a link that is lost', () => {
  it('fails what was under way as unknown, and what comes meanwhile at once', async () => {
    await up({}, operator(), { backOff: [60_000] })
    const lines: string[] = []
    const running = host.exec(sh('echo begun; sleep 30'), (line) => {
      lines.push(line)
      server.drop()
    })
    expect(errorOf(await running)).toMatchObject({ kind: 'disconnected', message: expect.stringContaining('unknown') })
    expect(host.link()).toMatchObject({ state: 'lost' })
    expect(errorOf(await host.exec(command(['true'])))).toMatchObject({
      kind: 'disconnected',
      next: expect.stringContaining('Nothing was sent'),
    })
  })

  it('comes back by itself with the password that worked', async () => {
    const ask = operator({ password: [PASSWORD] })
    const seen = await up({}, ask, {}, { identityFiles: [] })
    server.drop()
    await states(seen, 'lost', 'up')
    expect(value(await host.exec(command(['echo', 'back']))).stdout).toBe('back\n')
    expect(ask.asked).toHaveLength(1)
  })

  it('comes back by the ways it is told, the first of them first, and becomes root as whom it came', async () => {
    const ask = operator({ 'sudo-password': [PASSWORD] })
    const seen = await up({ sudo: 'asks' }, ask)
    host.comeBackBy([{ user: 'dora' }, {}])
    server.drop()
    await states(seen, 'lost', 'up')
    expect(server.attempts).toEqual([`${USER} publickey yes`, 'dora publickey yes'])
    value(await host.exec(sh('true', { privilege: 'root' })))
    expect(ask.asked).toMatchObject([{ kind: 'sudo-password', user: 'dora' }])
    host.comeBackBy([])
    server.drop()
    await states(seen, 'up', 'lost', 'up')
    expect(server.attempts.at(-1)).toBe(`${USER} publickey yes`)
  })

  it('asks for no password where the one that worked was refused and the server takes none any more', async () => {
    const ask = operator({ password: [PASSWORD, 'wrong'] })
    const seen = await up({ steps: [['password']] }, ask, {}, { identityFiles: [] })
    server.change({ steps: [['publickey']] })
    server.drop()
    await states(seen, 'lost', 'lost', 'lost', 'lost')
    expect(ask.asked).toHaveLength(1)
  })

  it('goes on to the next way where one lets nobody in', async () => {
    const seen = await up()
    host.comeBackBy([{ port: 1 }, { user: 'dora' }])
    server.drop()
    await states(seen, 'lost', 'lost', 'up')
    expect(server.attempts.at(-1)).toBe('dora publickey yes')
  })

  it('says since when, why, and when the next try is', async () => {
    const seen = await up({}, operator(), { clock: () => 1_000, backOff: [60_000] })
    server.drop()
    await states(seen, 'lost')
    expect(seen.find(({ state }) => state === 'lost')).toMatchObject({ since: 1_000, nextTryAt: 61_000 })
  })

  it('keeps trying while the server is away', async () => {
    const seen = await up({}, operator(), { dial: flaky(3) })
    server.drop()
    await states(seen, 'lost', 'lost', 'lost', 'up')
  })

  it('is noticed when the other side falls silent', async () => {
    const mute = muteable()
    await up({}, operator(), {
      dial: mute.dial,
      limits: { ...LIMITS, keepalive: 40, keepaliveCount: 3 },
      backOff: [60_000],
    })
    const running = host.exec(command(['sleep', '20']))
    mute.silence()
    expect(errorOf(await running).kind).toBe('disconnected')
    expect(host.link()).toMatchObject({ state: 'lost', reason: 'The server stopped answering.' })
  })

  it('does not come back after it was closed', async () => {
    const seen = await up()
    host.close()
    expect(host.link()).toEqual({ state: 'closed' })
    expect(errorOf(await host.exec(command(['true']))).kind).toBe('disconnected')
    await vi.waitFor(() => expect(server.connections()).toBe(0))
    expect(seen.at(-1)).toEqual({ state: 'closed' })
  })

  it('is not mistaken for up by a server with another key', async () => {
    await up()
    writeFileSync(host.target.knownHostsFiles[0] ?? '', `[127.0.0.1]:${server.port} ${makeKey('ed25519').public}\n`)
    server.drop()
    await vi.waitFor(() => expect(host.link()).toMatchObject({ state: 'lost', nextTryAt: null }))
  })

  it('is measured while it is up', async () => {
    await up()
    await vi.waitFor(() => expect(host.link()).toMatchObject({ state: 'up', roundTripMs: expect.any(Number) }))
  })
})

describe('a fresh login', () => {
  it('is a connection of its own with its own ports, and root through it', async () => {
    const ask = sudoer()
    await up({ sudo: 'asks' }, ask)
    value(await host.exec(sh('true', { privilege: 'root' })))
    const fresh = value(await host.proveFreshLogin())
    const own = value(await host.exec(sh('echo $HARDTUI_CONNECTION'))).stdout.split(' ')
    expect(fresh.session).toMatchObject({ clientAddress: '127.0.0.1', serverPort: server.port })
    expect(String(fresh.session.clientPort)).not.toBe(own[1])
    expect(fresh.elapsedMs).toBeGreaterThanOrEqual(0)
    expect(fresh.method).toContain('key')
    const ran = value(await fresh.exec(sh('id -u; echo $HARDTUI_CONNECTION', { privilege: 'root' })))
    expect(ran.stdout).toBe(`0\n127.0.0.1 ${fresh.session.clientPort} 127.0.0.1 ${server.port}\n`)
    expect(ask.asked).toHaveLength(1)
    fresh.close()
    await vi.waitFor(() => expect(server.connections()).toBe(1))
  })

  it('makes no attempt that is likely to fail', async () => {
    await up()
    server.change({ steps: [['password']] })
    expect(errorOf(await host.proveFreshLogin()).kind).toBe('auth-failed')
    expect(server.attempts).toEqual([`${USER} publickey yes`, `${USER} publickey no`])
  })

  it('fails where nothing listens any more, and leaves the link alone', async () => {
    await up()
    expect(errorOf(await host.proveFreshLogin({ port: 1 })).kind).toBe('unreachable')
    expect(host.link().state).toBe('up')
  })

  it('works where the login has no way to root', async () => {
    await up({ sudo: 'missing' })
    value(await host.probe([], { facts: () => {}, output: () => {} }))
    const fresh = value(await host.proveFreshLogin())
    expect(value(await fresh.exec(sh('id -u'))).stdout).toBe('1000\n')
    fresh.close()
  })

  it('works while the link itself is down', async () => {
    const seen = await up({}, operator(), { backOff: [60_000] })
    server.drop()
    await states(seen, 'lost')
    const fresh = value(await host.proveFreshLogin())
    fresh.close()
  })
})

/** Dials the server, but fails the given number of times after the first. */
function flaky(failures: number) {
  let dials = 0
  return async (target: { readonly port: number }): Promise<Duplex> => {
    dials += 1
    if (dials > 1 && dials <= 1 + failures) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    return dialed(target.port)
  }
}

const dialed = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = tcp({ port, host: '127.0.0.1', noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })

/** A connection whose bytes can be dropped on the floor, as a firewall would. */
function muteable() {
  let silent = false
  return {
    silence: () => {
      silent = true
    },
    dial: async (target: { readonly port: number }): Promise<Duplex> => {
      const socket = await dialed(target.port)
      const inward = new PassThrough()
      socket.on('data', (chunk) => {
        if (!silent) inward.write(chunk)
      })
      const outward = new PassThrough()
      outward.on('data', (chunk) => {
        if (!silent) socket.write(chunk)
      })
      const stream = Duplex.from({ readable: inward, writable: outward })
      stream.once('close', () => socket.destroy())
      socket.once('close', () => stream.destroy())
      return stream
    },
  }
}
