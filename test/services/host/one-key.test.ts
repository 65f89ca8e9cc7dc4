import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dialDefault } from '../../../src/services/host/dial.ts'
import { createConnect } from '../../../src/services/host/host.ts'
import { DEFAULT_POLICY } from '../../../src/services/host/login-policy.ts'
import type { LoginPolicy, Target } from '../../../src/services/model/host.ts'
import type { ServerOptions, TestServer } from '../../support/ssh-server.ts'
import { PASSWORD, USER } from '../../support/ssh-server-login.ts'
import { errorOf, operator, serversOfTests, value } from './answers.ts'

const { up, also } = serversOfTests()

const policy = (change: Partial<LoginPolicy>): Pick<Target, 'policy'> => ({ policy: { ...DEFAULT_POLICY, ...change } })
const attempt = async (target: Target, ask = operator()) => errorOf(await createConnect()(target, ask))
const withPassword = { steps: [['password']] } as const satisfies ServerOptions

describe('a run that has accepted a key', () => {
  const ask = () => operator({ 'host-key': ['yes'], password: [PASSWORD] })

  it.each(['ed25519', 'ecdsa'] as const)('shows no secret to another one (%s), on whichever port', async (type) => {
    const [real, other] = [await up(withPassword), await up({ ...withPassword, hostKeys: [type] })]
    const asking = ask()
    const host = value(
      await createConnect()(real.target({ knownHostsFiles: ['/dev/null'], identityFiles: [] }), asking),
    )
    also(host.close)
    const error = errorOf(await host.proveFreshLogin({ port: other.port }))
    expect(error.kind).toBe('host-key-mismatch')
    expect(error.message).toMatch(/shows another key|no longer offers the key type/)
    expect(other.attempts).toEqual([])
    expect(asking.asked.map(({ kind }) => kind)).toEqual(['host-key', 'password'])
  })

  it('takes none for it that only the files know under the other port', async () => {
    const [real, other] = [await up(withPassword), await up(withPassword)]
    const files = [real, other].map((one) => join(one.folder, 'known_hosts'))
    const asking = ask()
    const host = value(await createConnect()(real.target({ knownHostsFiles: files, identityFiles: [] }), asking))
    also(host.close)
    expect(errorOf(await host.proveFreshLogin({ port: other.port })).message).toContain('shows another key')
    expect(other.attempts).toEqual([])
  })

  it('still knows it when the first login failed and it is tried again', async () => {
    const [real, other] = [await up(withPassword), await up(withPassword)]
    let port = real.port
    const connect = createConnect({ dial: (target, signal) => dialDefault({ ...target, port }, signal) })
    const target = real.target({ knownHostsFiles: ['/dev/null'], identityFiles: [] })
    const gaveUp = operator({ 'host-key': ['yes'], password: null })
    expect(errorOf(await connect(target, gaveUp)).kind).toBe('cancelled')
    port = other.port
    expect(errorOf(await connect(target, ask())).message).toContain('shows another key')
    expect(other.attempts.filter((line) => line.includes('password'))).toEqual([])
  })
})

