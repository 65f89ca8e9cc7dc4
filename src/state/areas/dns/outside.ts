import { otherAddress } from '../../../services/areas/dns/outside.ts'
import { outsideOf } from '../../../services/areas/dns/strangers.ts'
import { FAMILIES } from '../../../services/model/addresses.ts'
import type { DnsTransport, SeenOutside } from '../../../services/model/dns.ts'
import { ROOT_QUESTION } from '../../../services/model/dns.ts'
import { sessionFamily } from '../../../services/model/host.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { Kit } from '../../kit.ts'
import { judged } from '../../lists/finding-of.ts'
import { aroundOf, withReading } from '../../slices/readings.ts'

const TRANSPORTS: readonly DnsTransport[] = ['udp', 'tcp']

/** Why asking from here is out of the question; null where it can be asked. */
export function whyNotAsked(kit: Kit): Safe | null {
  const { dns, units } = kit.get().readings.byArea
  if (dns.state !== 'present') return say`BIND has not been read`
  if (!kit.deps.askDns) return say`nothing can be asked from here`
  return outsideOf(aroundOf(units))?.length === 0
    ? say`nobody listens on port 53 for others than the host itself`
    : null
}

/**
 * Asks from this machine what an outsider would, over both families and transports, and judges anew by what comes back. An
 * answer to an older reading is dropped.
 */
export async function askFromHere(kit: Kit): Promise<SeenOutside | null> {
  const { askDns } = kit.deps
  const before = kit.get().readings.byArea.dns
  if (!askDns || before.state !== 'present' || whyNotAsked(kit)) return null
  const { host: entered } = kit.get().connection
  const address = entered && otherAddress(before.facts, entered)
  const ways = FAMILIES.flatMap((family) =>
    TRANSPORTS.map((transport) => ({
      family,
      transport,
      // A host that was named by an address has no other one here; it knows it itself.
      ...(entered && address && family !== sessionFamily(entered) ? { address } : {}),
    })),
  )
  const asked = await Promise.all(ways.map(async (way) => ({ ...way, answer: await askDns(ROOT_QUESTION, way) })))
  const outside = { at: kit.deps.clock.now(), asked }
  const { connection, readings } = kit.get()
  const { host } = connection
  const now = readings.byArea.dns
  if (now.state !== 'present' || now.readAt !== before.readAt || !host) return outside
  const facts = { ...now.facts, outside }
  const findings = judged(kit, 'dns', facts, host)
  kit.set((state) => ({ readings: withReading(state.readings, 'dns', { ...now, facts }, findings) }))
  return outside
}
