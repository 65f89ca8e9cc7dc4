import type { AccountChange } from './account.ts'
import type { HostError, Result } from './errors.ts'
import type { ChainRef, Family } from './firewall.ts'
import type { ChangePlan } from './plan.ts'
import { type Safe, say } from './safe.ts'
import type { FileChange, UnitChange } from './step.ts'

/** An armed timer, as the server says it. The deadline is the server's own. */
export type Timer = {
  readonly id: string
  readonly owner: Safe
  /** Client address it was armed from. */
  readonly from: Safe
  /** Server's wall clock, `HH:MM:SS`. */
  readonly armedAt: Safe
  readonly deadlineAt: Safe
  /** Epoch milliseconds of this machine's clock at which it fires, from the seconds left that the server reported. */
  readonly firesAt: number
  readonly windowSeconds: number
  /** Whether this console holds it: false when another operator or an earlier console armed it, or took it over. */
  readonly mine: boolean
  /** Who took it over from whom and when, in the server's words; null when nobody did. */
  readonly taken: { readonly at: Safe; readonly from: Safe } | null
  /** What it changes, one line a change. */
  readonly summary: readonly Safe[]
  /**
   * What stands against a confirm from here: the console that made the change came from another address, and could not
   * log in anew or has not said. Null when nothing does.
   */
  readonly first: Safe | null
}

export type StageId = 'checked' | 'checkpoint' | 'armed' | 'applied' | 'verified' | 'proved'

/** One line of the transaction screen. */
export type StageLine = {
  readonly id: StageId
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  readonly detail: Safe
  readonly elapsedMs: number | null
}

/** Whether a new login works: the machine's half of confirming; a person does the other. */
export type Proof =
  | { readonly outcome: 'works'; readonly detail: Safe; readonly elapsedMs: number }
  | { readonly outcome: 'fails'; readonly why: HostError }
  | { readonly outcome: 'pending' }

/**
 * What the server said of a change's end. `lost`: something is not as it was; `failed`: what was asked for did not come
 * about; `heed`: a person should look at it; `plain`: it went as it should.
 */
export type Note = { readonly grade: 'lost' | 'failed' | 'heed' | 'plain'; readonly text: Safe }

/** Who ended a transaction by rolling it back. */
export type RollbackCause = 'operator' | 'timer' | 'boot' | 'failure' | 'unknown'

/**
 * A change on its way to the server. A union by phase, so that applying without an armed timer can't be written.
 * `in-doubt`: the link went while something was under way; the truth is read from the server once it is back.
 */
export type Transaction =
  | { readonly phase: 'idle' }
  | { readonly phase: 'checking' | 'arming'; readonly stages: readonly StageLine[] }
  | {
      readonly phase: 'applying' | 'verifying' | 'proving'
      readonly timer: Timer
      readonly stages: readonly StageLine[]
    }
  | {
      readonly phase: 'awaiting-confirm'
      readonly timer: Timer
      readonly stages: readonly StageLine[]
      readonly proof: Proof
      /** Why the last confirm, extend or rollback did not go through, until the next one is tried. */
      readonly notice: Safe | null
    }
  | { readonly phase: 'confirming'; readonly timer: Timer; readonly stages: readonly StageLine[] }
  | {
      readonly phase: 'rolling-back'
      readonly timer: Timer
      readonly stages: readonly StageLine[]
      readonly cause: RollbackCause
    }
  | {
      readonly phase: 'in-doubt'
      readonly timer: Timer | null
      readonly stages: readonly StageLine[]
      /** What is known and what is not. */
      readonly doubt: Safe
    }
  | {
      readonly phase: 'confirmed'
      readonly id: string
      readonly notes: readonly Note[]
      /** Whether the next boot keeps it, as the server found out by what will be loaded; null where it did not say. */
      readonly lasts: boolean | null
    }
  | {
      readonly phase: 'rolled-back'
      readonly id: string
      readonly by: RollbackCause
      /** What was restored and whether that was verified. */
      readonly notes: readonly Note[]
      /** The changes, to be put back into staging; null when another console made them. */
      readonly plan: ChangePlan | null
    }
  | {
      readonly phase: 'aborted'
      readonly reason: Safe
      readonly next: Safe
      readonly stages: readonly StageLine[]
      readonly plan: ChangePlan | null
    }
  /** Its timer ran, and the server has no record of it any more: how it ended can't be read. `known` is what is. */
  | { readonly phase: 'lost'; readonly id: string; readonly known: Safe }

