// Faults 18 to 21: a line that dies, one that stumbles, a server that dies, and more output than anybody reads.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Link } from '../../../src/services/model/host.ts'
import { command, errorOf, sh, value } from '../../services/host/answers.ts'
import { kindsFor } from '../kinds.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn } from '../operator.ts'
import { ADDRESSES, netnsName } from '../paths.ts'
import { must, until } from '../run.ts'
import type { Server } from '../server.ts'
import { KEYS, openTerminal, type Terminal } from '../terminal.ts'
import { login, memoryOf, setSshd } from './bench.ts'

/** Eight seconds by the keepalive (2 s, 3 times, and then once more), and half a second for timers and a busy machine. */
const NOTICED = 8_500
const MEGABYTE = 1_000_000

const KINDS = kindsFor('a connection to %s', ['debian12', 'debian13'] as const)

describe.skipIf(whyNoLab() !== null).each(KINDS)('a connection to %s', (flavour) => {
  const only12 = test.runIf(flavour === 'debian12')
  let server: Server
  beforeAll(async () => {
    server = await up({ flavour })
  })
  afterAll(() => server?.down())

  test('fault 71: a line of four seconds a round trip gets its panes, and stays up', async () => {
    // Of a slow line it is not the neighbours that are slow: ARP would give up.
    const known = (party: 'server' | 'client'): string[] =>
      `neigh replace ${ADDRESSES[party].v4} lladdr ${ADDRESSES[party].mac} dev eth0 nud permanent`.split(' ')
    await must(['ip', '-n', netnsName(server.name, 'client'), ...known('server')])
    await server.must(`ip ${known('client').join(' ')}`)
    await server.delay(4_000)
    try {
      const operator = await logIn(server, 'root', 0)
      await operator.read()
      await operator.read()
      expect(operator.host.link().state).toBe('up')
    } finally {
      await server.delay(0)
      closeOperators()
    }
  }, 200_000)

  only12(
    'fault 18: a dead line is noticed within 8 s, idle, tailing or mid-command, and the outcome is unknown',
    async () => {
      const [idle, tailing, busy] = [
        await login(server, 'root'),
        await login(server, 'root'),
        await login(server, 'root'),
      ]
      const terminal = openTerminal(server, 'root')
      await terminal.waitFor('following')
      const ticks: string[] = []
      const ends: string[] = []
      tailing.follow(
        'while :; do echo tick; sleep 0.2; done',
        (lines) => ticks.push(...lines),
        (reason) => ends.push(reason),
      )
      const started: string[] = []
      const running = busy.exec(sh('echo begun; sleep 60', { timeoutMs: 90_000 }), (line) => started.push(line))
      await until('the log and the command', () => ticks.length > 0 && started.length > 0)
      await server.cut('both', { party: 'client' })
      const cut = performance.now()
      const lost = (host: typeof idle): Promise<number> =>
        new Promise((resolve) => host.onLink(({ state }) => state === 'lost' && resolve(performance.now() - cut)))
      const seen = [idle, tailing, busy].map(lost)
      await terminal.waitFor('LINK LOST', NOTICED + 1_000)
      for (const noticed of await Promise.all(seen)) expect(noticed).toBeLessThan(NOTICED)
      expect(errorOf(await running)).toMatchObject({
        kind: 'disconnected',
        message: 'sh was running. The connection was lost, so its outcome is unknown.',
      })
      expect(ends).toEqual(['The server stopped answering.'])
      await server.heal()
      for (const host of [idle, tailing, busy]) {
        await until('the link', () => host.link().state === 'up', { timeoutMs: 60_000 })
        host.close()
      }
      await terminal.waitFor('Connected again', 60_000)
      terminal.kill()
    },
  )

  only12('fault 19: a blip of five seconds is survived without a new connection', async () => {
    const host = await login(server, 'root')
    const links: Link[] = []
    host.onLink((link) => links.push(link))
    const running = host.exec(sh('sleep 3; echo done', { timeoutMs: 30_000 }))
    await server.cut('both', { party: 'client' })
    // Not a wait for something, but the fault itself.
    await pause(5_000)
    await server.heal()
    expect(value(await running).stdout).toBe('done\n')
    expect(value(await host.exec(command(['echo', 'on']))).stdout).toBe('on\n')
    expect(links.filter(({ state }) => state !== 'up')).toEqual([])
    host.close()
  })

  test.each([
    [
      'its own process of sshd',
      'pkill -KILL -f "^sshd(-session)?: root"',
      'The connection was lost, so its outcome is unknown.',
    ],
    ['all of sshd', 'pkill -KILL sshd', 'The connection was lost, so its outcome is unknown.'],
    [
      'the shell that runs it',
      'pkill -KILL -xf "sh -s"',
      'It was cut off on the server before it ended, so its outcome is unknown.',
    ],
  ])('fault 20: a command is never taken for done when %s is killed', async (_, kill, words) => {
    await setSshd(server)
    const host = await login(server, 'root', { parts: { backOff: [200] } })
    const lines: string[] = []
    const running = host.exec(sh('echo begun; sleep 2; echo done'), (line) => lines.push(line))
    await until('the command', () => lines.length > 0)
    await server.sh(kill)
    expect(errorOf(await running)).toMatchObject({ kind: 'disconnected', message: `sh was running. ${words}` })
    await server.must('systemctl reset-failed ssh; systemctl start ssh')
    await until('the link', () => host.link().state === 'up')
    expect(value(await host.exec(command(['echo', 'on']))).stdout).toBe('on\n')
    host.close()
  })

  only12(
    'fault 21: a command that prints 200 MB is ended, in little memory, and the next one is answered at once',
    async () => {
      const host = await login(server, 'root')
      const before = process.memoryUsage.rss()
      let most = before
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage.rss())
      }, 5)
      const running = host.exec(sh(`head -c ${200 * MEGABYTE} /dev/zero | tr '\\0' x`, { timeoutMs: 60_000 }))
      expect(errorOf(await running)).toMatchObject({
        kind: 'unsupported-host',
        message: 'sh printed more than 32 MB and was cut off.',
      })
      clearInterval(watch)
      const started = performance.now()
      expect(value(await host.exec(command(['echo', 'on']))).stdout).toBe('on\n')
      expect(performance.now() - started).toBeLessThan(1_000)
      // What is kept up to the limit, twice over for the garbage.
      expect(most - before).toBeLessThan(96 * MEGABYTE)
      host.close()
    },
  )

  /** How long a key takes to its effect on the screen, in ms: help opens, help closes. */
  const answer = async (terminal: Terminal): Promise<number> => {
    const started = performance.now()
    terminal.press('?')
    await terminal.waitFor('Help ─')
    terminal.press(KEYS.escape)
    await until('the panes', () => !terminal.screen().includes('Help ─'))
    return (performance.now() - started) / 2
  }

  only12(
    'fault 21: 200 MB of log, and a terminal that does not read, cost no memory, and keys are answered',
    async () => {
      // Without a journal the log is a file, which takes in 200 MB within a second.
      await server.must(`mkdir -p /etc/systemd/journald.conf.d
      printf '[Journal]\\nStorage=none\\n' >/etc/systemd/journald.conf.d/none.conf
      systemctl restart systemd-journald; rm -rf /var/log/journal/* /run/log/journal/*`)
      const terminal = openTerminal(server, 'root')
      await terminal.waitFor('auth.log · following')
      const pid = terminal.pid() ?? 0
      const before = memoryOf(pid).now
      const line = (user: string, from: string): string =>
        `2026-11-23T09:15:00.000000+00:00 server sshd[1]: Failed password for ${user} from ${from} port 1 ssh2`
      const times: number[] = []
      const flood = async (last: string): Promise<number> => {
        const many = `yes '${line('root', '203.0.113.7')}' | head -c ${100 * MEGABYTE}`
        await server.must(`{ ${many}; echo; } >>/var/log/auth.log`)
        times.push(await answer(terminal), await answer(terminal))
        await server.must(`echo '${line('last', last)}' >>/var/log/auth.log`)
        await terminal.waitFor(last, 60_000)
        return memoryOf(pid).most
      }
      // How far the heap of a busy machine comes in the first second says little.
      await flood('203.0.113.90')
      const first = await flood('203.0.113.91')
      terminal.stall(true)
      await pause(1_000)
      terminal.stall(false)
      const second = await flood('203.0.113.92')
      // A key is a thing of milliseconds; this is what a person would call dead.
      expect(Math.max(...times)).toBeLessThan(1_000)
      // A million lines in a second leave garbage that Node collects when it likes to: what counts is that twice as much
      // output takes no more, and that nothing comes near the size of what was printed.
      expect(second).toBeLessThan(first + 100)
      expect(first).toBeLessThan(before + 350)
      terminal.kill()
    },
  )
})
