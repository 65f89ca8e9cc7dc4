// A part of a random change: what the operator stages, made by the console's own rooms on the server as he sees it.
import type { AreaId, EditsByArea, FactsByArea, StagedChange } from '../../../../src/services/model/areas.ts'
import type { FirewallFacts, RuleEdit } from '../../../../src/services/model/firewall.ts'
import type { HostFacts } from '../../../../src/services/model/host.ts'
import { changesFrom, editingOf } from '../../../../src/services/planning/staging.ts'
import { AREAS } from '../../../../src/state/areas/table.ts'
import type { Server } from '../../server.ts'
import type { User } from '../../users.ts'
import { fileChange } from '../world.ts'
import type { Kind } from './kinds.ts'

/** Where a change is staged. */
export type Site = {
  readonly server: Server
  readonly kind: Kind
  /** The operator. */
  readonly user: User
  readonly host: HostFacts
  /** An area with all that is staged so far laid over it. */
  readonly after: <Id extends AreaId>(id: Id) => FactsByArea[Id]
}

/** One part of a change. */
export type Part = {
  readonly name: string
  readonly locksOut: boolean
  /** What it needs for itself: two parts that share a word are never in one change. */
  readonly kin: readonly string[]
  readonly stage: (site: Site) => Promise<readonly StagedChange[]>
  /** Where sshd listens then; absent: where it did. */
  readonly ports?: (kind: Kind) => readonly number[]
  /** What else of the judge's world is so then, by its names. */
  readonly world?: Readonly<Record<string, string>>
}

let last = 0

/** Edits as the console stages them, in the words of their area. */
export function made<Id extends AreaId>(
  site: Site,
  area: Id,
  edits: readonly EditsByArea[Id][],
): readonly StagedChange[] {
  const editing = editingOf(AREAS, area)
  if (!editing) throw new Error(`${area} is only shown`)
  return changesFrom(editing, area, site.after(area), edits, 'operator', () => `change-${++last}`)
}

/** What mends a finding, as Space stages it. */
export const fixOf =
  <Id extends AreaId>(area: Id, checkId: string): Part['stage'] =>
  async (site) => {
    const check = AREAS[area].checks.find(({ id }) => id === checkId)
    const edits = check?.fix?.(site.after(area), site.host, { listeners: null })
    if (!edits || edits.length === 0) throw new Error(`${checkId} has nothing to mend here`)
    return made(site, area, edits as readonly EditsByArea[Id][])
  }

/** Stages rules. */
export const rules =
  (edits: (facts: FirewallFacts) => readonly RuleEdit[]): Part['stage'] =>
  async (site) =>
    made(site, 'firewall', edits(site.after('firewall')))

/** Stages a whole file, made of what stands there now; null takes it away. */
export const file =
  (path: string, change: (now: string) => string | null): Part['stage'] =>
  async ({ server }) => [await fileChange(server, path, change)]

type Place = Extract<RuleEdit, { kind: 'policy' }>['at']

/** The rules of a chain. */
export const rulesAt = (facts: FirewallFacts, { family, table, chain }: Place) => {
  const read = facts.families[family]
  return read.state === 'present'
    ? (read.ruleSet.tables.find((one) => one.name === table)?.chains.find((one) => one.name === chain)?.rules ?? [])
    : []
}

/** A rule before all others of its chain. */
export const first =
  (at: Place, text: string) =>
  (facts: FirewallFacts): readonly RuleEdit[] => [
    { kind: 'insert', at, before: rulesAt(facts, at)[0]?.id ?? null, ruleId: `new ${text}`, text },
  ]

/** A chain of IPv4, and one of IPv6. */
export const v4 = (chain: string, table = 'filter'): Place => ({ family: 'v4', table, chain })
/** A chain of IPv6. */
export const v6 = (chain: string, table = 'filter'): Place => ({ family: 'v6', table, chain })
