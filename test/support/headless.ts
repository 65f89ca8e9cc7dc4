import { createLogReader } from '../../src/services/areas/securelog/reader.ts'
import { followScript } from '../../src/services/areas/securelog/scripts.ts'
import type { AreaId } from '../../src/services/model/areas.ts'
import type { AskDns } from '../../src/services/model/dns.ts'
import { ok, type Result } from '../../src/services/model/errors.ts'
import type { Ask, Host, HostFacts } from '../../src/services/model/host.ts'
import { type Safe, safe, say } from '../../src/services/model/safe.ts'
import type { Knock } from '../../src/services/model/seen-ports.ts'
import type { Rehearse } from '../../src/services/model/transaction.ts'
import type { ConsoleDeps } from '../../src/state/kit.ts'
import { placeOf } from '../../src/state/lists/place.ts'
import { type Console, createConsole } from '../../src/state/store.ts'
import { type FakeHost, type FakeServer, fakeHost } from './fake-host.ts'
import { fakeRehearse } from './fake-iptables.ts'
import { type FakeTransactions, fakeTransactions } from './fake-transactions.ts'
import { type HandClock, handClock } from './hand-clock.ts'
import { hostFacts } from './plans.ts'
import { type ProbeTexts, someTexts } from './probe-texts.ts'

export type Options = {
  readonly readOnly?: boolean
  readonly facts?: Partial<HostFacts>
  readonly texts?: Partial<ProbeTexts>
  /** Texts of files on the server, by path. */
  readonly files?: Readonly<Record<string, string>>
  /** Its answers to who asks for older lines of the log. */
  readonly older?: FakeServer['older']
  /** What the server prints of its whole log. */
  readonly survey?: readonly string[]
  /** Stands in for connecting, for tests about that. */
  readonly connect?: (ask: Ask, host: FakeHost, signal: AbortSignal) => Promise<Result<Host>>
  /** Stands in for the transactions that a test moves by hand. */
  readonly createTransactions?: ConsoleDeps['createTransactions']
  /** Stands in for the iptables of these tests. */
  readonly createRehearse?: (host: Host) => Rehearse
  /** What comes of writing a script; null: this console may write none. */
  readonly saveScript?: (() => Promise<Result<Safe, Safe>>) | null
  /** What the server's name server answers to this machine. */
  readonly askDns?: AskDns
  /** What comes of knocking at the server's ports. */
  readonly knock?: Knock
}

/** A console without a screen, with everything behind it in the test's hands. */
export type Headless = {
  readonly console: Console
  readonly server: FakeServer
  readonly host: FakeHost
  readonly transactions: FakeTransactions
  readonly clock: HandClock
  /** What was put on the clipboard and written to files. */
  readonly copied: string[]
  readonly scripts: string[]
  /** How often the server's iptables was asked to try rules. */
  readonly rehearsals: () => number
}

/** Makes such a console; nothing happens until it connects. */
export function headless(options: Options = {}): Headless {
  const clock = handClock()
  const login = { user: say`ops`, uid: 1000, escalation: 'sudo' as const }
  const server: FakeServer = {
    facts: { ...hostFacts, os: say`Debian 12`, login, ...options.facts },
    texts: { ...someTexts(), ...options.texts },
    files: { ...options.files },
    ...(options.older && { older: options.older }),
    ...(options.survey && { survey: options.survey }),
  }
  const host = fakeHost(server)
  const transactions = fakeTransactions()
  const copied: string[] = []
  const scripts: string[] = []
  let known: readonly string[] = []
  let rehearsals = 0
  const rehearse = fakeRehearse(() => server.texts.firewall.iptables ?? '')
  const saved = options.saveScript ?? (async (): Promise<Result<Safe, Safe>> => ok(safe('./hardtui-web1.sh')))
  const console = createConsole({
    target: host.target,
    connect: (ask, signal) => (options.connect ? options.connect(ask, host, signal) : Promise.resolve(ok(host))),
    knownLogins: {
      read: async () => ok(known),
      change: async (id, isKnown) => {
        known = [...known.filter((one) => one !== id), ...(isKnown ? [id] : [])]
        return ok(known)
      },
    },
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
    ...(options.askDns ? { askDns: options.askDns } : {}),
    ...(options.knock ? { knock: options.knock } : {}),
    ...(options.saveScript === null
      ? {}
      : {
          saveScript: (script: string) => {
            scripts.push(script)
            return saved()
          },
        }),
  })
  return { console, server, host, transactions, clock, copied, scripts, rehearsals: () => rehearsals }
}

/** Lets everything happen that was set going and waits for nobody. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Keys pressed one after the other, each after what the one before set going has come to rest. */
export type Keys = Headless & {
  readonly press: (...keys: readonly string[]) => Promise<void>
  readonly type: (text: string) => Promise<void>
  /** What is staged, in words. */
  readonly staged: () => readonly string[]
  /** What stands on the status line. */
  readonly said: () => string
  /** The screen on top and the sheet over it: `staged`, `dashboard edit`. */
  readonly shows: () => string
  /** The row of the focused pane that the cursor is on. */
  readonly row: () => string
}

/** A console that has connected and read, driven by its keys alone. */
export async function keysOf(options: Options = {}): Promise<Keys> {
  const bench = headless(options)
  const { console } = bench
  const state = () => console.store.getState()
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      console.press([key])
      await settled()
    }
  }
  void console.actions.connect()
  await settled()
  return {
    ...bench,
    press,
    type: (text) => press(...[...text].map((char) => (char === ' ' ? 'Space' : char))),
    staged: () => state().staging.changes.map((change) => `${change.target} ${change.summary}`),
    said: () => state().messages.shown?.text ?? '',
    shows: () => {
      const { screens, dialog } = state().view
      return [screens.at(-1)?.kind, ...(dialog ? [dialog.kind] : [])].join(' ')
    },
    row: () => {
      const { lists } = console
      const { focused, panes } = state().view
      const list = lists.pane(state(), focused)
      return list.items[placeOf(list, panes[focused], lists.followsEnd(focused))]?.search() ?? ''
    },
  }
}

/** Puts the cursor of the firewall pane on the first row that holds a text. */
export function cursorTo({ console }: Pick<Headless, 'console'>, text: string, pane: AreaId = 'firewall'): void {
  const item = console.lists.pane(console.store.getState(), pane).items.find((one) => one.search().includes(text))
  if (!item) throw new Error(`no row holds ${text}`)
  console.actions.putCursor(pane, item.id)
}
