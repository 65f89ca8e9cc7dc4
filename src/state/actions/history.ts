import type { Result } from '../../services/model/errors.ts'
import { type Safe, say } from '../../services/model/safe.ts'
import type { TransactionRecord } from '../../services/model/transaction.ts'
import { stageAll } from '../../services/planning/staging.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import { type Asked, pastOf, unasked } from '../slices/history.ts'
import { withChanges } from '../slices/staging.ts'
import { pushScreen, topScreen } from '../slices/view.ts'
import { pastUnderCursor } from '../under-cursor/past.ts'

export type HistoryActions = {
  /** H: shows what was done on this server before, read anew. */
  readonly openHistory: () => void
  /** R: reads the list, or the record that is shown, again. */
  readonly readHistory: () => void
  /** Enter: shows all that the transaction under the cursor changed. */
  readonly openPast: () => void
  /** U: stages the change that undoes the transaction under the cursor, or the one that is shown. */
  readonly undoPast: () => Promise<void>
}

/** Marks a reading as begun or ended; what was read before stays until there is something newer. */
const after = <T>(old: Asked<T>, result: Result<T> | null): Asked<T> => {
  if (!result) return { ...old, reading: true }
  return result.ok
    ? { reading: false, value: result.value, error: null }
    : { ...old, reading: false, error: result.error }
}

/** Looking at what was done before, and staging what undoes it. */
export function createHistoryActions(kit: Kit): HistoryActions {
  const { get, set } = kit

  async function readList(): Promise<void> {
    const server = kit.server()
    if (!server || get().history.list.reading) return
    const save = (result: Parameters<typeof after<NonNullable<ConsoleState['history']['list']['value']>>>[1]): void =>
      set(({ history }) => ({ history: { ...history, list: after(history.list, result) } }))
    save(null)
    save(await server.transactions.history())
  }

  async function readRecord(id: string): Promise<TransactionRecord | null> {
    const server = kit.server()
    const old = get().history.records[id] ?? unasked
    if (!server || old.reading) return null
    const save = (result: Result<TransactionRecord> | null): void =>
      set(({ history }) => ({
        history: { ...history, records: { ...history.records, [id]: after(history.records[id] ?? unasked, result) } },
      }))
    save(null)
    const result = await server.transactions.record(id)
    save(result)
    if (result.ok) return result.value
    kit.tell('bad', say`${result.error.message} ${result.error.next}`)
    return null
  }

  async function undoPast(): Promise<void> {
    const id = pastUnderCursor(kit, get())
    const past = id === null ? null : pastOf(get().history, id)
    if (!past) return
    const asked = get().history.records[past.id] ?? unasked
    if (asked.reading && !asked.value) return kit.tell('info', say`Still reading what it changed.`)
    const record = asked.value ?? (await readRecord(past.id))
    if (record && pastUnderCursor(kit, get()) === past.id) stageUndo(kit, record)
  }

  return {
    openHistory: () => {
      set(({ view }) => {
        const under = { ...view, screens: view.screens.filter((screen) => screen.kind !== 'past') }
        return { view: pushScreen(under, { kind: 'history' }) }
      })
      void readList()
    },
    readHistory: () => {
      const screen = topScreen(get().view)
      if (screen.kind === 'past') void readRecord(screen.id)
      void readList()
    },
    openPast: () => {
      const id = pastUnderCursor(kit, get())
      if (id === null) return kit.tell('info', say`There is nothing under the cursor.`)
      set(({ view }) => ({ view: pushScreen(view, { kind: 'past', id }) }))
      if (!get().history.records[id]?.value) void readRecord(id)
    },
    undoPast,
  }
}

/** Stages what undoes a transaction as one step of staging, and shows it; says what of it no longer fits. */
function stageUndo(kit: Kit, record: TransactionRecord): void {
  const { changes, remarks } = kit.lists.undo(kit.get(), record, () => `undo-${kit.nextNumber()}`)
  for (const remark of remarks) kit.tell('warn', remark)
  if (changes.length === 0) {
    // There all the reasons can be read.
    kit.set(({ view }) => ({ view: pushScreen(view, { kind: 'past', id: record.id }) }))
    return kit.tell('info', say`Nothing is left to undo. ${remarks[0] ?? say`The server is as it was before it.`}`)
  }
  kit.set(({ staging, view }) => ({
    staging: withChanges(staging, stageAll(kit.areas, staging.changes, changes)),
    view: pushScreen(view, { kind: 'staged' }),
  }))
  kit.tell(remarks.length > 0 ? 'warn' : 'good', stagedWords(changes.length, remarks))
}

const stagedWords = (count: number, remarks: readonly Safe[]): Safe => {
  const staged = say`Staged what undoes it (${count} ${count === 1 ? say`change` : say`changes`}); u takes that back.`
  if (remarks.length === 0) return staged
  return say`${staged} NOT all of it: ${remarks[0] as Safe}${remarks.length > 1 ? say` And ${remarks.length - 1} more: see ?` : say``}`
}
