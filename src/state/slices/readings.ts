import type { Around, Finding } from '../../services/model/area.ts'
import type { AreaId, FactsByArea } from '../../services/model/areas.ts'
import type { ProbeOutput } from '../../services/model/command.ts'
import type { FirewallFacts } from '../../services/model/firewall.ts'
import type { HostFacts } from '../../services/model/host.ts'
import { factsOf, type Reading } from '../../services/model/reading.ts'
import type { SeenFile } from '../../services/model/seen-file.ts'
import type { SeenPorts } from '../../services/model/seen-ports.ts'
import type { SshdFacts } from '../../services/model/sshd.ts'
import type { Listener, UnitsFacts } from '../../services/model/units.ts'

/** What is known of each area, and what its checks found. */
export type ReadingsSlice = {
  readonly byArea: { readonly [Id in AreaId]: Reading<FactsByArea[Id]> }
  readonly findings: { readonly [Id in AreaId]: readonly Finding[] }
  /** What stands at the paths that staged changes rest on, as it was read last; null where that is not known. */
  readonly files: ReadonlyMap<string, SeenFile | null>
  /** What the server answered to the trials of what is staged, by question; null where no answer came. */
  readonly trials: ReadonlyMap<string, ProbeOutput | null>
  /** The reading of the rules before the one shown: what rates are counted from. */
  readonly rulesBefore: RulesBefore | null
  /** What this machine saw of the ports when it was last asked to look; null where it was not. */
  readonly seenPorts: SeenPorts | null
}

/** Rules with their counters as they were once; the time in milliseconds. */
export type RulesBefore = { readonly facts: FirewallFacts; readonly readAt: number }

const UNREAD = { state: 'unread' } as const

export const initialReadings = (areas: readonly AreaId[]): ReadingsSlice => ({
  byArea: Object.fromEntries(areas.map((id) => [id, UNREAD])) as ReadingsSlice['byArea'],
  findings: Object.fromEntries(areas.map((id) => [id, []])) as unknown as ReadingsSlice['findings'],
  files: new Map(),
  trials: new Map(),
  rulesBefore: null,
  seenPorts: null,
})

/** Puts a new reading of one area in its place, with its findings. */
export const withReading = <Id extends AreaId>(
  slice: ReadingsSlice,
  id: Id,
  reading: Reading<FactsByArea[Id]>,
  findings: readonly Finding[],
): ReadingsSlice => ({
  ...slice,
  byArea: { ...slice.byArea, [id]: reading },
  findings: { ...slice.findings, [id]: findings },
  rulesBefore: id === 'firewall' ? before(slice, reading) : slice.rulesBefore,
})

/** What got no answer is asked again. */
export const withAnswers = (slice: ReadingsSlice): ReadingsSlice => ({
  ...slice,
  trials: new Map([...slice.trials].filter(([, answer]) => answer !== null)),
})

/** The same reading judged anew is no newer one. */
function before({ byArea, rulesBefore }: ReadingsSlice, now: Reading<unknown>): RulesBefore | null {
  const last = byArea.firewall
  if (last.state !== 'present') return rulesBefore
  return now.state === 'present' && now.facts === last.facts ? rulesBefore : last
}

/** Every socket that listens on the host, or null where that is not known. */
export function listenersOf(units: Reading<UnitsFacts>): readonly Listener[] | null {
  const facts = factsOf(units)
  return facts && listenersOfUnits(facts)
}

/** The same of what was read. */
export const listenersOfUnits = ({ units, strayListeners, whyNoListeners }: UnitsFacts): readonly Listener[] | null =>
  whyNoListeners === null ? [...units.flatMap((unit) => unit.listeners), ...strayListeners] : null

/** What checks of other areas may know of who listens. */
export const aroundOf = (units: Reading<UnitsFacts>): Around => ({
  listeners: listenersOf(units),
  whyNoListeners: factsOf(units)?.whyNoListeners ?? null,
})

/**
 * The host as checks shall see it: their operator comes in where sshd listens, which is another port than his running
 * session's once sshd was moved.
 */
export function hostAsEntered(host: HostFacts, sshd: Reading<SshdFacts>): HostFacts {
  const { session } = host
  const facts = factsOf(sshd)
  const [port] = facts?.ports ?? []
  const isMoved = port !== undefined && facts?.portsFrom !== 'settings' && !facts?.ports.includes(session.serverPort)
  return isMoved ? { ...host, session: { ...session, serverPort: port } } : host
}
