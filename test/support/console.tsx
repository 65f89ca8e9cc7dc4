import { EventEmitter } from 'node:events'
import { onTestFinished } from 'vitest'
import { type ProcessEvents, runConsole } from '../../src/screens/run-console.tsx'
import type { Console } from '../../src/state/store.ts'
import { type FakeTerminal, fakeTerminal } from './fake-terminal.ts'
import { type Headless, type Options as HeadlessOptions, headless } from './headless.ts'

export { cursorTo } from './headless.ts'

export type Options = HeadlessOptions & {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

/** A console on a screen of its own, with everything behind it in the test's hands. */
export type Bench = Headless & {
  readonly terminal: FakeTerminal
  readonly signals: EventEmitter
  /** Resolves with the exit status. */
  readonly ended: Promise<number>
  /** Presses keys one after the other: `j`, `Enter`, `Ctrl-r`, … */
  readonly press: (...keys: readonly string[]) => Promise<void>
  readonly type: (text: string) => Promise<void>
  readonly paste: (text: string) => Promise<void>
  /** Waits until the screen shows every one of these. */
  readonly sees: (...texts: readonly (string | RegExp)[]) => Promise<void>
  readonly lacks: (...texts: readonly string[]) => Promise<void>
  readonly screen: () => string
}

const BYTES: Readonly<Record<string, string>> = {
  Enter: '\r',
  Esc: '\u001b',
  Tab: '\t',
  'Shift-Tab': '\u001b[Z',
  Space: ' ',
  Up: '\u001b[A',
  Down: '\u001b[B',
  Left: '\u001b[D',
  Right: '\u001b[C',
  Home: '\u001b[H',
  End: '\u001b[F',
  Backspace: '\u007f',
}

const bytesOf = (key: string): string =>
  BYTES[key] ?? (/^Ctrl-[a-z]$/.test(key) ? String.fromCharCode(key.charCodeAt(5) - 96) : key)

/** Opens a console and waits until its four panes are filled; they are not waited for where `connect` is the test's own. */
export async function openConsole(options: Options = {}): Promise<Bench> {
  const bench = startConsole(options)
  if (!options.connect) await bench.sees('PermitRootLogin')
  return bench
}

function startConsole(options: Options): Bench {
  const terminal = fakeTerminal(options.columns ?? 120, options.rows ?? 40)
  const bench = headless(options)
  const { console } = bench
  let chunks = 0
  const counting: Console = {
    ...console,
    press: (strokes) => {
      chunks += 1
      console.press(strokes)
    },
    paste: (text) => {
      chunks += 1
      console.paste(text)
    },
  }
  const signals = new EventEmitter()
  const ended = runConsole(counting, {
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    env: options.env ?? {},
    process: processOf(signals),
  })
  void console.actions.connect()
  onTestFinished(async () => {
    console.actions.leave(0)
    await ended
  })
  const send = async (bytes: string): Promise<void> => {
    const before = chunks
    terminal.type(bytes)
    // Ink holds a lone Esc back for a moment, in case it is the start of a longer key.
    while (chunks === before) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    ...bench,
    terminal,
    signals,
    ended,
    press: async (...keys) => {
      for (const key of keys) await send(bytesOf(key))
    },
    type: send,
    paste: (text) => send(`\u001b[200~${text}\u001b[201~`),
    sees: (...wanted) =>
      terminal.until(
        (text) => wanted.every((one) => (typeof one === 'string' ? text.includes(one) : one.test(text))),
        `showed ${wanted.join(' and ')}`,
      ),
    lacks: (...unwanted) =>
      terminal.until((text) => unwanted.every((one) => !text.includes(one)), `lost ${unwanted.join(' and ')}`),
    screen: terminal.text,
  }
}

const processOf = (signals: EventEmitter): ProcessEvents => ({
  on: (event, listener) => signals.on(event, listener),
  off: (event, listener) => signals.off(event, listener),
  stop: () => void signals.emit('stopped'),
})
