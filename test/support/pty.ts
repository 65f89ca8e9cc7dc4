// A program in a pty, its screen read by an emulator as a person sees it.
import type { ChildProcess } from 'node:child_process'
import xterm from '@xterm/headless'
import { until } from '../lab/run.ts'

export type Pty = {
  /** Everything the program wrote, decoded as a terminal does (UTF-8). */
  readonly bytes: () => string
  /** Tells of each piece of it, before the emulator reads it; gives how to stop that. */
  readonly listen: (heard: (chunk: Buffer) => void) => () => void
  /** The screen as a person sees it. */
  readonly screen: () => string
  /** What stands in one column of the screen, row by row, by the emulator's own idea of how wide each character is. */
  readonly column: (at: number) => readonly string[]
  readonly press: (keys: string) => void
  readonly waitFor: (text: string | RegExp, timeoutMs?: number) => Promise<void>
  /** Closes the terminal under it, as a lost window does (SIGHUP). */
  readonly hangUp: () => void
  /** Whether the emulator shows the alternate screen, and its cursor. */
  readonly modes: () => { readonly alternate: boolean; readonly cursor: boolean }
  /** Stops reading what the program writes, as a terminal does that is busy or stopped; false reads on. */
  readonly stall: (stalled: boolean) => void
  /** Exit status, once it has ended. */
  readonly ended: Promise<number | null>
}

/** Draws what a child writes that runs script(1), whose pty has the given size. */
export function drawPty(child: ChildProcess, columns: number, rows: number): Pty {
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
  const screen = (): string =>
    Array.from({ length: rows }, (_, row) => emulator.buffer.active.getLine(row)?.translateToString(true) ?? '').join(
      '\n',
    )
  const bytes = (): string => Buffer.concat(chunks).toString('utf8')
  return {
    bytes,
    listen: (heard) => {
      child.stdout?.prependListener('data', heard)
      return () => void child.stdout?.off('data', heard)
    },
    screen,
    column: (at) =>
      Array.from({ length: rows }, (_, row) => emulator.buffer.active.getLine(row)?.getCell(at)?.getChars() ?? ''),
    press: (keys) => void child.stdin?.write(keys),
    waitFor: async (text, timeoutMs = 60_000) => {
      const shows = (): boolean => (typeof text === 'string' ? screen().includes(text) : text.test(screen()))
      await until(`the screen to show ${text}`, shows, { timeoutMs, everyMs: 20 }).catch((error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : error}; it shows:\n${screen()}`)
      })
    },
    hangUp: () => void child.kill('SIGKILL'),
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
