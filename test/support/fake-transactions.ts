import { fail, ok, type Result } from '../../src/services/model/errors.ts'
import type { ChangePlan } from '../../src/services/model/plan.ts'
import { say } from '../../src/services/model/safe.ts'
import type {
  PastTransaction,
  StageId,
  StageLine,
  Timer,
  Transaction,
  TransactionRecord,
  Transactions,
} from '../../src/services/model/transaction.ts'

/** Transactions that a test moves by hand; what the console asked for is kept in `calls`. */
export type FakeTransactions = Transactions & {
  readonly set: (next: Transaction) => void
  readonly calls: string[]
  readonly plan: () => ChangePlan | null
  /** The passwords that came with the last plan. */
  secrets: ReadonlyMap<string, string>
  /** What the server answers when asked for its history, and for the record of one of its transactions. */
  past: Result<readonly PastTransaction[]>
  /** What happens when this console takes the change over. */
  onTakeOver: () => void
  records: Readonly<Record<string, TransactionRecord>>
}

const noRecord: Result<never> = fail({
  kind: 'unsupported-host',
  message: say`The server no longer has that record.`,
  next: say`Change it back by hand.`,
})

export function fakeTransactions(): FakeTransactions {
  let now: Transaction = { phase: 'idle' }
  let last: ChangePlan | null = null
  const listeners = new Set<(transaction: Transaction) => void>()
  const calls: string[] = []
  const called = (name: string) => async (): Promise<void> => void calls.push(name)
  const set = (next: Transaction): void => {
    now = next
    for (const listener of listeners) listener(next)
  }
  const self: FakeTransactions = {
    state: () => now,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    apply: async (plan, secrets = new Map()) => {
      last = plan
      self.secrets = secrets
      calls.push('apply')
    },
    look: async () => {
      calls.push('look')
      return true
    },
    prove: called('prove'),
    confirm: async (mode = 'proven') => void calls.push(mode === 'proven' ? 'confirm' : `confirm ${mode}`),
    extend: called('extend'),
    rollback: called('rollback'),
    takeOver: async () => {
      calls.push('takeOver')
      self.onTakeOver()
    },
    history: async () => {
      calls.push('history')
      return self.past
    },
    record: async (id) => {
      calls.push(`record ${id}`)
      const record = self.records[id]
      return record ? ok(record) : noRecord
    },
    dismiss: () => {
      calls.push('dismiss')
      set({ phase: 'idle' })
    },
    set,
    calls,
    plan: () => last,
    onTakeOver: () => {},
    secrets: new Map(),
    past: ok([]),
    records: {},
  }
  return self
}

const ORDER: readonly StageId[] = ['checked', 'checkpoint', 'armed', 'applied', 'verified', 'proved']

/** Stages of which the first `done` are done and the next one is under way. */
export const stagesUpTo = (done: number): readonly StageLine[] =>
  ORDER.map((id, at) => ({
    id,
    state: at < done ? 'done' : at === done ? 'running' : 'waiting',
    detail: at < done ? say`as it should be` : say``,
    elapsedMs: at < done ? 400 : null,
  }))

/** A timer that fires at `firesAt`; mine unless told otherwise. */
export const someTimer = (firesAt: number, more: Partial<Timer> = {}): Timer => ({
  id: '7f3a',
  owner: say`ops`,
  from: say`198.51.100.20`,
  armedAt: say`09:18:07`,
  deadlineAt: say`09:21:07`,
  firesAt,
  windowSeconds: 180,
  mine: true,
  taken: null,
  summary: [say`v4 filter INPUT 5 - -p tcp -m tcp --dport 3306 -j DROP`],
  first: null,
  ...more,
})

/** The change waits; the new login worked. */
export const awaiting = (
  timer: Timer,
  proof: Extract<Transaction, { phase: 'awaiting-confirm' }>['proof'] = {
    outcome: 'works',
    detail: say`198.51.100.20 → :22 by publickey, root works`,
    elapsedMs: 400,
  },
): Transaction => ({
  phase: 'awaiting-confirm',
  timer,
  proof,
  notice: null,
  stages: stagesUpTo(6).map((line) =>
    line.id === 'proved' && proof.outcome === 'fails' ? { ...line, state: 'failed', detail: proof.why.message } : line,
  ),
})
