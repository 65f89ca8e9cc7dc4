// The console as a person runs it: the bundle in a pty in the operator's namespace, its screen read by an emulator.
import { type ChildProcess, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import xterm from '@xterm/headless'
import { LAB_DIR } from './paths.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'
import type { User } from './users.ts'

export const PROGRAM = join(LAB_DIR, '../../dist/hardtui.js')

export type Terminal = {
  /** Everything the program wrote, decoded as a terminal does (UTF-8). */
  readonly bytes: () => string
  /** The screen as a person sees it. */
  readonly screen: () => string
  /** What stands in one column of the screen, row by row, by the emulator's own idea of how wide each character is. */
  readonly column: (at: number) => readonly string[]
  readonly press: (keys: string) => void
  readonly waitFor: (text: string | RegExp, timeoutMs?: number) => Promise<void>
  /** Closes the terminal under it, as a lost window does (SIGHUP). */
  readonly hangUp: () => void
  /** Kills the program itself, which then can't say goodbye. */
  readonly kill: () => void
  /** Sends the program itself a signal, by name without SIG. */
  readonly signal: (name: string) => void
  /** Process id of the program; null until it has been started. */
  readonly pid: () => number | null
  /** Whether the emulator shows the alternate screen, and its cursor. */
  readonly modes: () => { readonly alternate: boolean; readonly cursor: boolean }
  /** Stops reading what the program writes, as a terminal does that is busy or stopped; false reads on. */
  readonly stall: (stalled: boolean) => void
  /** Exit status, once it has ended. */
  readonly ended: Promise<number | null>
}

export const KEYS = { enter: '\r', escape: '\u001b', tab: '\t' } as const

export type TerminalOptions = {
  readonly columns?: number
  readonly rows?: number
  /** Arguments before the destination. */
  readonly args?: readonly string[]
  /** Address to connect to, with a port where it is not 22; the server's unless told. */
  readonly at?: string
  /** Private key given with -i, the lab's unless told; null for a login without any key. */
  readonly key?: string | null
  readonly knownHosts?: string
  /** More of the program's environment. */
  readonly env?: NodeJS.ProcessEnv
  /** The program is a job of an interactive shell, which has the terminal before and after it; its prompt is `ready> `. */
  readonly inShell?: boolean
}

/** Starts `hardtui user@server` at a size; the bundle must have been built. */
export function openTerminal(server: Server, user: User, options: TerminalOptions = {}): Terminal {
  const { columns = 120, rows = 40, args = [], key = server.key, knownHosts = server.knownHosts } = options
  const pidFile = join(server.home, `console-${Date.now()}-${Math.floor(performance.now())}.pid`)
  const keys = key === null ? ['-o', 'IdentityFile=none'] : ['-i', key]
  const argv = [process.execPath, PROGRAM, ...keys, '-o', `UserKnownHostsFile=${knownHosts}`, ...args]
  const words = [...argv, `${user}@${options.at ?? server.address}`].map((word) => `'${word}'`).join(' ')
  const launcher = pidFile.replace(/pid$/, 'sh')
  writeFileSync(launcher, `echo $$ > '${pidFile}'\nexec ${words}\n`)
  const size = `stty rows ${rows} cols ${columns}`
  const command = `${size}; ${options.inShell ? "PS1='ready> ' exec sh -i" : `exec sh '${launcher}'`}`
  const child: ChildProcess = server.client.spawn(['script', '-qfec', command, '/dev/null'], {
    env: { ...server.client.env(), TERM: 'xterm-256color', ...options.env },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    emulator.write(chunk)
  })
  // A test that fails leaves its terminal open: it must not outlive the process of the tests.
  const close = (): void => void child.kill('SIGKILL')
  process.on('exit', close)
  child.once('exit', () => process.off('exit', close))
  child.stdin?.on('error', () => {})
  if (options.inShell) child.stdin?.write(`sh '${launcher}'\r`)
  const screen = (): string =>
    Array.from({ length: rows }, (_, row) => emulator.buffer.active.getLine(row)?.translateToString(true) ?? '').join(
      '\n',
    )
  const bytes = (): string => Buffer.concat(chunks).toString('utf8')
  const pid = (): number | null => {
    const text = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim() : ''
    return text === '' ? null : Number(text)
  }
  return {
    bytes,
    screen,
    column: (at) =>
      Array.from({ length: rows }, (_, row) => emulator.buffer.active.getLine(row)?.getCell(at)?.getChars() ?? ''),
    press: (keys) => void child.stdin?.write(keys),
    waitFor: async (text, timeoutMs = 20_000) => {
      const shows = (): boolean => (typeof text === 'string' ? screen().includes(text) : text.test(screen()))
      await until(`the screen to show ${text}`, shows, { timeoutMs, everyMs: 20 }).catch((error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : error}; it shows:\n${screen()}`)
      })
    },
    hangUp: () => void child.kill('SIGKILL'),
    kill: () => void spawnSync('kill', ['-9', String(pid())]),
    signal: (name) => void process.kill(pid() ?? Number.NaN, `SIG${name}`),
    pid,
    modes: () => {
      const written = bytes()
      return {
        alternate: emulator.buffer.active.type === 'alternate',
        cursor: written.lastIndexOf('\u001b[?25h') >= written.lastIndexOf('\u001b[?25l'),
      }
    },
    stall: (stalled) => void (stalled ? child.stdout?.pause() : child.stdout?.resume()),
    ended: new Promise((resolve) => child.once('exit', resolve)),
  }
}
