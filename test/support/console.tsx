import { EventEmitter } from 'node:events'
import { onTestFinished } from 'vitest'
import { type ProcessEvents, runConsole } from '../../src/screens/run-console.tsx'
import { followScript } from '../../src/services/areas/securelog/follow.ts'
import { createLogReader } from '../../src/services/areas/securelog/reader.ts'
import { ok, type Result } from '../../src/services/model/errors.ts'
import type { Ask, Host, HostFacts } from '../../src/services/model/host.ts'
import { type Safe, safe, say } from '../../src/services/model/safe.ts'
import type { Rehearse, Transactions } from '../../src/services/model/transaction.ts'
import { type Console, createConsole } from '../../src/state/store.ts'
import { type FakeHost, type FakeServer, fakeHost } from './fake-host.ts'
import { fakeRehearse } from './fake-iptables.ts'
import { type FakeTerminal, fakeTerminal } from './fake-terminal.ts'
import { type FakeTransactions, fakeTransactions } from './fake-transactions.ts'
import { type HandClock, handClock } from './hand-clock.ts'
import { hostFacts } from './plans.ts'
import { type ProbeTexts, someTexts } from './probe-texts.ts'

export type Options = {
  readonly columns?: number
  readonly rows?: number
  readonly readOnly?: boolean
  readonly facts?: Partial<HostFacts>
  readonly texts?: Partial<ProbeTexts>
  readonly env?: Readonly<Record<string, string>>
  /** Stands in for connecting, for tests about that; the panes are not waited for then. */
  readonly connect?: (ask: Ask, host: FakeHost) => Promise<Result<Host>>
  /** Stands in for the transactions that a test moves by hand. */
  readonly createTransactions?: (host: Host, facts: () => HostFacts | null) => Transactions
  /** Stands in for the iptables of these tests. */
  readonly createRehearse?: (host: Host) => Rehearse
}

/** A console on a screen of its own, with everything behind it in the test's hands. */
export type Bench = {
  readonly console: Console
  readonly terminal: FakeTerminal
  readonly server: FakeServer
  readonly host: FakeHost
  readonly transactions: FakeTransactions
  readonly clock: HandClock
  readonly signals: EventEmitter
  /** What was put on the clipboard and written to files. */
  readonly copied: string[]
  readonly scripts: string[]
  /** How often the server's iptables was asked to try rules. */
  readonly rehearsals: () => number
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

/** Puts the cursor of the firewall pane on the first row that holds a text. */
export function cursorTo({ console }: Bench, text: string): void {
  const item = console.lists.pane(console.store.getState(), 'firewall').items.find((one) => one.search().includes(text))
  if (!item) throw new Error(`no row holds ${text}`)
  console.actions.putCursor('firewall', item.id)
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

/** Opens a console and waits until its four panes are filled, unless `connect` is the test's own. */
export async function openConsole(options: Options = {}): Promise<Bench> {
  const bench = startConsole(options)
  if (!options.connect) await bench.sees('PermitRootLogin')
  return bench
}

function startConsole(options: Options): Bench {
  const terminal = fakeTerminal(options.columns ?? 120, options.rows ?? 40)
  const clock = handClock()
  const login = { user: say`ops`, uid: 1000, escalation: 'sudo' as const }
  const server: FakeServer = {
    facts: { ...hostFacts, os: say`Debian 12`, login, ...options.facts },
    texts: { ...someTexts(), ...options.texts },
  }
  const host = fakeHost(server)
  const transactions = fakeTransactions()
  const copied: string[] = []
  const scripts: string[] = []
  let rehearsals = 0
  let chunks = 0
  const rehearse = fakeRehearse(() => server.texts.firewall.iptables ?? '')
  const console = createConsole({
    target: host.target,
    connect: (ask) => (options.connect ? options.connect(ask, host) : Promise.resolve(ok(host))),
    log: { script: followScript, reader: createLogReader },
    createTransactions: options.createTransactions ?? (() => transactions),
    createRehearse:
      options.createRehearse ??
      (() => (family, delta, touches) => {
        rehearsals += 1
        return rehearse(family, delta, touches)
      }),
    clock,
    windowSeconds: 180,
    readOnly: options.readOnly ?? false,
    version: 'test',
    copy: (text) => void copied.push(text),
    saveScript: async (script): Promise<Result<Safe, Safe>> => {
      scripts.push(script)
      return ok(safe('./hardtui-web1.sh'))
    },
  })
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
    console,
    terminal,
    server,
    host,
    transactions,
    clock,
    signals,
    copied,
    scripts,
    rehearsals: () => rehearsals,
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
