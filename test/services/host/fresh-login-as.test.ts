import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/services/host/login-policy.ts'
import type { Host, HostFacts } from '../../../src/services/model/host.ts'
import type { TestServer } from '../../support/ssh-server.ts'
import { PASSWORD, USER } from '../../support/ssh-server-login.ts'
import { connect, errorOf, operator, serversOfTests, sh, value } from './answers.ts'

const { up, also } = serversOfTests()
const login = async (...given: Parameters<typeof connect>): Promise<Host> => {
  const host = await connect(...given)
  also(host.close)
  return host
}
const asDora = ({ attempts }: TestServer): readonly string[] => attempts.filter((line) => line.startsWith('dora '))
const passworded = () => operator({ password: [PASSWORD], 'host-key': ['yes'] })

describe('a fresh login as another user', () => {
  it('is made by the operator’s key, and becomes root as that user', async () => {
    const server = await up()
    const host = await login(server.target())
    const fresh = value(await host.proveFreshLogin({ user: 'dora' }))
    expect(server.attempts).toEqual([`${USER} publickey yes`, 'dora publickey yes'])
    expect([fresh.method, fresh.session.serverPort]).toEqual([expect.stringContaining('key'), server.port])
    expect(value(await fresh.exec(sh('id -u', { privilege: 'root' }))).stdout).toBe('0\n')
    fresh.close()
    await vi.waitFor(() => expect(server.connections()).toBe(1))
  })

  it('tries the keys anew where the operator came by his password, which is never sent nor asked for', async () => {
    const server = await up({ steps: [['password']] })
    const ask = passworded()
    const host = await login(server.target(), ask)
    server.change({ steps: [['publickey', 'password']] })
    value(await host.proveFreshLogin({ user: 'dora' })).close()
    expect(asDora(server)).toEqual(['dora publickey yes'])
    expect(ask.asked.map(({ kind }) => kind)).toEqual(['password'])
  })

  it('fails where only a password, or an answer, would let that user in', async () => {
    const rounds = [{ prompts: [{ prompt: 'Password: ', echo: false }], answers: [PASSWORD] }]
    const server = await up({ steps: [['password']], rounds })
    const ask = passworded()
    const host = await login(server.target(), ask)
    for (const steps of [[['password']], [['keyboard-interactive']]] as const) {
      server.change({ steps })
      expect(errorOf(await host.proveFreshLogin({ user: 'dora' })).kind).toBe('auth-failed')
    }
    expect(asDora(server)).toEqual(['dora publickey no', 'dora publickey no'])
    expect(ask.asked.map(({ kind }) => kind)).toEqual(['password'])
  })

  it('sends no password though ssh_config prefers one', async () => {
    const server = await up()
    const ask = passworded()
    const policy = { ...DEFAULT_POLICY, methods: ['password', 'publickey'] as const }
    const host = await login(server.target({ policy }), ask)
    value(await host.proveFreshLogin({ user: 'dora' })).close()
    expect(asDora(server).filter((line) => !line.includes(' none '))).toEqual(['dora publickey yes'])
  })

  it('keeps to the rest of ssh_config: a key of a type that it leaves out is not offered', async () => {
    const server = await up({ steps: [['password']] })
    const allowed = { ...DEFAULT_POLICY.allowed, publicKey: ['rsa-sha2-512'] }
    const host = await login(server.target({ policy: { ...DEFAULT_POLICY, allowed } }), passworded())
    server.change({ steps: [['publickey']] })
    expect(errorOf(await host.proveFreshLogin({ user: 'dora' })).kind).toBe('auth-failed')
    expect(asDora(server).filter((line) => line.includes('publickey'))).toEqual([])
  })

  it('tries each of his keys until one is taken, whichever let him in', async () => {
    const server = await up()
    const other = join(server.folder, 'other')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
    const host = await login(server.target({ identityFiles: [other, server.keyFile] }))
    value(await host.proveFreshLogin()).close()
    value(await host.proveFreshLogin({ user: 'dora' })).close()
    expect(server.attempts.slice(2)).toEqual([`${USER} publickey yes`, 'dora publickey no', 'dora publickey yes'])
  })

  it('asks for no passphrase again', async () => {
    const server = await up()
    execFileSync('ssh-keygen', ['-p', '-q', '-N', 'correct horse', '-f', server.keyFile])
    const ask = operator({ passphrase: ['correct horse'] })
    const host = await login(server.target(), ask)
    value(await host.proveFreshLogin({ user: 'dora' })).close()
    expect(ask.asked).toHaveLength(1)
  })

  it('does not give sudo the operator’s password: who has to type one there is asked for that user’s', async () => {
    const server = await up({ sudo: 'asks' })
    const ask = operator({
      'sudo-password': (question) => ('user' in question && question.user === USER ? [PASSWORD] : null),
    })
    const host = await login(server.target(), ask)
    value(await host.exec(sh('true', { privilege: 'root' })))
    expect(errorOf(await host.proveFreshLogin({ user: 'dora' })).kind).toBe('cancelled')
    expect(ask.asked).toMatchObject([
      { kind: 'sudo-password', user: USER },
      { kind: 'sudo-password', user: 'dora' },
    ])
    await vi.waitFor(() => expect(server.connections()).toBe(1))
  })

  it('gives sudo what the operator gave that user, and asks only where that is not it', async () => {
    const server = await up({ sudo: 'asks' })
    const ask = operator({ 'sudo-password': [PASSWORD] })
    const host = await login(server.target(), ask)
    const as = async (sudoPassword: string) => {
      const fresh = value(await host.proveFreshLogin({ user: 'dora', sudoPassword }))
      value(await fresh.exec(sh('true', { privilege: 'root' })))
      fresh.close()
    }
    await as(PASSWORD)
    expect(ask.asked).toEqual([])
    await as('something else')
    expect(ask.asked).toMatchObject([{ kind: 'sudo-password', user: 'dora', attempt: 2 }])
  })

  it('asks sudo although the operator himself can’t become root', async () => {
    const server = await up({ sudo: 'never' })
    const host = await login(server.target(), operator({ 'sudo-password': [PASSWORD] }))
    errorOf(await host.exec(sh('true', { privilege: 'root' })))
    server.change({ sudo: 'free' })
    const fresh = value(await host.proveFreshLogin({ user: 'dora' }))
    expect(value(await fresh.exec(sh('id -u', { privilege: 'root' }))).stdout).toBe('0\n')
    fresh.close()
  })

  it('goes to the port that it is told, and to nobody who shows another host key than the accepted one', async () => {
    const [real, other] = [await up(), await up()]
    const files = [real, other].map((one) => join(one.folder, 'known_hosts'))
    const host = await login(real.target({ knownHostsFiles: files }))
    const error = errorOf(await host.proveFreshLogin({ port: other.port, user: 'dora' }))
    expect([error.kind, error.message]).toEqual(['host-key-mismatch', expect.stringContaining('shows another key')])
    expect(other.attempts).toEqual([])
  })

  it('changes nothing of how the operator himself logs in', async () => {
    const server = await up({ steps: [['password']] })
    const ask = passworded()
    const host = await login(server.target(), ask)
    server.change({ steps: [['publickey']] })
    value(await host.proveFreshLogin({ user: 'dora' })).close()
    server.change({ steps: [['password']] })
    value(await host.proveFreshLogin({ user: USER })).close()
    expect(server.attempts.at(-1)).toBe(`${USER} password yes`)
    expect(ask.asked).toHaveLength(1)
  })
})

