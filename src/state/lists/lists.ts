import type { AreaId } from '../../services/model/areas.ts'
import type { Merged } from '../../services/model/editing.ts'
import type { ChangePlan } from '../../services/model/plan.ts'
import type { DiffLine } from '../../services/model/step.ts'
import type { TransactionRecord } from '../../services/model/transaction.ts'
import type { Undo } from '../../services/planning/undo.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Layout } from '../layout.ts'
import type { PastItem } from './history-list.ts'
import type { List, PaneItem } from './list.ts'

export type { Undo }

/** What is computed from the state, each remembered until what it rests on changes. One set a console. */
export type Lists = {
  readonly pane: (state: ConsoleState, pane: AreaId) => List<PaneItem>
  /** An area with what is staged laid over it; null where it was not read. */
  readonly merged: <Id extends AreaId>(state: ConsoleState, id: Id) => Merged<Id> | null
  /** Whether a pane's cursor, unless the operator moved it, stays on the newest item. */
  readonly followsEnd: (pane: AreaId) => boolean
  /** The findings whose fix is staged. */
  readonly fixes: (state: ConsoleState) => ReadonlySet<string>
  /** Everything staged as one plan, made when it is looked at; null when nothing is, or the host is not read. */
  readonly plan: (state: ConsoleState) => ChangePlan | null
  readonly layout: (state: ConsoleState) => Layout
  /** Rows of a pane that hold its items. */
  readonly paneHeight: (state: ConsoleState, pane: AreaId) => number
  /** Past transactions, after the filter of their screen. */
  readonly history: (state: ConsoleState) => List<PastItem>
  /** All that a past transaction changed. */
  readonly difference: (record: TransactionRecord) => readonly DiffLine[]
  /** What undoing it would stage now; `newId` names the changes and the rules put back. */
  readonly undo: (state: ConsoleState, record: TransactionRecord, newId: () => string) => Undo
  /** What an area computes for itself: made once a console, and known by its maker. */
  readonly own: <T>(make: (lists: Lists) => T) => T
}
