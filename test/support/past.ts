import { type Safe, say } from '../../src/services/model/safe.ts'
import {
  type Note,
  type PastTransaction,
  RECORD_VERSION,
  type TransactionRecord,
} from '../../src/services/model/transaction.ts'

/** Something that the server said of a change's end. */
export const note = (text: Safe, grade: Note['grade'] = 'plain'): Note => ({ grade, text })

/** A confirmed change that can be undone, unless told otherwise. */
export const somePast = (id: string, more: Partial<PastTransaction> = {}): PastTransaction => ({
  id,
  outcome: 'confirmed',
  cause: 'unknown',
  armedAt: say`2026-11-23 09:18:07`,
  endedAt: say`2026-11-23 09:19:30`,
  owner: say`ops`,
  from: say`198.51.100.20`,
  summary: [say`v4 filter INPUT 5 - -p tcp -m tcp --dport 5432 -j ACCEPT`],
  notes: [],
  lasts: null,
  undoable: true,
  ...more,
})

/** What it changed: nothing, unless told otherwise. */
export const someRecord = (id: string, more: Partial<TransactionRecord> = {}): TransactionRecord => ({
  id,
  version: RECORD_VERSION,
  rules: [],
  accounts: [],
  files: [],
  units: [],
  ...more,
})
