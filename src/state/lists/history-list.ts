import type { PastTransaction } from '../../services/model/transaction.ts'

/** One past transaction as a row. */
export type PastItem = { readonly id: string; readonly search: () => string; readonly past: PastTransaction }

const OUTCOMES: Readonly<Record<PastTransaction['outcome'], string>> = {
  confirmed: 'confirmed',
  'rolled-back': 'rolled back',
  unknown: 'unknown',
}

/** Past transactions as rows; newest first, as the server lists them. */
export const pastItems = (past: readonly PastTransaction[] | null): readonly PastItem[] =>
  (past ?? []).map((one) => ({
    id: one.id,
    search: () =>
      [one.id, one.armedAt, one.endedAt, one.owner, one.from, OUTCOMES[one.outcome], one.cause, ...one.summary].join(
        ' ',
      ),
    past: one,
  }))