/** Phases of a change that is over. */
export const ENDS: ReadonlySet<Transaction['phase']> = new Set(['confirmed', 'rolled-back', 'aborted', 'lost'])

/** Phases in which a timer runs on the server. */
export const isPending = (transaction: Transaction): boolean => timerOf(transaction) !== null

/** The running timer, or null. */
export const timerOf = (transaction: Transaction): Timer | null => ('timer' in transaction ? transaction.timer : null)

/** One line of the server's history. Times are the server's wall clock. */
export type PastTransaction = {
  readonly id: string
  readonly outcome: 'confirmed' | 'rolled-back' | 'unknown'
  readonly cause: RollbackCause
  readonly armedAt: Safe
  readonly endedAt: Safe
  readonly owner: Safe
  readonly from: Safe
  readonly summary: readonly Safe[]
  readonly notes: readonly Note[]
  /** Of a confirmed one: whether boots keep it; null where that is not recorded. */
  readonly lasts: boolean | null
  /** Whether the server still has what it takes to undo it. */
  readonly undoable: boolean
}

/** What a transaction changed: the touched chains before and after as canonical text, accounts, files, units. */
export type TransactionRecord = {
  readonly id: string
  /** Of what it holds (RECORD_VERSION); Infinity where the server says one that is no number. */
  readonly version: number
  readonly rules: readonly {
    readonly family: Family
    readonly touches: readonly ChainRef[]
    readonly before: string
    readonly after: string
  }[]
  readonly accounts: readonly AccountChange[]
  readonly files: readonly FileChange[]
  readonly units: readonly UnitChange[]
}

/** What plans and their records hold, as this console makes and reads them; those of the first release don't say one. */
export const RECORD_VERSION = 3

/** Why a record can be looked at and not undone, as the end of a sentence; null where it can. */
export const tooNew = ({ version }: TransactionRecord): Safe | null =>
  version <= RECORD_VERSION
    ? null
    : say`a newer release of hardtui recorded it, and only that one knows all that is to be undone`

/**
 * The one transaction of a host. Every method re-reads the server before it says anything, never infers an end from
 * silence, and leaves its result in `state`; the promise resolves when it has come to rest.
 */
export type Transactions = {
  readonly state: () => Transaction
  readonly subscribe: (listener: (transaction: Transaction) => void) => () => void
  /**
   * Steps 1 to 6: check, checkpoint, arm, apply, verify, prove. Ends awaiting-confirm, rolled-back, aborted or in-doubt.
   * `secrets` has the passwords of accounts that are made with one, by their names. They go to the server while applying,
   * on standard input; here they stay in memory, to answer sudo for those accounts.
   */
  readonly apply: (plan: ChangePlan, secrets?: ReadonlyMap<string, string>) => Promise<void>
  /**
   * Reads whether a transaction is pending on the server, after connecting and after every reconnect. Gives whether the
   * server said so: no answer, or half of one, says nothing.
   */
  readonly look: () => Promise<boolean>
  /** Proves a new login again. */
  readonly prove: () => Promise<void>
  /**
   * Over a fresh login. `unproven` confirms without one, `heard` against what the first console's proof said; both only
   * after the operator typed the host's name.
   */
  readonly confirm: (mode?: 'proven' | 'heard' | 'unproven') => Promise<void>
  /** One more window, over a fresh login. */
  readonly extend: () => Promise<void>
  readonly rollback: () => Promise<void>
  /** Answers from now on for a change that another console armed; that one is told. */
  readonly takeOver: () => Promise<void>
  /** Every transaction that ended on this server, newest first. */
  readonly history: () => Promise<Result<readonly PastTransaction[]>>
  /** What one of them changed, for looking at and for undoing it. */
  readonly record: (id: string) => Promise<Result<TransactionRecord>>
  /** Leaves an end (ENDS) behind. */
  readonly dismiss: () => void
}

/**
 * Tries a delta on the server in a network namespace of its own, over the rules live there now: nothing is changed.
 * Gives the touched chains as the kernel prints them afterwards, or iptables' own reason for refusing.
 */
export type Rehearse = (
  family: Family,
  delta: string,
  touches: readonly { readonly table: string; readonly chain: string }[],
) => Promise<Result<{ readonly after: string }>>
