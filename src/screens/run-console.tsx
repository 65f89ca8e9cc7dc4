import { type Instance, render, type TerminalSuspension } from 'ink'
import { type Safe, safe, say } from '../services/model/safe.ts'
import { whatLeavingMeans } from '../state/leaving.ts'
import type { Console } from '../state/store.ts'
import { App } from './app.tsx'
import { wantsColour } from './theme.tsx'

/** The terminal the console is drawn on, and the process whose signals end it. */
export type Terminal = {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** The running process, unless a test brings a stand-in. */
  readonly process?: ProcessEvents
}

/** What is heard of the process and done to it. */
export type ProcessEvents = {
  readonly on: (event: string, listener: (...args: readonly unknown[]) => void) => unknown
  readonly off: (event: string, listener: (...args: readonly unknown[]) => void) => unknown
  readonly stop: () => void
}

const realProcess: ProcessEvents = {
  on: (event, listener) => process.on(event, listener),
  off: (event, listener) => process.off(event, listener),
  stop: () => process.kill(process.pid, 'SIGSTOP'),
}

const HUNG_UP = 129
/** Signals that end the console, with the exit status a shell would give. */
const ENDING: Readonly<Record<string, number>> = { SIGHUP: HUNG_UP, SIGINT: 130, SIGTERM: 143 }
const FAILED = 1
const LONG = 2 ** 30

/** Faster than a held key, and only changed lines are written: a held key must never draw behind itself. */
const OPTIONS = {
  exitOnCtrlC: false,
  patchConsole: false,
  maxFps: 250,
  incrementalRendering: true,
  alternateScreen: true,
  interactive: true,
} as const

/**
 * Draws the console on the alternate screen until the operator leaves. Gives the exit status. The terminal is put
 * back on every way out; what the operator must still know (a timer that runs on) is printed after it.
 */
export async function runConsole(console: Console, terminal: Terminal): Promise<number> {
  const { stdin, stdout, env } = terminal
  const events = terminal.process ?? realProcess
  const job = createJob(events)
  let crash: Safe | null = null
  const leave = (code: number): void => console.actions.leave(code)
  const failed = (error: unknown): void => {
    crash ??= say`hardtui failed: ${safe(error instanceof Error ? error.message : String(error))}`
    leave(FAILED)
  }
  const listeners: readonly (readonly [string, (...args: readonly unknown[]) => void])[] = [
    ...Object.entries(ENDING).map(([signal, code]) => [signal, () => leave(code)] as const),
    ['uncaughtException', failed],
    ['unhandledRejection', failed],
    ['SIGTSTP', job.sleep],
    ['SIGCONT', job.wake],
  ]
  // Before the first frame: from then on there is a terminal to give back.
  for (const [event, listener] of listeners) events.on(event, listener)
  const instance = render(<App console={console} colours={wantsColour(env)} onSuspender={job.give} />, {
    ...OPTIONS,
    stdin,
    stdout,
  })
  // A terminal that went away answers every write with an error, the last words included; the signal follows.
  stdout.on('error', () => leave(HUNG_UP))

  // While the terminal is the shell's nothing else may keep the process alive until it is called back.
  const alive = setInterval(() => {}, LONG)
  const code = await left(console)
  clearInterval(alive)
  await job.end()
  await end(instance, stdout)
  for (const [event, listener] of listeners) events.off(event, listener)
  for (const words of [...(crash ? [crash] : []), ...partingWords(console)]) stdout.write(`${words}\n`)
  return code
}

type Suspend = () => Promise<TerminalSuspension>

/** Job control: hands the terminal to the shell and takes it back, one thing after the other. */
function createJob(events: ProcessEvents) {
  let suspend: Suspend | null = null
  let held: TerminalSuspension | null = null
  let last: Promise<void> = Promise.resolve()
  const next = (run: () => Promise<void>): void => {
    // What Ink can't do while it is starting or ending is left undone.
    last = last.then(run).catch(() => {})
  }
  const hold = async (): Promise<void> => {
    held ??= (await suspend?.()) ?? null
  }
  const release = async (): Promise<void> => {
    const mine = held
    held = null
    await mine?.resume()
  }
  return {
    give: (given: Suspend): void => {
      suspend = given
    },
    sleep: (): void => next(async () => hold().finally(events.stop)),
    // Stopped from outside, the terminal was not given up before: what others left on the screen is drawn over.
    wake: (): void => next(async () => hold().then(release)),
    /** Takes the terminal back, so that Ink can end. */
    end: async (): Promise<void> => {
      next(release)
      await last
    },
  }
}

/** Resolves with the exit status once the operator has left. */
function left({ store }: Console): Promise<number> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { view, connection } = store.getState()
      if (view.exitCode === null) return
      stop()
      resolve(view.exitCode === 0 && connection.attempt === 'failed' ? FAILED : view.exitCode)
    }
    const stop = store.subscribe(look)
    look()
  })
}

const RESTORE = '\u001b[?2004l\u001b[?1049l\u001b[?25h'

async function end(instance: Instance, stdout: NodeJS.WriteStream): Promise<void> {
  try {
    instance.unmount()
    await instance.waitUntilExit()
  } catch {
    stdout.write(RESTORE)
  }
}

/** What is said on the terminal after the console has left it. */
function partingWords({ store }: Console): readonly Safe[] {
  const state = store.getState()
  const { error, attempt } = state.connection
  if (attempt === 'failed' && error) return [say`${error.message} ${error.next}`]
  return whatLeavingMeans(state)
}
