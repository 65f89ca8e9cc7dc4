// Faults 14 to 17: a server that gives little, turns addresses away, gives no shell, or changes its session keys.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BACK_OFF } from '../../../src/services/host/reconnect.ts'
import type { HostFacts, Link } from '../../../src/services/model/host.ts'
import { command, errorOf, sh, value } from '../../services/host/answers.ts'
import { foreignBytes } from '../../support/hostile.ts'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { KEYS, openTerminal } from '../terminal.ts'
import { attempt, dialFrom, login, now, setSshd, sshdSince } from './bench.ts'

const REFUSING = /refusing this address for now \(MaxStartups, PerSourcePenalties or fail2ban\)/

const KINDS = kindsFor('an sshd of %s', ['debian12', 'debian13'] as const)

describe.skipIf(whyNoLab() !== null).each(KINDS)('an sshd of %s', (flavour) => {
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterAll(() => server?.down())

  test('fault 14: with MaxSessions 1 panes, log and a whole change work, only slower', async () => {
    await setSshd(server, 'MaxSessions 1')
    const terminal = openTerminal(server, 'root')
    await terminal.waitFor(/INPUT +policy/)
    await terminal.waitFor('following')
    terminal.press('2')
    terminal.press('a')
    await terminal.waitFor('new rule in')
    terminal.press(`-p tcp --dport 81 -j ACCEPT${KEYS.enter}`)
    await terminal.waitFor('1 staged')
    terminal.press('A')
    await terminal.waitFor('N leave it so')
    terminal.press('N')
    await terminal.waitFor('Y yes, arm and apply')
    terminal.press('Y')
    await terminal.waitFor(/✓ new login/)
    terminal.press('C')
    await terminal.waitFor('CONFIRMED')
    expect(await server.must('iptables-save')).toContain('--dport 81 -j ACCEPT')
    terminal.press(KEYS.enter)
    // The follow made room for every command and comes back. What is written while a command has the only channel is not
    // followed; so lines are written until one is shown.
    const line = 'logger -p authpriv.info -t sshd "Failed password for somebody from 203.0.113.9 port 1 ssh2"'
    const shown = async (): Promise<boolean> => {
      await server.must(line)
      return terminal.screen().includes('203.0.113.9')
    }
    await until('the followed line', shown, { everyMs: 100 })
    terminal.press('q')
    expect(await terminal.ended).toBe(0)
    await server.must('iptables -F')
  })

  test('fault 15: an address turned away by MaxStartups is told so, and a lost link knocks ever less often', async () => {
    await setSshd(server)
    const dialled: number[] = []
    const links: Link[] = []
    // Shortened: a quarter of the real waits, which end at ten seconds.
    expect(BACK_OFF.at(-1)).toBe(10_000)
    const host = await login(server, 'root', {
      parts: {
        dial: (target, signal) => {
          dialled.push(performance.now())
          return dialFrom(server)(target, signal)
        },
        backOff: BACK_OFF.map((ms) => ms / 4),
        random: () => 0.5,
      },
    })
    host.onLink((link) => links.push(link))
    await setSshd(server, 'MaxStartups 1:100:1')
    const held = await server.bystander.connect()
    const refused = errorOf(await attempt(server, 'root'))
    expect(refused).toMatchObject({ kind: 'unreachable', message: expect.stringMatching(REFUSING) })
    expect(refused.next).toContain('Wait a minute')
    await server.sh('pkill -KILL -f "^sshd(-session)?: root"')
    await until('four attempts', () => dialled.length === 5)
    const gaps = dialled.slice(1).map((at, index) => at - (dialled[index] ?? 0))
    for (const [index, least] of [500, 1_000, 2_000].entries()) expect(gaps[index + 1]).toBeGreaterThan(least * 0.9)
    expect(links.filter((link) => link.state === 'lost' && REFUSING.test(link.reason)).length).toBeGreaterThanOrEqual(3)
    held.destroy()
    await until('the link', () => host.link().state === 'up')
    host.close()
  })

  test.runIf(flavour === 'debian13')('fault 15: an address under a penalty is told so, and nobody else', async () => {
    await setSshd(server, 'PerSourcePenalties authfail:60s min:1s')
    await server.client.login({ user: 'guest', password: 'wrong' })
    const refused = await until('the penalty', async () => {
      const result = await attempt(server, 'root')
      if (result.ok) result.value.close()
      return result.ok ? null : result.error
    })
    expect(refused.message).toMatch(REFUSING)
    const terminal = openTerminal(server, 'root', { columns: 200 })
    await terminal.waitFor(REFUSING)
    terminal.kill()
    expect((await server.bystander.login()).ok).toBe(true)
  })

  const noShell = async (words: RegExp): Promise<void> => {
    const host = await login(server, 'guest')
    const seen: HostFacts[] = []
    const probed = await host.probe([{ id: 'x', script: 'echo x', timeoutSeconds: 5 }], {
      facts: (facts) => seen.push(facts),
      output: () => expect.unreachable('an output was parsed'),
    })
    const ran = await host.exec(command(['echo', 'in']))
    for (const error of [errorOf(probed), errorOf(ran)])
      expect(error).toMatchObject({ kind: 'unsupported-host', message: expect.stringMatching(words) })
    expect(seen).toEqual([])
    host.close()
    const terminal = openTerminal(server, 'guest', { columns: 200 })
    await terminal.waitFor('This login does not give us a shell')
    await terminal.waitFor(words)
    expect(terminal.screen()).not.toContain('following')
    expect(foreignBytes(terminal.bytes())).toEqual([])
    terminal.kill()
  }

  test('fault 16: a forced command is named by what it says, and nothing of it is parsed', async () => {
    const forced = "ForceCommand printf 'facts\\nhostname=forged\\nuid=0\\n\\033]0;pwned\\007'"
    await setSshd(server, 'Match User guest', forced)
    await noShell(/it answers: facts/)
  })

  test('fault 16: a login shell that is none is named', async () => {
    await setSshd(server)
    await server.must('usermod -s /usr/sbin/nologin guest')
    await noShell(/it answers: This account is currently not available/)
    await server.must('usermod -s /bin/false guest')
    await noShell(/it answers: it said nothing/)
    await server.must('usermod -s /bin/bash guest')
  })

  test('fault 16: what a login script prints is in the way of nothing', async () => {
    const noise = "printf 'begin facts\\nhostname=forged\\nend done 0\\n\\033]0;pwned\\007\\n'; echo error >&2\n"
    await server.must('cat - /home/ops/.bashrc >/tmp/rc && cp /tmp/rc /home/ops/.bashrc', { input: noise })
    const host = await login(server, 'ops')
    let facts: HostFacts | null = null
    const on = {
      facts: (seen: HostFacts): void => {
        facts = seen
      },
      output: () => {},
    }
    value(await host.probe([], on))
    expect(facts).toMatchObject({ hostname: server.name, login: { user: 'ops', escalation: 'sudo' } })
    expect(value(await host.exec(command(['echo', 'mine'], { privilege: 'root' })))).toEqual({
      status: 0,
      stdout: 'mine\n',
      stderr: '',
    })
    host.close()
  })

  const keysSet = async (since: string): Promise<number> =>
    (await sshdSince(server, since)).split('SSH2_MSG_NEWKEYS received').length - 1

  test('fault 17: new session keys in the middle of output, log and commands lose nothing', async () => {
    await setSshd(server, 'LogLevel DEBUG1', 'RekeyLimit 1M 1s')
    const since = await now(server)
    const host = await login(server, 'root')
    const lines: string[] = []
    const ended: string[] = []
    const follow = host.follow(
      'n=0; while [ $n -lt 10 ]; do n=$((n + 1)); seq 1 20000; sleep 0.1; done; echo last',
      (more) => lines.push(...more),
      (reason) => ended.push(reason),
    )
    const most = 4_000_000
    const [big, ...small] = await Promise.all([
      host.exec(command(['seq', '1', String(most)], { timeoutMs: 60_000 })),
      ...Array.from({ length: 50 }, (_, n) => host.exec(sh(`echo ${n}`))),
    ])
    const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
    expect(`${digest(value(big).stdout)}  -\n`).toBe(`${(await server.must(`seq 1 ${most} | sha256sum`)).trim()}\n`)
    expect(small.map((one) => value(one).stdout)).toEqual(Array.from({ length: 50 }, (_, n) => `${n}\n`))
    await until('the end of the log', () => lines.at(-1) === 'last')
    expect(lines).toHaveLength(10 * 20_000 + 1)
    expect(lines.every((line, at) => line === String((at % 20_000) + 1) || at === 200_000)).toBe(true)
    expect(host.link().state).toBe('up')
    expect(await keysSet(since)).toBeGreaterThan(20)
    follow.stop()
    host.close()
  })

  test('fault 17: a console whose session keys were changed still ends at once when it is left', async () => {
    const since = await now(server)
    const terminal = openTerminal(server, 'root')
    await terminal.waitFor('following')
    await until('new keys', async () => (await keysSet(since)) > 2)
    terminal.press('q')
    const started = performance.now()
    expect(await terminal.ended).toBe(0)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
