import type { Areas } from '../services/model/area.ts'
import type { AskDns } from '../services/model/dns.ts'
import type { Result } from '../services/model/errors.ts'
import type { Ask, Host, HostFacts } from '../services/model/host.ts'
import type { Safe } from '../services/model/safe.ts'
import type { LogEntry, SecureLogFacts } from '../services/model/securelog.ts'
import type { Knock } from '../services/model/seen-ports.ts'
import type { Rehearse, Transactions } from '../services/model/transaction.ts'
import type { Clock } from './clock.ts'
import type { ConsoleState } from './console-state.ts'
import type { Lists } from './lists/lists.ts'
import type { Destination } from './slices/connection.ts'
import type { Tone } from './slices/messages.ts'

/** What the console is given from outside: the wire, time, and the two things it does to this machine. */
export type ConsoleDeps = {
  readonly target: Destination
  /** Opens the connection; `signal` gives the attempt up. */
  readonly connect: (ask: Ask, signal: AbortSignal) => Promise<Result<Host>>
  readonly createTransactions: (
    host: Host,
    facts: () => HostFacts | null,
    /** Where new logins go, where that is no longer the port that was dialled. */
    loginPort: () => number | undefined,
  ) => Transactions
  readonly createRehearse: (host: Host) => Rehearse
  readonly clock: Clock
  /** Seconds that a change waits for its confirm. */
  readonly windowSeconds: number
  readonly readOnly: boolean
  readonly version: string
  /** Puts text on the operator's clipboard. */
  readonly copy: (text: Safe) => void
  /** Writes a script (staged changes, or all rules) to a new file on this machine; absent where that is not offered. */
  readonly saveScript?: (script: string, kind: 'changes' | 'rules' | 'upstream') => Promise<Result<Safe, Safe>>
  /** The logins of this server that the operator has said he knows, kept on this machine; absent where nothing is kept. */
  readonly knownLogins?: {
    readonly read: () => Promise<Result<readonly string[], Safe>>
    readonly change: (id: string, isKnown: boolean) => Promise<Result<readonly string[], Safe>>
  }
  /** Asks the server's name server from this machine; absent where nothing is asked. */
  readonly askDns?: AskDns
  /** Knocks at the server's ports from this machine; absent where nothing is. */
  readonly knock?: Knock
  readonly log: {
    readonly script: (facts: SecureLogFacts) => string
    readonly reader: (facts: SecureLogFacts, host: HostFacts, now: number) => (line: string) => LogEntry | null
  }
}

/** The server once the first connection is open. */
export type Server = { readonly host: Host; readonly transactions: Transactions; readonly rehearse: Rehearse }

/** What actions share. Each group of actions is made from it and keeps nothing else. */
export type Kit = {
  readonly deps: ConsoleDeps
  readonly areas: Areas
  readonly lists: Lists
  readonly get: () => ConsoleState
  readonly set: (change: (state: ConsoleState) => Partial<ConsoleState>) => void
  /** Says something on the status line. */
  readonly tell: (tone: Tone, text: Safe) => void
  readonly server: () => Server | null
  readonly setServer: (server: Server | null) => void
  readonly nextNumber: () => number
}
