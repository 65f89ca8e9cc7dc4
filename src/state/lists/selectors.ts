import { withTable } from '../../services/areas/firewall/builtin-chains.ts'
import type { AreaId } from '../../services/model/area.ts'
import type { Family, FirewallFacts } from '../../services/model/firewall.ts'
import type { ChangePlan, DiffLine } from '../../services/model/plan.ts'
import { factsOf } from '../../services/model/reading.ts'
import type { TransactionRecord } from '../../services/model/transaction.ts'
import type { Listener } from '../../services/model/units.ts'
import { makePlan } from '../../services/planning/plan.ts'
import type { ConsoleState } from '../console-state.ts'
import { type Layout, layoutOf, listHeight } from '../layout.ts'
import { sheetRows } from '../sheet-rows.ts'
import { listenersOf } from '../slices/readings.ts'
import { fixesOf } from '../slices/staging.ts'
import { type BaselineNow, createBaselineList } from './baseline-list.ts'
import { besideTables } from './beside-list.ts'
import { type FindingItem, findingItems } from './finding-list.ts'
import { type FirewallItem, firewallItems, type StagedRules, stagedRules } from './firewall-list.ts'
import { type PastItem, pastItems } from './history-list.ts'
import { type List, makeList, rememberLast } from './list.ts'
import { countLog, createLogItems, type LogCounts, type LogItem } from './log-list.ts'
import { packetAnswer } from './packet-answer.ts'
import { recordDiff } from './record-diff.ts'
import { ruleContext } from './rule-about.ts'
import { type UndoNow, undoNow } from './undo-list.ts'
import { type UnitListItem, unitItems } from './unit-list.ts'

export type PaneItem = FindingItem | FirewallItem | UnitListItem | LogItem

/** What is computed from the state, each remembered until what it rests on changes. One set a console. */
export type Selectors = {
  readonly pane: (state: ConsoleState, pane: AreaId) => List<PaneItem>
  readonly staged: (state: ConsoleState, family: Family) => StagedRules | null
  readonly tables: (state: ConsoleState, family: Family) => readonly string[]
  /** Everything staged as one plan; null when nothing is, or the host is not read. */
  readonly plan: (state: ConsoleState) => ChangePlan | null
  readonly layout: (state: ConsoleState) => Layout
  /** Rows of a pane that hold its items. */
  readonly paneHeight: (state: ConsoleState, pane: AreaId) => number
  readonly logCounts: (state: ConsoleState) => LogCounts
  /** The answer to a question about a connection, as it is typed. */
  readonly packet: (state: ConsoleState, line: string) => ReturnType<typeof packetAnswer>
  /** The baseline for this host, as it is switched now; null where the rules were not read. */
  readonly baseline: (state: ConsoleState) => BaselineNow | null
  /** Past transactions, after the filter of their screen. */
  readonly history: (state: ConsoleState) => List<PastItem>
  /** All that a past transaction changed. */
  readonly difference: (record: TransactionRecord) => readonly DiffLine[]
  /** What undoing it would stage now; `newId` names the changes and the rules put back. */
  readonly undo: (state: ConsoleState, record: TransactionRecord, newId: () => string) => UndoNow
}

/** Lines a pane draws above its list. */
export const HEAD_ROWS: Readonly<Record<AreaId, number>> = { sshd: 0, firewall: 1, units: 0, securelog: 0 }

const NONE: readonly PaneItem[] = []

