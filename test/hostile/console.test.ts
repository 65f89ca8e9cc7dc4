import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Connection } from 'ssh2'
import { afterEach, expect, test } from 'vitest'
import { until } from '../lab/run.ts'
import { drawPty, type Pty } from '../support/pty.ts'
import { type ServerOptions, startServer, type TestServer } from '../support/ssh-server.ts'
import { consoleCommand, memoryOf, processorTimeOf } from './client.ts'
import { flood, inner, MESSAGES, send } from './messages.ts'

const MOST_MB = 400
/** What a key may cost the console beside the flood: a person takes seconds for one that hangs. */
const ANSWER_MS = 2_000
const FLOOD_MS = 2_000

let cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const end of cleanup.reverse()) await end()
  cleanup = []
})

async function open(options: ServerOptions = {}) {
  const clients: Connection[] = []
  const server: TestServer = await startServer({ ...options, tamper: (client) => void clients.push(client) })
  cleanup.push(server.close)
  const [program = '', ...args] = await consoleCommand(server)
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, SSH_AUTH_SOCK: '', TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  cleanup.push(() => child.kill('SIGKILL'))
  const pty = drawPty(child, 120, 40)
  await pty.waitFor('3 Services')
  const [pid = 0] = childrenOf(child.pid ?? 0)
  return { pty, client: clients.at(-1) as Connection, memory: () => memoryOf(pid), spent: () => processorTimeOf(pid) }
}

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/**
 * How long the help takes to come and go, the slowest of several; in ms of the console's own processor time: whoever
 * else has the machine busy delays the answer, and makes it cost no more.
 */
async function slowestKey(pty: Pty, spent: () => number, forMs: number): Promise<number> {
  let slowest = 0
  const end = performance.now() + forMs
  while (performance.now() < end) {
    const before = spent()
    pty.press('?')
    await pty.waitFor('One row down', 30_000)
    pty.press('\u001b')
    await pty.waitFor('3 Services', 30_000)
    slowest = Math.max(slowest, (spent() - before) / 2)
  }
  return slowest
}

const WHAT = Object.entries(MESSAGES).filter(([name]) =>
  /^(ignore|banner|debug|a global|host keys|a channel to us|data for no|data for the first|one byte|an exit signal|an unknown)/.test(
    name,
  ),
)

test.each(WHAT)(
  'a console whose server sends %s without end answers every key, and keeps its memory',
  async (name, payload) => {
    const { pty, client, memory, spent } = await open()
    const running = flood(client, () => send(client, payload))
    const slowest = await slowestKey(pty, spent, FLOOD_MS)
    running.stop()
    if (process.env.HARDTUI_FIGURES)
      console.log(name, Math.round(slowest), 'ms', Math.round(memory()), 'MB', running.count())
    expect(slowest).toBeLessThan(ANSWER_MS)
    expect(memory()).toBeLessThan(MOST_MB)
  },
  60_000,
)

test('a console whose server asks without end and reads no answer leaves it', async () => {
  const { pty, client, memory } = await open()
  inner(client)._sock.pause()
  const payload = MESSAGES['a global request'] as Buffer
  flood(client, () => send(client, payload.subarray(0, 40)))
  flood(client, () => send(client, MESSAGES['a channel to us'] as Buffer))
  // By all that was written: it connects again, and the words stand only until then.
  const left = async (): Promise<boolean> => /asks without end and reads no answer|stopped answering/.test(pty.bytes())
  await until('the console to leave', left, { timeoutMs: 50_000 })
  expect(memory()).toBeLessThan(MOST_MB)
}, 60_000)