describe('ssh_config decides about host keys:', () => {
  const unknown = (server: TestServer, change: Partial<LoginPolicy>): Target =>
    server.target({ knownHostsFiles: [join(server.folder, 'new')], ...policy(change) })

  it('StrictHostKeyChecking yes refuses an unknown one without a question', async () => {
    const server = await up()
    const error = await attempt(unknown(server, { unknownHostKey: 'refuse' }))
    expect(error.message).toContain('StrictHostKeyChecking of ssh_config says yes')
    expect(server.attempts).toEqual([])
  })

  it('accept-new keeps an unknown one without a question, and still refuses a changed one', async () => {
    const server = await up()
    const target = unknown(server, { unknownHostKey: 'accept' })
    value(await createConnect()(target, operator())).close()
    const [file = ''] = target.knownHostsFiles
    expect(readFileSync(file, 'utf8')).toBe(
      `[127.0.0.1]:${server.port} ${server.hostKey.split(' ').slice(0, 2).join(' ')}\n`,
    )
    const impostor = await up()
    writeFileSync(file, `[127.0.0.1]:${impostor.port} ${server.hostKey}\n`)
    const error = await attempt(impostor.target({ knownHostsFiles: [file], ...policy({ unknownHostKey: 'accept' }) }))
    expect(error.message).toContain('has changed')
  })

  it('BatchMode asks nothing', async () => {
    const server = await up()
    expect((await attempt(unknown(server, { batch: true }))).message).toContain('BatchMode')
  })

  it.each(['text', 'KRL'])(
    'RevokedHostKeys as %s refuses what it lists, known or not, and nothing else',
    async (form) => {
      const server = await up()
      const keys = join(server.folder, 'revoked.pub')
      const file = join(server.folder, 'revoked')
      const revoke = (line: string): void => {
        writeFileSync(keys, `${line}\n`)
        if (form === 'KRL') execFileSync('ssh-keygen', ['-k', '-q', '-f', file, keys])
        else writeFileSync(file, `# compromised\n${line} root@old\n`)
      }
      revoke(server.hostKey)
      const target = server.target(policy({ revokedHostKeys: file }))
      expect((await attempt(target)).message).toContain(`is revoked by ${file}`)
      expect(server.attempts).toEqual([])
      revoke((await up()).hostKey)
      value(await createConnect()(target, operator())).close()
    },
  )

  it('a RevokedHostKeys file that is missing or no list refuses every key', async () => {
    const server = await up()
    const missing = join(server.folder, 'nowhere')
    expect(existsSync(missing)).toBe(false)
    const error = await attempt(server.target(policy({ revokedHostKeys: missing })))
    expect(error.message).toContain("can't be read (ENOENT)")
    const broken = join(server.folder, 'broken')
    writeFileSync(broken, 'SSHKRL\n\0rubbish')
    expect((await attempt(server.target(policy({ revokedHostKeys: broken })))).message).toContain(
      "can't be read (ssh-keygen -Q:",
    )
  })

  it('RequiredRSASize refuses a shorter key on either side', async () => {
    const server = await up({ hostKeys: ['rsa'] })
    const error = await attempt(server.target(policy({ requiredRsaSize: 4096 })))
    expect(error.message).toMatch(/RSA key of \d{4} bits; ssh_config wants 4096/)
  })

  it('HostKeyAlgorithms that leave out the known type end before anything is sent', async () => {
    const server = await up()
    const { allowed } = DEFAULT_POLICY
    const error = await attempt(server.target(policy({ allowed: { ...allowed, hostKey: ['rsa-sha2-512'] } })))
    expect(error.kind).not.toBe('auth-failed')
    expect(server.attempts).toEqual([])
  })
})

describe('ssh_config decides about the login:', () => {
  it('with PasswordAuthentication no, no password is asked for or sent, and the reason is told', async () => {
    const server = await up(withPassword)
    const error = await attempt(server.target({ identityFiles: [], ...policy({ methods: ['publickey'] }) }))
    expect(error.message).toContain('the server accepts password, which your ssh_config does not let be used')
    expect(server.attempts.filter((line) => line.includes('password'))).toEqual([])
  })

  it('PreferredAuthentications sets the order: a password before the key', async () => {
    const server = await up()
    const target = server.target(policy({ methods: ['password', 'publickey'] }))
    value(await createConnect()(target, operator({ password: [PASSWORD] }))).close()
    expect(server.attempts.filter((line) => !line.includes(' none '))).toEqual([`${USER} password yes`])
  })

  it('NumberOfPasswordPrompts bounds how often it asks', async () => {
    const server = await up(withPassword)
    const ask = operator({ password: ['wrong'] })
    await attempt(server.target({ identityFiles: [], ...policy({ passwordPrompts: 1 }) }), ask)
    expect(ask.asked).toHaveLength(1)
  })

  it('PubkeyAcceptedAlgorithms leaves out keys of other types', async () => {
    const server = await up()
    const { allowed } = DEFAULT_POLICY
    const error = await attempt(
      server.target(policy({ allowed: { ...allowed, publicKey: ['rsa-sha2-512'] }, methods: ['publickey'] })),
    )
    expect(error.kind).toBe('auth-failed')
    expect(server.attempts.filter((line) => line.includes('publickey'))).toEqual([])
  })

  it('BatchMode passes over a locked key instead of asking for its passphrase', async () => {
    const server = await up()
    execFileSync('ssh-keygen', ['-p', '-q', '-N', 'correct horse', '-f', server.keyFile])
    const error = await attempt(server.target(policy({ batch: true, methods: ['publickey'] })))
    expect(error.kind).toBe('auth-failed')
  })
})
