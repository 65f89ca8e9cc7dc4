// Faults 1 to 3: nobody there, nobody answers, somebody else answers. Time limits are the product's own.
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LIMITS } from '../../../src/services/host/connection.ts'
import { up, whyNoLab } from '../lab.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { KEYS, openTerminal } from '../terminal.ts'
import { memoryOf, status } from './bench.ts'
import { STRANGERS, startStrangers } from './strangers.ts'

/** To start the program and to draw, on a machine that is busy. Milliseconds. */
const ALLOWANCE = 4_000
const timed = async <T>(run: Promise<T>): Promise<{ readonly value: T; readonly ms: number }> => {
  const started = performance.now()
  const value = await run
  return { value, ms: performance.now() - started }
}

describe.skipIf(whyNoLab() !== null)('connecting to what is no SSH server', () => {
  let server: Server
  let strangers: ChildProcess
  beforeAll(async () => {
    server = await up()
    strangers = await startStrangers(server)
    await server.must('iptables -A INPUT -p tcp --dport 7009 -j DROP')
  })
  afterAll(async () => {
    strangers?.kill()
    await server?.down()
  })

  test.concurrent.each([
    ['a closed port', '192.0.2.10:2', /port 2 refused the connection/],
    ['a name that nobody knows', 'nosuch.invalid', /nosuch\.invalid port 22 could not be (found|looked up)/],
    ['a host that is off', '192.0.2.99', /192\.0\.2\.99 port 22 cannot be reached: no route to the host/],
    ['a network without a way to it', '198.51.100.1', /cannot be reached: the network is unreachable/],
    ['an IPv6 host that is off', '[2001:db8::99]', /2001:db8::99 port 22 cannot be reached: no route to the host/],
  ])('fault 1: %s is named in one sentence, within the limit', async (_, at, sentence) => {
    const { value, ms } = await timed(status(server, `root@${at}`))
    expect(value).toMatchObject({ status: 1, stdout: '' })
    expect(value.stderr).toMatch(sentence)
    expect(value.stderr.trim().split('\n')).toHaveLength(1)
    expect(ms).toBeLessThan(LIMITS.connect + ALLOWANCE)
  })

  test.concurrent('fault 2: packets that vanish end the attempt by our own limit', async () => {
    const { value, ms } = await timed(status(server, 'root@192.0.2.10:7009'))
    expect(value.status).toBe(1)
    expect(value.stderr).toContain('192.0.2.10 port 7009 did not answer.')
    expect(ms).toBeGreaterThan(LIMITS.connect)
    expect(ms).toBeLessThan(LIMITS.connect + ALLOWANCE)
  })

  test.concurrent('fault 2: Esc gives the attempt up at once, R tries again, q leaves', async () => {
    const terminal = openTerminal(server, 'root', { at: `${server.address}:7009` })
    await terminal.waitFor('Connecting to root@192.0.2.10 port 7009…')
    terminal.press(KEYS.escape)
    // The kernel knows of an attempt for as long as our socket is open: none is left.
    await terminal.waitFor('The connection to 192.0.2.10 port 7009 was given up', 2_000)
    const trying = async (): Promise<boolean> =>
      (await server.client.run(['ss', '-Htn', 'state', 'syn-sent', 'dport', '=', ':7009'])).stdout.includes(
        `${server.address}:7009`,
      )
    terminal.press('R')
    await terminal.waitFor('Connecting to')
    await until('the new attempt', trying)
    terminal.press('q')
    expect(await terminal.ended).toBe(0)
  })

  test.concurrent.each([
    ['that says nothing', 'silent', LIMITS.handshake, /took the connection but said nothing/],
    ['that speaks HTTP', 'http', 0, /does not speak SSH; it said: HTTP\/1\.1 400 Bad Request/],
    ['that greets without end', 'endless', LIMITS.handshake, /does not speak SSH; it said: x{80}…/],
    ['that sends a version and falls silent', 'half', LIMITS.handshake, /began the handshake and did not finish it/],
  ] as const)('fault 3: a server %s is named within the limit, and takes no memory', async (_, kind, limit, words) => {
    const at = `${server.bystander.address}:${STRANGERS[kind]}`
    const terminal = openTerminal(server, 'root', { at, columns: 200 })
    const { ms } = await timed(terminal.waitFor(words, limit + ALLOWANCE))
    expect(ms).toBeLessThan(limit + ALLOWANCE)
    // A refused port is what the console costs by itself; half a second of an endless greeting alone is 100 MB and more.
    const other = openTerminal(server, 'root', { at: `${server.address}:2`, columns: 200 })
    await other.waitFor('refused the connection')
    const [mine, plain] = [terminal, other].map((one) => memoryOf(one.pid() ?? 0).most) as [number, number]
    expect(mine).toBeLessThan(plain + 30)
    other.kill()
    terminal.kill()
  })
})
