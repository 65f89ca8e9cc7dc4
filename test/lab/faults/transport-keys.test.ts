// Faults 4 to 9: the server's key, and the operator's.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Question } from '../../../src/services/model/host.ts'
import { errorOf, operator } from '../../services/host/answers.ts'
import { up, whyNoLab } from '../lab.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { KEYS, openTerminal } from '../terminal.ts'
import { USERS } from '../users.ts'
import { attempt, login, now, setSshd, sshdSince } from './bench.ts'
import { watchLoop } from './loop.ts'

const keygen = (...args: readonly string[]): string =>
  execFileSync('ssh-keygen', [...args], { encoding: 'utf8', stdio: 'pipe' })
/** sshd says so at DEBUG1 for every attempt to log in, the empty first one ("none") included. */
const AUTH = 'userauth-request for user'

describe.skipIf(whyNoLab() !== null)('keys on a real server', () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
    await setSshd(server, 'LogLevel DEBUG1', 'Port 22', 'Port 10022')
  })
  afterAll(() => server?.down())

  const inHome = (name: string): string => join(server.home, name)
  /** A known_hosts file of its own with these lines. */
  const known = (name: string, ...lines: readonly string[]): string => {
    writeFileSync(inHome(name), lines.map((line) => `${line}\n`).join(''))
    return inHome(name)
  }
  const hostKey = (type: string): string => server.hostKeys.find((key) => key.startsWith(type)) ?? ''
  const newKey = (name: string, ...more: readonly string[]): string => {
    if (!existsSync(inHome(name))) keygen('-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', inHome(name), ...more)
    return readFileSync(`${inHome(name)}.pub`, 'utf8').trim()
  }
  /** What OpenSSH's own client makes of the same file: the oracle. */
  const sshAccepts = async (file: string, port = 22): Promise<boolean> => {
    const options = ['-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', '-o', 'IdentityAgent=none']
    const files = ['-o', `UserKnownHostsFile=${file}`, '-o', 'GlobalKnownHostsFile=none', '-i', server.key]
    const argv = ['ssh', ...options, ...files, '-p', String(port), `root@${server.address}`, 'true']
    return (await server.client.run(argv)).status === 0
  }
  const attempts = async (file: string, target = {}, ask = operator()) => {
    const since = await now(server)
    const result = await attempt(server, 'root', { target: { knownHostsFiles: [file], ...target }, ask })
    if (result.ok) result.value.close()
    return { result, log: await sshdSince(server, since) }
  }

  test('fault 4: an unknown key is shown with its SHA256, and nothing of a login is sent before yes', async () => {
    const file = known('known-none')
    writeFileSync(inHome('host.pub'), hostKey('ssh-ed25519'))
    const fingerprint = /SHA256:\S+/.exec(keygen('-lf', inHome('host.pub')))?.[0] ?? '-'
    const since = await now(server)
    const terminal = openTerminal(server, 'root', { knownHosts: file })
    await terminal.waitFor('Unknown host key')
    await terminal.waitFor(fingerprint)
    terminal.press(`y${KEYS.enter}`)
    await terminal.waitFor('Type yes, all three letters')
    expect(await sshdSince(server, since)).not.toContain(AUTH)
    expect(readFileSync(file, 'utf8')).toBe('')
    terminal.press(`yes${KEYS.enter}`)
    await terminal.waitFor('following')
    expect(await sshdSince(server, since)).toContain(AUTH)
    // Debian's ssh_config(5) hashes names: ssh-keygen finds the line all the same.
    expect(keygen('-F', server.address, '-f', file)).toContain(hostKey('ssh-ed25519'))
    terminal.kill()
  })

  test('fault 5: a changed key is refused, nothing secret is sent, and no key overrides it', async () => {
    const file = known('known-other', `${server.address} ${newKey('other')}`)
    const before = readFileSync(file, 'utf8')
    const since = await now(server)
    const terminal = openTerminal(server, 'root', { knownHosts: file, columns: 200 })
    await terminal.waitFor('has changed')
    await terminal.waitFor('nothing secret was sent')
    await terminal.waitFor(`ssh-keygen -f '${file}' -R '${server.address}'`)
    for (const keys of ['yes\r', 'Y', 'y', 'C', 'A', '\r', 'R']) terminal.press(keys)
    const connections = async (): Promise<number> =>
      (await sshdSince(server, since)).split('Connection from').length - 1
    await until('the second attempt, which R began', async () => (await connections()) === 2)
    await terminal.waitFor('has changed')
    expect(terminal.screen()).not.toMatch(/override|trust|anyway|regardless/i)
    expect(await sshdSince(server, since)).not.toContain(AUTH)
    expect(readFileSync(file, 'utf8')).toBe(before)
    terminal.press('q')
    expect(await terminal.ended).toBe(1)
  })

  test('fault 6: a server of three keys of which only the rsa one is known is connected to by that one', async () => {
    const file = known('known-rsa', `${server.address} ${hostKey('ssh-rsa')}`)
    expect(server.hostKeys).toHaveLength(3)
    const { result, log } = await attempts(file)
    expect(result.ok).toBe(true)
    expect(log).toMatch(/kex: host key algorithm: rsa-sha2-(256|512)/)
  })

  test('fault 7: a revoked key is refused although it is also listed as good', async () => {
    const key = hostKey('ssh-ed25519')
    const file = known('known-revoked', `${server.address} ${key}`, `@revoked * ${key}`)
    const { result, log } = await attempts(file)
    expect(errorOf(result)).toMatchObject({
      kind: 'host-key-mismatch',
      message: `The key of 192.0.2.10 port 22 is marked as revoked in ${file} line 2. Nothing secret was sent.`,
    })
    expect(log).not.toContain(AUTH)
    expect(await sshAccepts(file)).toBe(false)
  })

  test('fault 7: a host known by its certificate authority alone is refused, for certificates cannot be checked', async () => {
    const authority = newKey('authority')
    writeFileSync(inHome('host.pub'), hostKey('ssh-ed25519'))
    keygen('-q', '-s', inHome('authority'), '-I', 'lab', '-h', '-n', server.address, inHome('host.pub'))
    await server.must('cat >/etc/ssh/host-cert.pub', { input: readFileSync(inHome('host-cert.pub'), 'utf8') })
    await setSshd(server, 'LogLevel DEBUG1', 'Port 22', 'Port 10022', 'HostCertificate /etc/ssh/host-cert.pub')
    const file = known('known-authority', `@cert-authority ${server.address} ${authority}`)
    expect(await sshAccepts(file)).toBe(true)
    const { result, log } = await attempts(file)
    // There is no second transport over the system's ssh yet, which could check it: the refusal names the way out.
    expect(errorOf(result)).toMatchObject({
      kind: 'host-key-mismatch',
      message: expect.stringContaining('@cert-authority'),
      next: expect.stringContaining('ssh-keyscan'),
    })
    expect(log).not.toContain(AUTH)
    writeFileSync(file, `${server.address} ${hostKey('ssh-ed25519')}\n`, { flag: 'a' })
    expect((await attempts(file)).result.ok).toBe(true)
  })

  test.each([
    ['a name with its port', (key: string) => [`[192.0.2.10]:10022 ${key}`], false],
    ['a hashed name with its port', (key: string) => [`[192.0.2.10]:10022 ${key}`], true],
    ['a name without a port', (key: string) => [`192.0.2.10 ${key}`], false],
    ['a pattern', (key: string) => [`!192.0.2.11,[192.0.2.*]:100?? ${key}`], false],
  ])('fault 8: a server on port 10022 is known by %s', async (name, lines, hashed) => {
    const file = known(`known-${name.replaceAll(' ', '-')}`, ...lines(hostKey('ssh-ed25519')))
    if (hashed) keygen('-q', '-H', '-f', file)
    if (hashed) expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/)
    expect(await sshAccepts(file, 10_022)).toBe(true)
    expect((await attempts(file, { port: 10_022 })).result.ok).toBe(true)
  })

  test('fault 8: a line for another port does not count, and a hashed line that is added is one ssh finds', async () => {
    const file = known('known-port', `[192.0.2.10]:10023 ${hostKey('ssh-ed25519')}`)
    const target = { port: 10_022, hashKnownHosts: true }
    const refused = operator({ 'host-key': null })
    expect(errorOf((await attempts(file, target, refused)).result).kind).toBe('cancelled')
    expect(refused.asked).toHaveLength(1)
    expect((await attempts(file, target, operator({ 'host-key': ['yes'] }))).result.ok).toBe(true)
    expect(keygen('-F', '[192.0.2.10]:10022', '-f', file)).toContain('found: line 2')
    expect(await sshAccepts(file, 10_022)).toBe(true)
  })

  test.each([
    ['a directory', (path: string) => mkdirSync(path)],
    ['a link to itself', (path: string) => symlinkSync(path, path)],
    // Root reads every file, whatever its mode: what can't be read here is no file.
  ])(
    'fault 8: known_hosts that can not be read (%s) fails closed, although another file knows the key',
    async (name, make) => {
      const path = inHome(`unreadable-${name.replaceAll(' ', '-')}`)
      make(path)
      const { result, log } = await attempts(path, { knownHostsFiles: [server.knownHosts, path] })
      expect(errorOf(result)).toMatchObject({
        kind: 'host-key-mismatch',
        message: expect.stringContaining("can't be read"),
      })
      expect(log).not.toContain(AUTH)
    },
  )

  /** The lab's key under a passphrase, as ssh-keygen(1) locks it by itself. */
  const lockedKey = (): string => {
    const file = inHome('locked')
    copyFileSync(server.key, file)
    keygen('-q', '-p', '-P', '', '-N', 'correct horse', '-f', file)
    return file
  }

  test('fault 9: a wrong passphrase is asked for again, and no key press waits for more than 100 ms', async () => {
    let count = 0
    const ask = operator({ passphrase: () => [++count < 3 ? 'wrong' : 'correct horse'] })
    const longest = watchLoop()
    const host = await login(server, 'root', { target: { identityFiles: [lockedKey()] }, ask })
    expect(longest()).toBeLessThan(100)
    expect(ask.asked).toMatchObject([1, 2, 3].map((one) => ({ kind: 'passphrase', attempt: one })))
    host.close()
  })

  test('fault 9: after three wrong passphrases the next method is tried, and the loop was never held up', async () => {
    const ask = operator({ passphrase: ['wrong'], 'keyboard-interactive': null, password: [USERS.pat.password ?? ''] })
    const longest = watchLoop()
    const host = await login(server, 'pat', { target: { identityFiles: [lockedKey()] }, ask })
    expect(longest()).toBeLessThan(100)
    const kinds = ask.asked.map(({ kind }: Question) => kind)
    expect(kinds).toEqual(['passphrase', 'passphrase', 'passphrase', 'password'])
    host.close()
  })
})
