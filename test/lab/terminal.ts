// The console as a person runs it: the bundle in a pty in the operator's namespace, its screen read by an emulator.
import { type ChildProcess, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import xterm from '@xterm/headless'
import { LAB_DIR } from './paths.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import type { User } from './users.ts'

const PROGRAM = join(LAB_DIR, '../../dist/hardtui.js')

export type Terminal = {
  /** Everything the program wrote, decoded as a terminal does (UTF-8). */
  readonly bytes: () => string
  /** The screen as a person sees it. */
  readonly screen: () => string
  readonly press: (keys: string) => void
  readonly waitFor: (text: string | RegExp, timeoutMs?: number) => Promise<void>
  /** Closes the terminal under it, as a lost window does (SIGHUP). */
  readonly hangUp: () => void
  /** Kills the program itself, which then can't say goodbye. */
  readonly kill: () => void
  /** Exit status, once it has ended. */
  readonly ended: Promise<number | null>
}

export const KEYS = { enter: '\r', escape: '\u001b', tab: '\t' } as const

/** Starts `hardtui user@server` at a size; the bundle must have been built. */
export function openTerminal(
  server: Server,
  user: User,
  options: { readonly columns?: number; readonly rows?: number; readonly args?: readonly string[] } = {},
): Terminal {
  const { columns = 120, rows = 40, args = [] } = options
  const pidFile = join(server.home, `console-${Date.now()}-${Math.floor(performance.now())}.pid`)
  const argv = [process.execPath, PROGRAM, '-i', server.key, '-o', `UserKnownHostsFile=${server.knownHosts}`, ...args]
  const words = [...argv, `${user}@${server.address}`].map((word) => `'${word}'`).join(' ')
  const command = `stty rows ${rows} cols ${columns}; echo $$ > '${pidFile}'; exec ${words}`
  const child: ChildProcess = server.client.spawn(['script', '-qfec', command, '/dev/null'], {
    env: { ...server.client.env(), TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    emulator.write(chunk)
  })
  child.stdin?.on('error', () => {})
  const screen = (): string =>
    Array.from({ length: rows }, (_, row) => emulator.buffer.active.getLine(row)?.translateToString(true) ?? '').join(
      '\n',
    )
  return {
    bytes: () => Buffer.concat(chunks).toString('utf8'),
    screen,
    press: (keys) => void child.stdin?.write(keys),
    waitFor: async (text, timeoutMs = 20_000) => {
      const shows = (): boolean => (typeof text === 'string' ? screen().includes(text) : text.test(screen()))
      await until(`the screen to show ${text}`, shows, { timeoutMs, everyMs: 20 }).catch((error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : error}; it shows:\n${screen()}`)
      })
    },
    hangUp: () => void child.kill('SIGKILL'),
    kill: () => void spawnSync('kill', ['-9', readFileSync(pidFile, 'utf8').trim()]),
    ended: new Promise((resolve) => child.once('exit', resolve)),
  }
}
