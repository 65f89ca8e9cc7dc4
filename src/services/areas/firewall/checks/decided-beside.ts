import type { Around, Verdict } from '../../../model/area.ts'
import type { Family, FirewallFacts } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { say } from '../../../model/safe.ts'
import { besideOf, besideWords } from '../beside.ts'
import type { Direction, Packet } from '../walk/packet.ts'
import { pass, unknown } from './about.ts'
import { ODD_PORT, sightOf } from './sight.ts'

/**
 * What tables beside iptables' own make of a packet that no rule is likely to be about, where the latter let it pass:
 * dropped by them, or unsure. Null where there are none, or where they let it pass as well.
 */
export function decidedBeside(
  direction: Direction,
  family: Family,
  facts: FirewallFacts,
  host: HostFacts,
  around: Around,
): Verdict | null {
  const beside = besideOf(facts, family)
  if (beside.length === 0) return null
  const sight = sightOf(facts, host, around)
  const { first } = sight.flow(family, sight.stranger(family), ODD_PORT)
  const answer = sight.ask(family, direction, turned(first, direction))?.answer
  if (answer === 'no') return pass(say`dropped by ${besideWords(beside)}`)
  return answer === 'yes' ? null : unknown(say`depends on ${besideWords(beside)}`)
}

/** A first packet from outside, as one that goes out instead, or through the host to somebody else. */
function turned(packet: Packet, direction: Direction): Packet {
  const { source, destination, inInterface } = packet
  if (direction === 'in') return packet
  if (direction === 'forward') return { ...packet, destination: null, outInterface: null }
  return { ...packet, source: destination, destination: source, inInterface: null, outInterface: inInterface }
}
