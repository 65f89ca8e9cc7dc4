import { blamedUnits, ENTRIES_CHECK, isAboutOutside, LISTENERS_CHECK } from '../../../services/areas/units/checks.ts'
import { entryOff, isLegacy } from '../../../services/areas/units/inetd.ts'
import type { Finding } from '../../../services/model/area.ts'
import type { StagedOf } from '../../../services/model/areas.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import {
  isRunning,
  type Listener,
  type OnDemandEntry,
  type Unit,
  type UnitsFacts,
} from '../../../services/model/units.ts'
import { type FindingItem, failedItems, findingItems } from '../../lists/finding-list.ts'
import type { UnitsOrder } from '../../slices/view.ts'

export type UnitItem = {
  readonly kind: 'unit'
  readonly id: string
  readonly search: () => string
  readonly unit: Unit
  /** The finding that is about it: it is needless, or listens outside. */
  readonly finding: Finding | null
  /** What that finding says of it, in one word; null where there is none. */
  readonly mark: Safe | null
  /** What is staged of it, in words: `stop, disable`; null for nothing. */
  readonly staged: Safe | null
  /** Why it is not known on what it listens; null where it is. */
  readonly whyNoListeners: Safe | null
}

export type StrayItem = {
  readonly kind: 'stray'
  readonly id: string
  readonly search: () => string
  readonly listener: Listener
}

/** What inetd or xinetd starts when somebody comes: only shown. */
export type EntryItem = {
  readonly kind: 'entry'
  readonly id: string
  readonly search: () => string
  readonly entry: OnDemandEntry
  /** How it is turned off by hand. */
  readonly off: Safe
  /** The finding that calls it one of the past. */
  readonly finding: Finding | null
}

export type UnitListItem = FindingItem | UnitItem | StrayItem | EntryItem

/** What `/` finds it by: its name, and each word for what it does, so that `failed`, `listening` or `masked` lists those. */
function searchWords({ name, description, active, sub, boot, listeners }: Unit, mark: Safe | null): string {
  const does = active === 'failed' ? '' : isRunning(active) ? 'running' : active === 'unknown' ? '' : 'stopped'
  const ports = listeners.map((one) => `:${one.port}`).join(' ')
  return `${name} ${description} ${active} ${sub} ${does} ${boot} ${ports} ${listeners.length > 0 ? 'listening' : ''} ${mark ?? ''}`
}

const rank = (item: UnitItem): number => {
  if (item.finding) return 0
  if (item.unit.active === 'failed') return 1
  if (item.unit.listeners.length > 0) return 2
  return isRunning(item.unit.active) ? 3 : 4
}

/** A service stands before what starts it. */
const key = ({ unit: { name } }: UnitItem): string =>
  name.replace(/\.(service|socket|timer|path)$/, (_, kind: string) => (kind === 'service' ? ' 0' : ` ${kind}`))

const memoryOf = ({ unit }: UnitItem): number => unit.details?.memory ?? -1
const listensAs = ({ unit }: UnitItem): number => (unit.listeners.length > 0 ? 0 : 1)

/** What stands first by each order; equals stand by their names. */
const ORDERS: Readonly<Record<UnitsOrder, (a: UnitItem, b: UnitItem) => number>> = {
  needless: (a, b) => rank(a) - rank(b),
  listening: (a, b) => listensAs(a) - listensAs(b),
  memory: (a, b) => memoryOf(b) - memoryOf(a),
  name: () => 0,
}

/**
 * Services with what needs the eye first: those a finding calls needless, failed ones, those that listen. A failed
 * check that points at no listed service stands above them by itself, and before all that it is not known who listens.
 */
export function unitItems(
  facts: UnitsFacts,
  findings: readonly Finding[],
  staged: readonly StagedOf<'units'>[] = [],
  order: UnitsOrder = 'needless',
): readonly UnitListItem[] {
  const blamed = blamedUnits(facts)
  const edits = new Map(
    staged.flatMap(({ edit, summary }) => (edit.kind === 'unit' ? [[edit.unit, summary] as const] : [])),
  )
  const failed = new Map(findings.filter((one) => one.outcome === 'fail').map((one) => [one.checkId, one]))
  const units = facts.units.map((unit): UnitItem => {
    const finding = blamed.get(unit.name)?.flatMap((id) => failed.get(id) ?? [])[0] ?? null
    const mark = finding && (isAboutOutside(finding.checkId) ? say`outside` : say`needless`)
    return {
      kind: 'unit',
      id: `unit:${unit.name}`,
      search: () => searchWords(unit, mark),
      unit,
      finding,
      mark,
      staged: edits.get(unit.name) ?? null,
      whyNoListeners: facts.whyNoListeners,
    }
  })
  const entries = (facts.onDemand?.entries ?? []).map((entry) => entryItem(entry, failed.get(ENTRIES_CHECK) ?? null))
  const shown = new Set([...[...blamed.values()].flat(), ENTRIES_CHECK])
  const blind = findingItems(findings.filter((one) => one.checkId === LISTENERS_CHECK && one.outcome === 'unknown'))
  const loose = [...blind, ...failedItems(findings.filter((one) => !shown.has(one.checkId)))]
  const inOrder = (a: UnitItem, b: UnitItem): number => ORDERS[order](a, b) || (key(a) < key(b) ? -1 : 1)
  const old = entries.filter(({ finding }) => finding)
  const others = entries.filter(({ finding }) => !finding)
  return [...loose, ...old, ...units.toSorted(inOrder), ...others, ...facts.strayListeners.map(strayItem)]
}

const entryItem = (entry: OnDemandEntry, failed: Finding | null): EntryItem => ({
  kind: 'entry',
  id: `entry:${entry.path}:${entry.line}`,
  search: () => `${entry.by}: ${entry.name} ${entry.protocol} ${entry.user} ${entry.program}`,
  entry,
  off: entryOff(entry),
  finding: isLegacy(entry) ? failed : null,
})

const strayItem = (listener: Listener, at: number): StrayItem => ({
  kind: 'stray',
  id: `stray:${listener.protocol}:${listener.address}:${listener.port}:${at}`,
  search: () => `${listener.process ?? ''} :${listener.port} ${listener.protocol}`,
  listener,
})