describe('the operator’s keys', () => {
  const facts = async (host: Host) => {
    const seen: HostFacts[] = []
    value(await host.probe([], { facts: (one) => seen.push(one), output: () => {} }))
    return seen[0]?.needs
  }
  const publicOf = (file: string): string => execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim()

  it('are known as authorized_keys has them: what let him in, and what he could have offered', async () => {
    const server = await up()
    const other = join(server.folder, 'other')
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', '', '-f', other])
    const [used, spare] = [publicOf(server.keyFile), publicOf(other)].map((line) =>
      line.split(' ').slice(0, 2).join(' '),
    )
    const host = await login(server.target({ identityFiles: [server.keyFile, other] }))
    expect(await facts(host)).toMatchObject({
      methods: ['publickey'],
      keys: [{ type: 'ssh-ed25519', bits: null, line: used }],
      offered: [{ line: used }, { type: 'ssh-rsa', bits: 2048, line: spare }],
    })
  })

  it('are known of who came by a password', async () => {
    const server = await up({ steps: [['password']] })
    const host = await login(server.target(), passworded())
    expect(await facts(host)).toMatchObject({ methods: ['password'], keys: [], offered: [{ type: 'ssh-ed25519' }] })
  })

  it('are none where he has none', async () => {
    const server = await up({ steps: [['password']] })
    const host = await login(server.target({ identityFiles: [] }), passworded())
    expect(await facts(host)).toMatchObject({ keys: [], offered: [] })
  })
})
