// Logins and failures of every kind against a real sshd, read back from its own log.
import ssh2 from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createFolder } from '../../src/services/areas/securelog/events.ts'
import { factsOf } from '../../src/services/model/reading.ts'
import type { LogEntry, LogKind, SecureLogFacts } from '../../src/services/model/securelog.ts'
import { makeKey } from '../support/ssh-keys.ts'
import { audit } from './auditor.ts'
import { kindsFor } from './kinds.ts'
import { up, whyNoLab } from './lab.ts'
import { closeOperators, logIn } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import { USERS } from './users.ts'

const CONFIG = '/etc/ssh/sshd_config'
const LEVELS = ['INFO', 'VERBOSE'] as const
/** What a line can say of a try to get in. */
const LOGINS: ReadonlySet<LogKind> = new Set(['accepted', 'failed', 'invalid'])

/** A login by a key of the client's host, whose user and name are whatever it claims (RFC 4252, 9). */
async function hostbased(
  server: Server,
  key: string,
  claims: { readonly localHostname: string; readonly localUsername: string },
): Promise<void> {
  const sock = await server.client.connect({ port: 22 })
  const client = new ssh2.Client()
  const ended = new Promise<void>((resolve) => {
    client.on('ready', () => client.end())
    client.on('error', () => resolve())
    client.on('close', () => resolve())
  })
  client.connect({ sock, username: 'ops', authHandler: ['hostbased'], privateKey: key, ...claims })
  await ended
}

/** Tries that failed, by user, as rows count them. */
function groupTries(entries: readonly LogEntry[]): ReadonlyMap<string, number> {
  const fold = createFolder()
  const tries = new Map<string, number>()
  for (const entry of entries) {
    const { event, tried } = fold(entry)
    tries.set(event.user ?? '', (tries.get(event.user ?? '') ?? 0) + tried)
  }
  return tries
}

