// Running programs and waiting for states: the two things the lab does all day.
import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'

/** What the lab could not do, in one line that says what to do about it where something can be done. */
export class LabError extends Error {
  override name = 'LabError'
}

/** How a program ended. `status` is null when a signal or the time limit ended it. */
export type Result = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

export type RunOptions = {
  readonly input?: string
  readonly timeoutMs?: number
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

/** Runs a program to its end and gives what it printed. Never rejects for a bad exit status, only if it cannot start. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const [file = '', ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: options.env ?? process.env, cwd: options.cwd, stdio: 'pipe' })
    const out: Buffer[] = []
    const err: Buffer[] = []
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000)
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    // A program that does not read its input to the end closes the pipe first: not an error of ours.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(new LabError(`cannot run ${file}: ${error.message}`))
    })
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
    })
  })
}

/** As `run`, but gives standard output and throws a LabError when the exit status is not 0. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(argv, options)
  if (result.status === 0) return result.stdout
  const said = (result.stderr || result.stdout).trim().split('\n').slice(-3).join(' | ')
  throw new LabError(`${argv.join(' ')} failed (${result.status ?? 'killed'}): ${said}`)
}

/** On a slow machine (kinds.ts) what is waited for takes longer. */
export const PATIENCE = process.env.HARDTUI_KINDS ? 3 : 1
/** What is waited for may be over soon after it has begun. */
const MOST_PAUSE_MS = 300

export type WaitOptions = { readonly timeoutMs?: number; readonly everyMs?: number }

/**
 * Asks again and again until the answer is neither undefined, null nor false, and gives that answer.
 * Throws a LabError naming what was waited for when the time is over (30 s unless told).
 */
export async function until<T>(
  what: string | (() => string),
  ask: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 20 }: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const began = performance.now()
  const limit = timeoutMs * PATIENCE
  const deadline = began + limit
  for (;;) {
    const asked = performance.now()
    const answer = await ask()
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer as Exclude<T, undefined | null | false>
    }
    if (performance.now() > deadline) {
      throw new LabError(`waited ${limit} ms for ${typeof what === 'string' ? what : what()}`)
    }
    // Asking must not be what keeps the machine busy: it is done less often where it takes long, and after a while.
    const now = performance.now()
    await pause(Math.max(everyMs, 2 * (now - asked), Math.min(MOST_PAUSE_MS, (now - began) / 8)))
  }
}
