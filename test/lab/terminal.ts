// The console as a person runs it: the bundle in a pty in the operator's namespace, its screen read by an emulator.
import { type ChildProcess, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawPty, type Pty } from '../support/pty.ts'
import { LAB_DIR } from './paths.ts'
import type { Server } from './server.ts'
import type { User } from './users.ts'

export const PROGRAM = join(LAB_DIR, '../../dist/hardtui.js')

export type Terminal = Pty & {
  /** Kills the program itself, which then can't say goodbye. */
  readonly kill: () => void
  /** Sends the program itself a signal, by name without SIG. */
  readonly signal: (name: string) => void
  /** Process id of the program; null until it has been started. */
  readonly pid: () => number | null
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
  const pty = drawPty(child, columns, rows)
  if (options.inShell) child.stdin?.write(`sh '${launcher}'\r`)
  const pid = (): number | null => {
    const text = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim() : ''
    return text === '' ? null : Number(text)
  }
  return {
    ...pty,
    kill: () => void spawnSync('kill', ['-9', String(pid())]),
    signal: (name) => void process.kill(pid() ?? Number.NaN, `SIG${name}`),
    pid,
  }
}