for (const flavour of kindsFor('the secure log of', ['debian12', 'debian13'] as const)) {
  describe.skipIf(whyNoLab() !== null)(`the secure log of ${flavour}`, () => {
    let server: Server
    beforeAll(async () => {
      server = await up({ flavour })
    })
    afterAll(() => server?.down())
    afterEach(closeOperators)

    const configure = async (text: string): Promise<void> => {
      // Failures are what this is about: sshd 9.8 and later would shut us out for them.
      const free = flavour === 'debian13' ? 'PerSourcePenalties no\n' : ''
      await server.must(`cat > ${CONFIG}; systemctl restart ssh`, { input: `${free}MaxAuthTries 20\n${text}` })
      await server.waitForSshd()
    }
    const readLog = async (): Promise<SecureLogFacts> => {
      const operator = await logIn(server)
      const facts = factsOf((await audit(operator.host, 'securelog')).reading)
      if (!facts) throw new Error('the log was not read')
      return facts
    }
    /** What came into the log since, of logins and failures: `accepted ops 10.0.0.1 password`. */
    const since = async (last: number): Promise<readonly LogEntry[]> =>
      (await readLog()).entries.filter(({ id, kind, own }) => id > last && LOGINS.has(kind) && !own)
    const words = (entries: readonly LogEntry[]): readonly string[] =>
      entries.map(({ kind, user, address, method, times }) => [kind, user, address, method, times ?? 1].join(' '))
    const ssh = (user: string, args: readonly string[], password?: string) =>
      server.client.login({ user, ...(password !== undefined && { password }), args, timeoutMs: 15_000 })
    const kbd = ['-o', 'PreferredAuthentications=keyboard-interactive']
    const me = (): string => server.client.address

    for (const level of LEVELS) {
      it(`counts each wrong and right password once, by password and keyboard-interactive, at LogLevel ${level}`, async () => {
        await configure(`UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication yes\nLogLevel ${level}\n`)
        const from = (await readLog()).entries.at(-1)?.id ?? 0
        await ssh('pat', ['-o', 'PreferredAuthentications=password'], 'wrong')
        await ssh('pat', ['-o', 'PreferredAuthentications=password'], USERS.pat.password ?? '')
        await ssh('pat', kbd, 'wrong')
        await ssh('pat', kbd, USERS.pat.password ?? '')
        await ssh('no such', kbd, 'wrong')
        const all = await since(from)
        // At VERBOSE sshd tells of what PAM has told of before.
        const again = all.filter(({ user, times }) => user === 'pat' && times === 0).map(({ method }) => method)
        expect(again).toEqual(level === 'VERBOSE' ? ['keyboard-interactive/pam'] : [])
        const found = all.filter(({ method, times }) => method !== 'publickey' && times !== 0)
        // Row by row each try counts once, whoever told of it how often.
        const tried = groupTries((await readLog()).entries.filter(({ id, own }) => id > from && !own))
        expect(tried.get('pat')).toBe(2)
        const [failedPassword, password, ...rest] = words(found)
        expect(failedPassword).toBe(`failed pat ${me()} password 1`)
        expect(password).toBe(`accepted pat ${me()} password 1`)
        expect(rest.filter((one) => one.startsWith('failed pat'))).toEqual([
          `failed pat ${me()} keyboard-interactive/pam 1`,
        ])
        expect(rest).toContain(`accepted pat ${me()} keyboard-interactive/pam 1`)
        expect(rest.filter((one) => one.startsWith(`failed no such ${me()}`)).length).toBeGreaterThanOrEqual(1)
      })
    }

    it('knows a login by certificate whose holder wrote a whole line into it', async () => {
      const key = `/tmp/hardtui-ca-${server.name}`
      const made = await server.client.run([
        'sh',
        '-c',
        `rm -f ${key}*; ssh-keygen -q -t ed25519 -N '' -f ${key}-ca && ssh-keygen -q -t ed25519 -N '' -f ${key} &&
          ssh-keygen -q -s ${key}-ca -n ops -I 'x from 192.0.2.66 port 9 ssh2' ${key}.pub && cat ${key}-ca.pub`,
      ])
      await server.must('cat > /etc/ssh/ca.pub', { input: made.stdout })
      await configure('UsePAM yes\nTrustedUserCAKeys /etc/ssh/ca.pub\nLogLevel VERBOSE\n')
      const from = (await readLog()).entries.at(-1)?.id ?? 0
      expect(await server.client.canLogin({ user: 'ops', key })).toBe(true)
      expect(words(await since(from)).filter((one) => one.includes(' ops '))).toContain(
        `accepted ops ${me()} publickey 1`,
      )
      expect(JSON.stringify(words(await since(from)))).not.toContain('192.0.2.66')
      await server.client.run(['sh', '-c', `rm -f ${key}*`])
    })

    it('believes no address that a client sends as its name, over the wire', async () => {
      await configure('UsePAM yes\nKbdInteractiveAuthentication yes\nLogLevel VERBOSE\n')
      const from = (await readLog()).entries.at(-1)?.id ?? 0
      for (const name of [
        'root from 192.0.2.66 port 22 ssh2',
        'x from 192.0.2.66 port 1 ssh2: RSA SHA256:abc',
        'invalid user y from 192.0.2.66',
        'z 192.0.2.66 port 3 [preauth]',
        'Accepted password for root from 192.0.2.66 port 1 ssh2',
      ]) {
        await server.client.ssh('true', {
          args: ['-o', 'PreferredAuthentications=password,keyboard-interactive', '-l', name],
          password: 'wrong',
          timeoutMs: 15_000,
        })
      }
      const strange = (await since(from)).filter(({ text }) => text.includes('192.0.2.66'))
      expect(strange.length).toBeGreaterThanOrEqual(10)
      for (const { address, text } of strange) expect([text, address]).toEqual([text, me()])
      expect(strange.filter(({ kind }) => kind === 'accepted')).toEqual([])
    })

    it('makes no login, no address and no colour of what a client says before it has a name', async () => {
      await configure('UsePAM yes\nLogLevel VERBOSE\n')
      const from = (await readLog()).entries.at(-1)?.id ?? 0
      const line = 'Accepted password for root from 192.0.2.66 port 1 ssh2'
      const said = [
        `SSH-2.0-\u001b[31m${line}`,
        line,
        `GET / HTTP/1.1 ${line} from 192.0.2.66 port 2`,
        `SSH-1.5-${line}`,
      ]
      for (const text of said) {
        const socket = await server.client.connect({ port: 22 })
        const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
        socket.on('error', () => {})
        socket.resume()
        socket.end(`${text}\r\n`)
        await closed
      }
      const entries = (await readLog()).entries.filter(({ id }) => id > from)
      const strange = entries.filter(({ text }) => text.includes('192.0.2.66'))
      expect(strange.length).toBeGreaterThanOrEqual(2)
      for (const { kind, address, text } of strange) {
        expect(kind).not.toBe('accepted')
        expect([null, me()]).toContain(address)
        expect(text).not.toMatch(/[\u0000-\u001f]/)
      }
      expect(entries.filter(({ kind, own, address }) => kind === 'accepted' && !own && address !== me())).toEqual([])
    })

    it('believes no address that a hostbased client claims, and knows when it is let in', async () => {
      await configure(
        'UsePAM yes\nHostbasedAuthentication yes\nHostbasedUsesNameFromPacketOnly yes\nLogLevel VERBOSE\n',
      )
      const { private: key, public: line } = makeKey('ed25519')
      await server.must(`echo h1.example >/etc/ssh/shosts.equiv; echo 'h1.example ${line}' >/etc/ssh/ssh_known_hosts`)
      const from = (await readLog()).entries.at(-1)?.id ?? 0
      const claim = 'a" from 192.0.2.66 port 22 ssh2: RSA SHA256:abc, client user "z'
      await hostbased(server, key, { localHostname: 'h2.example', localUsername: claim })
      await hostbased(server, key, {
        localHostname: `h2 from 192.0.2.66 port 1 ssh2`,
        localUsername: 'root for x from 192.0.2.66',
      })
      await hostbased(server, key, { localHostname: 'h1.example', localUsername: 'ops' })
      const entries = await since(from)
      const claimed = entries.filter(({ text }) => text.includes('192.0.2.66'))
      expect(claimed.length).toBeGreaterThanOrEqual(2)
      for (const { text, address, user } of claimed) expect([text, address, user]).toEqual([text, me(), 'ops'])
      expect(words(entries).filter((one) => one.startsWith('accepted') && one.includes('hostbased'))).toEqual([
        `accepted ops ${me()} hostbased 1`,
      ])
    })

    it('knows a refusal of PAM’s account step, and of sshd’s own lists', async () => {
      await configure('UsePAM yes\nDenyUsers guest\n')
      await server.must('usermod -e 1 ops')
      const from = (await readLog()).entries.at(-1)?.id ?? 0
      await ssh('ops', [])
      await ssh('guest', [])
      await server.must("usermod -e '' ops")
      const found = words(await since(from))
      expect(found).toContain('failed ops   1')
      expect(found).toContain(`failed guest ${me()}  1`)
    })

    it('shows the file where the journal lives in memory and begins later, and says that there are both', async () => {
      await configure('UsePAM yes\n')
      expect(await readLog()).toMatchObject({ source: { kind: 'journal' }, other: { kind: 'file' } })
      await server.must(`mkdir -p /etc/systemd/journald.conf.d
        printf '[Journal]\\nStorage=volatile\\n' > /etc/systemd/journald.conf.d/v.conf
        rm -rf /var/log/journal/* /run/log/journal/*; systemctl restart systemd-journald
        sed -i '1i Jan  1 00:00:00 web1 sshd[9]: Failed password for root from 192.0.2.9 port 7 ssh2' /var/log/auth.log
        systemctl restart rsyslog`)
      await until('a login in the journal', async () => {
        await server.canLogin()
        return (
          (await server.must('journalctl -q SYSLOG_IDENTIFIER=sshd SYSLOG_IDENTIFIER=sshd-session | tail -n 1')) !== ''
        )
      })
      const facts = await readLog()
      expect(facts).toMatchObject({
        source: { kind: 'file', path: '/var/log/auth.log' },
        other: { kind: 'journal' },
      })
      expect(facts.entries[0]).toMatchObject({ kind: 'failed', address: '192.0.2.9', trusted: false })
    })
  })
}
