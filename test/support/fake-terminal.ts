import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import xterm from '@xterm/headless'

/** A terminal of any size: what is written to it can be read as a screen, cell by cell. */
export type FakeTerminal = {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  /** The screen as rows of text, right-trimmed. */
  readonly rows: () => readonly string[]
  readonly text: () => string
  /** Every byte the program wrote. */
  readonly written: () => string
  readonly type: (bytes: string) => void
  readonly resize: (columns: number, rows: number) => void
  /** Waits until the screen holds a text (or lacks it); fails with the screen when it never does. */
  readonly until: (holds: (text: string) => boolean, what: string) => Promise<void>
  /** Foreground colour (xterm palette index, -1 for the default), bold and inverse of the first cell of a text. */
  readonly styleOf: (text: string) => { readonly color: number; readonly bold: boolean; readonly inverse: boolean }
  readonly raw: () => boolean
  readonly alternate: () => boolean
}

// Where processes start slowly (scripts/test.mjs), servers take their time.
const PATIENCE_MS = process.env.HARDTUI_KINDS ? 48_000 : 16_000

export function fakeTerminal(columns: number, rows: number): FakeTerminal {
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0, convertEol: true })
  const changed = new EventEmitter().setMaxListeners(0)
  let written = ''
  let raw = false
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode(mode: boolean) {
      raw = mode
      return stdin
    },
    ref: () => stdin,
    unref: () => stdin,
  })
  const stdout = Object.assign(new EventEmitter(), {
    isTTY: true,
    writable: true,
    columns,
    rows,
    getColorDepth: () => 24,
    hasColors: () => true,
    write: (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
      written += text
      const done = rest.find((one) => typeof one === 'function') as ((error?: Error) => void) | undefined
      screen.write(text, () => {
        changed.emit('change')
        done?.()
      })
      return true
    },
    end: () => {},
  })
  const line = (row: number): string => screen.buffer.active.getLine(row)?.translateToString(true) ?? ''
  const all = (): readonly string[] => Array.from({ length: screen.rows }, (_, row) => line(row))
  const text = (): string => all().join('\n')
  return {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    rows: all,
    text,
    written: () => written,
    type: (bytes) => void stdin.write(bytes),
    resize: (cols, lines) => {
      screen.resize(cols, lines)
      Object.assign(stdout, { columns: cols, rows: lines })
      stdout.emit('resize')
    },
    until: (holds, what) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!holds(text())) return
          clearTimeout(timer)
          changed.off('change', look)
          resolve()
        }
        const timer = setTimeout(() => {
          changed.off('change', look)
          reject(new Error(`The screen never ${what}:\n${text()}`))
        }, PATIENCE_MS)
        changed.on('change', look)
        look()
      }),
    styleOf: (wanted) => {
      const row = all().findIndex((one) => one.includes(wanted))
      const cell = screen.buffer.active.getLine(row)?.getCell(line(row).indexOf(wanted))
      if (!cell) throw new Error(`“${wanted}” is not on the screen:\n${text()}`)
      return {
        color: cell.isFgDefault() ? -1 : cell.getFgColor(),
        bold: cell.isBold() !== 0,
        inverse: cell.isInverse() !== 0,
      }
    },
    raw: () => raw,
    alternate: () => screen.buffer.active.type === 'alternate',
  }
}
