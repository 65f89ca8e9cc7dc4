import { rulesNaming } from '../../services/areas/firewall/naming.ts'
import type { AreaId } from '../../services/model/areas.ts'
import { stagedIn } from '../../services/model/areas.ts'
import type { Merged } from '../../services/model/editing.ts'
import type { HostFacts } from '../../services/model/host.ts'
import type { ChangePlan } from '../../services/model/plan.ts'
import { factsOf } from '../../services/model/reading.ts'
import { makePlan } from '../../services/planning/plan.ts'
import { editingOf, merge } from '../../services/planning/staging.ts'
import { undoOf } from '../../services/planning/undo.ts'
import { AREA_IDS, AREAS, CELLS, VIEWS } from '../areas/table.ts'
import type { ConsoleState } from '../console-state.ts'
import { type Layout, layoutOf, listHeight } from '../layout.ts'
import { sheetRows } from '../sheet-rows.ts'
import { listenersOf } from '../slices/readings.ts'
import { fixesOf } from '../slices/staging.ts'
import { type PastItem, pastItems } from './history-list.ts'
import { makeList, type PaneItem, rememberLast, rememberSame } from './list.ts'
import type { Lists } from './lists.ts'
import { recordDiff } from './record-diff.ts'

/** Makes the lists of one console. */
export function createLists(): Lists {
  const merged = createMerged()
  const fixes = rememberLast(fixesOf)
  const panes = perArea(() => rememberLast(makeList<PaneItem>))
  const layout = rememberLast(layoutOf)
  const layoutNow = (state: ConsoleState): Layout =>
    layout(state.view.size, state.view.focused, state.view.zoomed, sheetRows(state), CELLS)
  const owned = new Map<unknown, unknown>()
  const lists: Lists = {
    pane: (state, pane) => panes(pane)(VIEWS[pane].items(state, lists), state.view.panes[pane].filter),
    followsEnd: (pane) => VIEWS[pane].followsEnd ?? false,
    merged,
    fixes: (state) => fixes(state.staging.changes),
    plan: createPlan(merged),
    layout: layoutNow,
    paneHeight: (state, pane) => listHeight(layoutNow(state).panes[pane], VIEWS[pane].headRows ?? 0),
    own: (make) => {
      if (!owned.has(make)) owned.set(make, make(lists))
      return owned.get(make) as ReturnType<typeof make>
    },
    ...createPastLists(merged),
  }
  return lists
}

/** One of a thing for each area, made when it is first asked for. */
function perArea<T>(make: () => T): (id: AreaId) => T {
  const made = new Map<AreaId, T>()
  return (id) => {
    const known = made.get(id) ?? make()
    made.set(id, known)
    return known
  }
}

/** Facts and staged changes come and go as a whole; what an area's own are is told by themselves. */
function createMerged(): Lists['merged'] {
  const own = perArea(() => ({ changes: rememberSame<unknown>(), merge: rememberLast(mergeOf) }))
  return <Id extends AreaId>(state: ConsoleState, id: Id): Merged<Id> | null => {
    const facts = factsOf(state.readings.byArea[id])
    if (!facts) return null
    const one = own(id)
    const changes = one.changes(stagedIn(state.staging.changes, id))
    return one.merge(id, facts, changes) as unknown as Merged<Id>
  }
}

const mergeOf = (id: AreaId, facts: unknown, changes: readonly unknown[]): Merged<AreaId> =>
  merge(
    editingOf(AREAS, id),
    facts as Merged<AreaId>['base'],
    (changes as readonly { readonly edit: never }[]).map(({ edit }) => edit),
  )

function createPlan(merged: Lists['merged']): Lists['plan'] {
  const listeners = rememberLast(listenersOf)
  const plan = rememberLast(
    (
      host: ConsoleState['connection']['host'],
      changes: ConsoleState['staging']['changes'],
      persistence: 'loader' | 'none',
      windowSeconds: number,
      heard: ReturnType<typeof listenersOf>,
      files: ConsoleState['readings']['files'],
      trials: ConsoleState['readings']['trials'],
      ...all: readonly (Merged<AreaId> | null)[]
    ): ChangePlan | null => {
      if (!host || changes.length === 0) return null
      const byArea = new Map(AREA_IDS.map((id, at) => [id, all[at] ?? null]))
      return makePlan({
        host,
        areas: AREAS,
        changes,
        windowSeconds,
        persistence,
        listeners: heard,
        file: (path) => files.get(path) ?? null,
        loginPort: loginPort(host, byArea.get('sshd') as Merged<'sshd'> | null | undefined),
        rulesNaming: (port, others) => {
          const rules = byArea.get('firewall') as Merged<'firewall'> | null | undefined
          return rules ? rulesNaming(rules.after, port, others) : []
        },
        tried: ({ script }) => trials.get(script) ?? null,
        merged: (id) => byArea.get(id) as never,
      })
    },
  )
  return (state) =>
    plan(
      state.connection.host,
      state.staging.changes,
      state.staging.persistence ?? 'none',
      state.windowSeconds,
      listeners(state.readings.byArea.units),
      state.readings.files,
      state.readings.trials,
      ...AREA_IDS.map((id) => merged(state, id)),
    )
}

/** Where sshd will listen: by what is staged of it, else as it does now; the operator's own port while that is left. */
function loginPort({ session }: HostFacts, sshd: Merged<'sshd'> | null | undefined): number {
  if (!sshd) return session.serverPort
  const { base, after } = sshd
  const isMoved = base.configuredPorts.join() !== after.configuredPorts.join()
  const ports = isMoved ? after.configuredPorts : base.ports
  return ports.includes(session.serverPort) ? session.serverPort : (ports[0] ?? session.serverPort)
}

/** What is shown of past transactions. */
function createPastLists(merged: Lists['merged']): Pick<Lists, 'history' | 'difference' | 'undo'> {
  const undo = rememberLast(
    (record: Parameters<Lists['undo']>[1], newId: () => string, ...all: readonly (object | null)[]) =>
      undoOf(AREAS, record, (id) => all[AREA_IDS.indexOf(id)] as never, newId),
  )
  const past = rememberLast(pastItems)
  const history = rememberLast(makeList<PastItem>)
  return {
    history: (state) => history(past(state.history.list.value), state.view.history.filter),
    difference: rememberLast(recordDiff),
    undo: (state, record, newId) => undo(record, newId, ...AREA_IDS.map((id) => merged(state, id)?.after ?? null)),
  }
}
