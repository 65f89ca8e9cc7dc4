import { reachedAt } from '../../../services/areas/firewall/network.ts'
import { upstreamPorts } from '../../../services/areas/firewall/upstream/ports.ts'
import { upstreamText } from '../../../services/areas/firewall/upstream/text.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import type { Kit } from '../../kit.ts'
import { aroundOf } from '../../slices/readings.ts'

/** Why what to open above the host can't be said now; null when it can. */
export function whyNotUpstream({ readings, connection }: ConsoleState): Safe | null {
  if (readings.byArea.firewall.state !== 'present' || !connection.host) return say`the rules have not been read`
  return aroundOf(readings.byArea.units).listeners ? null : say`who listens is not known`
}

/** O: writes what a filter above the host has to let in, by the rules as they are staged, to a text on this machine. */
export async function writeUpstream(kit: Kit): Promise<void> {
  const state = kit.get()
  const merged = kit.lists.merged(state, 'firewall')
  const { host } = state.connection
  if (!merged || !host || !kit.deps.saveScript) return
  const ports = upstreamPorts(merged.after, host, aroundOf(state.readings.byArea.units))
  if (!ports) return kit.tell('bad', say`Who listens is not known.`)
  const { network } = merged.after
  const text = upstreamText({
    hostname: host.hostname,
    addresses: { v4: reachedAt(network, host, 'v4'), v6: reachedAt(network, host, 'v6') },
    madeAt: new Date(kit.deps.clock.now()),
    ports,
  })
  const saved = await kit.deps.saveScript(text, 'upstream')
  if (!saved.ok) return kit.tell('bad', say`The text was not written: ${saved.error}`)
  kit.tell('good', say`What to open above this host (${ports.length} ports) is in ${saved.value}.`)
}
