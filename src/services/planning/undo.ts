import type { Areas } from '../model/area.ts'
import type { AreaId, StagedChange } from '../model/areas.ts'
import type { Editing, Past } from '../model/editing.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { type TransactionRecord, tooNew } from '../model/transaction.ts'
import { changesFrom, editingOf, type FactsNow } from './staging.ts'

/** What undoing a past transaction would stage now, and in words what of it no longer fits: nothing is ever guessed. */
export type Undo = { readonly changes: readonly StagedChange[]; readonly remarks: readonly Safe[] }

/**
 * Makes the changes that undo what a transaction did, on what is there now with what is staged already (`facts`). Each
 * area answers for what is its own. `newId` names changes, and the rules put back.
 */
export function undoOf(areas: Areas, record: TransactionRecord, facts: FactsNow, newId: () => string): Undo {
  const newer = tooNew(record)
  if (newer) return { changes: [], remarks: [say`Nothing of it is undone here: ${newer}.`] }
  const ids = (Object.keys(areas) as AreaId[]).toSorted((a, b) => turnOf(areas, a) - turnOf(areas, b))
  const parts = ids.map((id) => undoIn(areas, id, record, facts, newId))
  return {
    changes: parts.flatMap((part) => part.changes),
    remarks: [...parts.flatMap((part) => part.remarks), ...nobodys(areas, ids, record)],
  }
}

/** As the server takes them: rules, accounts and files, units. */
function turnOf(areas: Areas, id: AreaId): number {
  const { rules, units } = areas[id].editing?.owns ?? {}
  return rules ? 0 : units ? 2 : 1
}

function undoIn<Id extends AreaId>(
  areas: Areas,
  id: Id,
  record: TransactionRecord,
  factsNow: FactsNow,
  newId: () => string,
): Undo {
  const editing = editingOf(areas, id)
  if (!editing) return { changes: [], remarks: [] }
  const facts = factsNow(id)
  const { edits, remarks } = editing.undo(ownOf(editing, record), facts, newId)
  if (edits.length === 0) return { changes: [], remarks }
  if (!facts) return { changes: [], remarks: [...remarks, UNREAD] }
  return { changes: changesFrom(editing, id, facts, edits, 'operator', newId), remarks }
}

const UNREAD = say`What it changed can't be read on this host now: press R, and try again.`

/** What of a transaction is an area's. */
const ownOf = (
  { owns }: Pick<Editing<AreaId>, 'owns'>,
  { rules, accounts, files, units }: TransactionRecord,
): Past => ({
  rules: owns.rules ? rules : [],
  accounts: owns.accounts ? accounts : [],
  files: files.filter(({ path }) => owns.file?.(path)),
  units: owns.units ? units : [],
})

/** Files and accounts that no area of this console changes: another release did. */
const nobodys = (areas: Areas, ids: readonly AreaId[], { accounts, files }: TransactionRecord): readonly Safe[] => {
  const owns = ids.flatMap((id) => areas[id].editing?.owns ?? [])
  const names = new Set(owns.some((one) => one.accounts) ? [] : accounts.map(({ name }) => name))
  return [
    ...files.filter(({ path }) => !owns.some((one) => one.file?.(path))).map(({ path }) => safe(path)),
    ...[...names].map((name) => say`The account ${safe(name)}`),
  ].map((what) => say`${what} is not changed by this release of hardtui: change it back by hand.`)
}
