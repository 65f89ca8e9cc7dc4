import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from './netfilter/programs.ts'

/** A transient unit as systemd-run(1) was asked for it. */
type Wanted = {
  readonly unit: string
  readonly quiet: boolean
  readonly restart: boolean
  readonly restartMs: number
  /** Exit statuses after which it is not restarted. */
  readonly prevent: readonly number[]
  /** Milliseconds until a timer starts it; null starts it now. */
  readonly delayMs: number | null
  readonly argv: readonly string[]
}

const QUIET: Outcome = { status: 0, stdout: '', stderr: '' }

const folderOf = (root: string): string => join(root, 'systemd', 'transient')

/**
 * Stands in for systemd-run(1): starts a process of its own session that runs the command, restarts it as
 * `Restart=` says, and is known to the systemctl beside it by a file `NAME.service` (or `NAME.timer`) with its pid
 * and the command's.
 */
export function systemdRun(root: string, args: readonly string[]): Outcome {
  const wanted = readArguments(args, root)
  if (wanted.argv.length === 0) return { status: 1, stdout: '', stderr: 'Command line to execute required.\n' }
  const kind = wanted.delayMs === null ? 'service' : 'timer'
  const name = `${wanted.unit}.${kind}`
  if (isAlive(join(folderOf(root), name)))
    return {
      status: 1,
      stdout: '',
      stderr: `Failed to start transient ${kind} unit: Unit ${name} was already loaded or has a fragment file.\n`,
    }
  mkdirSync(folderOf(root), { recursive: true })
  const keeper = spawn(
    process.execPath,
    [process.argv[1] as string, kind === 'timer' ? 'timer' : 'supervise', JSON.stringify(wanted)],
    { detached: true, stdio: 'ignore', cwd: '/' },
  )
  keeper.unref()
  writeFileSync(join(folderOf(root), name), `${keeper.pid}\n`)
  return { status: 0, stdout: '', stderr: wanted.quiet ? '' : `Running as unit: ${name}\n` }
}

/** Whether the keeper of a unit file lives. */
function isAlive(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8').split(' ')[0]), 0)
    return true
  } catch {
    return false
  }
}

const VALUED = /^(?:-p|-u|--unit|--property|--timer-property|--description|--slice|--uid|--gid|--setenv|-E)$/

function readArguments(args: readonly string[], root: string): Wanted {
  const properties = new Map<string, string>()
  const flags = new Map<string, string>()
  let at = 0
  for (; at < args.length; at += 1) {
    const word = args[at] as string
    if (word === '--') {
      at += 1
      break
    }
    if (!word.startsWith('-')) break
    const value = VALUED.test(word) ? (args[++at] ?? '') : word.slice(word.indexOf('=') + 1)
    const flag = word.replace(/=.*/s, '')
    if (flag === '--property' || flag === '-p')
      properties.set(value.replace(/=.*/s, ''), value.slice(value.indexOf('=') + 1))
    else flags.set(flag === '-u' ? '--unit' : flag, value)
  }
  const startup = flags.get('--on-startup')
  const active = flags.get('--on-active')
  return {
    unit: (flags.get('--unit') ?? `run-r${process.pid}`).replace(/\.(?:service|timer)$/, ''),
    quiet: flags.has('--quiet') || flags.has('-q'),
    restart: /^(?:always|on-failure)$/.test(properties.get('Restart') ?? ''),
    restartMs: spanMs(properties.get('RestartSec') ?? '100ms'),
    prevent: (properties.get('RestartPreventExitStatus') ?? '').split(' ').filter(Boolean).map(Number),
    delayMs:
      active !== undefined ? spanMs(active) : startup !== undefined ? spanMs(startup) - sinceStartupMs(root) : null,
    argv: args.slice(at),
  }
}

/** A time span of systemd.time(7), as far as anybody here writes them: `200ms`, `90`, `2min 5s`. */
function spanMs(text: string): number {
  const unit: Readonly<Record<string, number>> = { ms: 1, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000 }
  return [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g)].reduce(
    (sum, [, count, name]) => sum + Number(count) * (unit[name as string] ?? 1000),
    0,
  )
}

/** When the practice server's manager started, in milliseconds of uptime; systemctl says the same. */
const STARTUP_MS = 4200

const sinceStartupMs = (root: string): number =>
  Number(readFileSync(join(root, 'proc', 'uptime'), 'utf8').split(' ')[0]) * 1000 - STARTUP_MS

/** The keeper of a service: runs its command, again where it is to be restarted, and ends with it. */
export function supervise(root: string, [text = '{}']: readonly string[]): Outcome {
  const wanted = JSON.parse(text) as Wanted
  const file = join(folderOf(root), `${wanted.unit}.service`)
  const [program = '', ...args] = wanted.argv
  const run = (): void => {
    // The server is gone, and with it the reason to go on.
    if (!existsSync(root)) return
    const child: ChildProcess = spawn(program, args, { detached: true, stdio: 'ignore', cwd: '/' })
    writeFileSync(file, `${process.pid} ${child.pid ?? 0}\n`)
    let ended = false
    const next = (status: number): void => {
      if (ended) return
      ended = true
      if (wanted.restart && !wanted.prevent.includes(status)) setTimeout(run, wanted.restartMs)
      else rmSync(file, { force: true })
    }
    child.once('error', () => next(203))
    child.once('exit', (code) => next(code ?? 128))
  }
  run()
  return QUIET
}

/** The keeper of a timer: becomes the keeper of the service when its time has come. */
export function waitThenSupervise(root: string, [text = '{}']: readonly string[]): Outcome {
  const wanted = JSON.parse(text) as Wanted
  setTimeout(
    () => {
      rmSync(join(folderOf(root), `${wanted.unit}.timer`), { force: true })
      supervise(root, [text])
    },
    Math.max(0, wanted.delayMs ?? 0),
  )
  return QUIET
}
