import { type Difference, differenceOf, heardIn } from '../../../services/areas/firewall/checks/from-here.ts'
import { portsFromHere } from '../../../services/areas/firewall/from-here/said.ts'
import type { HostFacts } from '../../../services/model/host.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { KnockAnswer, PortSaid, SeenPort, SeenPorts } from '../../../services/model/seen-ports.ts'
import type { Kit } from '../../kit.ts'
import { judged } from '../../lists/finding-of.ts'
import { aroundOf, withReading } from '../../slices/readings.ts'
import type { LookDialog } from '../../slices/view.ts'

/** So many connections at once are no flood. */
const AT_ONCE = 4

/** Why looking from here is out of the question; null where it is not. */
export function whyNotLook({ deps, get }: Kit): Safe | null {
  const { readings, connection } = get()
  if (readings.byArea.firewall.state !== 'present' || !connection.host) return say`the rules have not been read`
  if (!deps.knock) return say`nothing is reached from here but by the console’s own connection`
  if (connection.target.port !== connection.host.session.serverPort)
    return say`you dialled port ${connection.target.port} and are in by ${connection.host.session.serverPort}: another host may have the others; start it by the port that you are in by`
  return aroundOf(readings.byArea.units).listeners ? null : say`who listens is not known`
}

/** L: the ports that would be knocked at, to be agreed to. */
export function openLook(kit: Kit): Safe | null {
  const { readings, connection } = kit.get()
  const facts = factsOf(readings.byArea.firewall)
  const { host } = connection
  const found = facts && host && portsFromHere(facts, host, aroundOf(readings.byArea.units))
  if (!found) return say`who listens is not known`
  if (found.ports.length < 2) return say`nothing listens for others but what you are in by`
  const dialog: LookDialog = { kind: 'look', ...found, phase: 'asks', seen: [] }
  kit.set(({ view }) => ({ view: { ...view, dialog } }))
  return null
}

const dialogNow = ({ get }: Pick<Kit, 'get'>): LookDialog | null => {
  const { dialog } = get().view
  return dialog?.kind === 'look' ? dialog : null
}

/** Why Y does nothing; null while it is what is asked. */
export const whyNotLookNow = (kit: Pick<Kit, 'get'>): Safe | null =>
  dialogNow(kit)?.phase === 'asks' ? null : say`it was looked at already; Esc closes this`

/**
 * Knocks at the ports of the open sheet, a few at once, for as long as it stays open, and judges the rules by all that was
 * seen.
 */
export async function lookFromHere(kit: Kit): Promise<void> {
  const asked = dialogNow(kit)
  const { knock } = kit.deps
  if (!asked || !knock) return
  const { ports } = asked
  // What tells that the way was there to the end is asked once all others are done.
  const left = ports.slice(0, -1)
  const own = ports.slice(-1)
  const seen = new Map<PortSaid, SeenPort>()
  const isOpen = (): boolean => dialogNow(kit)?.ports === ports
  const show = (phase: LookDialog['phase']): void => {
    const now = dialogNow(kit)
    if (now?.ports !== ports) return
    const dialog = { ...now, phase, seen: ports.flatMap((one) => seen.get(one) ?? []) }
    kit.set(({ view }) => ({ view: { ...view, dialog } }))
  }
  const work = async (queue: PortSaid[]): Promise<void> => {
    for (let one = queue.shift(); one && isOpen(); one = queue.shift()) {
      const { port, family, address } = one
      const answer = await knock(port, { family, ...(address === undefined ? {} : { address }) })
      seen.set(one, { ...one, answer })
      show('looks')
    }
  }
  show('looks')
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(left)))
  await work(own)
  if (!isOpen()) return
  show('has looked')
  take(kit, { ports: [...seen.values()], more: asked.more })
}

/** A port of the sheet with what was seen of it so far, and how that goes with the rules. */
export type LookRow = PortSaid & { readonly answer: KnockAnswer | null; readonly difference: Difference | null }

const ORDER: readonly (Difference | null)[] = ['open', 'shut', 'unknown', 'none', null]

/** The ports of the sheet, once all are seen with those first that are otherwise than the rules say. */
export function lookRows({ ports, phase, seen }: LookDialog, host: HostFacts | null): readonly LookRow[] {
  if (phase !== 'has looked' || !host)
    return ports.map((one) => ({
      ...one,
      answer: seen.find(({ family, port }) => family === one.family && port === one.port)?.answer ?? null,
      difference: null,
    }))
  const heard = heardIn(seen, host)
  return seen
    .map((one) => ({ ...one, difference: differenceOf(one, heard) }))
    .toSorted((a, b) => ORDER.indexOf(a.difference) - ORDER.indexOf(b.difference))
}

/** Judges the rules anew by what was seen. */
function take(kit: Kit, seen: Omit<SeenPorts, 'at'>): void {
  const seenPorts = { at: kit.deps.clock.now(), ...seen }
  kit.set(({ readings }) => ({ readings: { ...readings, seenPorts } }))
  const { readings, connection } = kit.get()
  const reading = readings.byArea.firewall
  if (reading.state !== 'present' || !connection.host) return
  const findings = judged(kit, 'firewall', reading.facts, connection.host)
  kit.set((state) => ({ readings: withReading(state.readings, 'firewall', reading, findings) }))
}