export function createSelectors(): Selectors {
  const staged: Readonly<Record<Family, typeof stagedRules>> = {
    v4: rememberLast(stagedRules),
    v6: rememberLast(stagedRules),
  }
  const stagedOf: Selectors['staged'] = (state, family) => {
    const facts = factsOf(state.readings.byArea.firewall)
    return facts && staged[family](facts, family, state.staging.changes)
  }
  const firewall = rememberLast(firewallItems)
  const context = rememberLast(ruleContext)
  const fixes = rememberLast(fixesOf)
  const units = rememberLast(unitItems)
  const findings = rememberLast(findingItems)
  const log = rememberLast(createLogItems())
  const itemsOf: Readonly<Record<AreaId, (state: ConsoleState) => readonly PaneItem[]>> = {
    sshd: (state) => findings(state.readings.findings.sshd),
    firewall: (state) => {
      const { family, table } = state.view.firewall
      const { byArea, findings: found, rulesBefore } = state.readings
      const rules = stagedOf(state, family)
      if (!rules || byArea.firewall.state !== 'present') return NONE
      const about = context(byArea.firewall.facts, factsOf(byArea.units), rulesBefore, byArea.firewall.readAt)
      return firewall(rules, table, found.firewall, state.connection.host, about, fixes(state.staging.changes))
    },
    units: (state) => {
      const facts = factsOf(state.readings.byArea.units)
      return facts ? units(facts, state.readings.findings.units) : NONE
    },
    securelog: (state) => log(state.log.entries),
  }
  const lists: Readonly<Record<AreaId, typeof makeList<PaneItem>>> = {
    sshd: rememberLast(makeList<PaneItem>),
    firewall: rememberLast(makeList<PaneItem>),
    units: rememberLast(makeList<PaneItem>),
    securelog: rememberLast(makeList<PaneItem>),
  }
  const layout = rememberLast(layoutOf)
  const layoutNow = (state: ConsoleState): Layout =>
    layout(state.view.size, state.view.focused, state.view.zoomed, sheetRows(state))
  const plan = rememberLast(planOf)
  const listeners = rememberLast(listenersOf)
  const planNow: Selectors['plan'] = (state) =>
    plan(
      state.connection.host,
      factsOf(state.readings.byArea.firewall),
      state.staging.changes,
      state.staging.persistence ?? 'none',
      state.windowSeconds,
      listeners(state.readings.byArea.units),
    )
  const tables = rememberLast(tablesOf)
  const packet = rememberLast(packetAnswer)
  return {
    pane: (state, pane) => lists[pane](itemsOf[pane](state), state.view.panes[pane].filter),
    staged: stagedOf,
    tables: (state, family) => tables(stagedOf(state, family)),
    packet: (state, line) =>
      packet(
        factsOf(state.readings.byArea.firewall),
        state.connection.host,
        stagedOf(state, 'v4'),
        stagedOf(state, 'v6'),
        line,
      ),
    plan: planNow,
    layout: layoutNow,
    paneHeight: (state, pane) => listHeight(layoutNow(state).panes[pane], HEAD_ROWS[pane]),
    logCounts: rememberByEntries(),
    baseline: createBaselineList(planNow),
    ...createPastSelectors(stagedOf),
  }
}

/** What is shown of past transactions. */
function createPastSelectors(staged: Selectors['staged']): Pick<Selectors, 'history' | 'difference' | 'undo'> {
  const undo = rememberLast(undoNow)
  const past = rememberLast(pastItems)
  const history = rememberLast(makeList<PastItem>)
  return {
    history: (state) => history(past(state.history.list.value), state.view.history.filter),
    difference: rememberLast(recordDiff),
    undo: (state, record, newId) =>
      undo(
        record,
        staged(state, 'v4')?.after ?? null,
        staged(state, 'v6')?.after ?? null,
        factsOf(state.readings.byArea.units)?.units ?? null,
        newId,
      ),
  }
}

function planOf(
  host: ConsoleState['connection']['host'],
  firewall: FirewallFacts | null,
  changes: ConsoleState['staging']['changes'],
  persistence: 'loader' | 'none',
  windowSeconds: number,
  listeners: readonly Listener[] | null,
): ChangePlan | null {
  if (!host || !firewall || changes.length === 0) return null
  return makePlan({ host, firewall, changes, windowSeconds, persistence, listeners })
}

/** Tables worth showing: those the server printed, filter always first, and those that are only shown. */
function tablesOf(rules: StagedRules | null): readonly string[] {
  if (!rules) return ['filter']
  const beside = besideTables(rules.base.beside)
  const own = withTable(rules.after, 'filter').tables.map((table) => table.name)
  return [...own.filter((name) => !beside.includes(name)), ...beside].toSorted(
    (a, b) => Number(b === 'filter') - Number(a === 'filter'),
  )
}

const rememberByEntries = (): Selectors['logCounts'] => {
  const count = rememberLast(countLog)
  return (state) => count(state.log.entries)
}
