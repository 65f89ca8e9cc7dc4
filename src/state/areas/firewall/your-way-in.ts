import { findChain } from '../../../services/areas/firewall/chain-text.ts'
import { mayDrop } from '../../../services/areas/firewall/layers.ts'
import { matchRule } from '../../../services/areas/firewall/walk/match.ts'
import { NOTHING_KNOWN, packetsOf } from '../../../services/areas/firewall/walk/packet.ts'
import { withSetsOf } from '../../../services/areas/firewall/walk/set-matches.ts'
import { viewOf } from '../../../services/areas/firewall/walk/view.ts'
import { familyOf } from '../../../services/model/addresses.ts'
import type { RuleSet } from '../../../services/model/firewall.ts'
import type { HostFacts } from '../../../services/model/host.ts'

/** The rule of INPUT that lets the operator's next login in, as far as its text tells. */
export type WayIn = { readonly ruleId: string; readonly sure: boolean }

/**
 * Looks for the first rule of INPUT that accepts a new connection from the operator's address to the port he came in
 * by. A pointer for the eye, not the lock-out guard: jumps into other chains are not followed. A rule whose matches can't
 * all be seen from here makes the answer unsure, and so do tables beside these.
 */
export function yourWayIn(ruleSet: RuleSet, host: HostFacts): WayIn | null {
  const chain = findChain(ruleSet, { table: 'filter', chain: 'INPUT' })
  const { clientAddress, serverAddress, serverPort } = host.session
  if (!chain || familyOf(clientAddress) !== ruleSet.family) return null
  const { first } = packetsOf({
    protocol: 'tcp',
    client: clientAddress,
    clientPort: null,
    server: serverAddress,
    serverPort,
    interface: host.sessionInterface,
  })
  const view = viewOf(first, 'in', ruleSet.family, withSetsOf(ruleSet, NOTHING_KNOWN))
  for (const rule of chain.rules) {
    const { matches, target } = matchRule(rule.text, view)
    if (matches === 'no' || target === null) continue
    if (target === 'ACCEPT') return { ruleId: rule.id, sure: matches === 'yes' && !ruleSet.beside?.some(mayDrop) }
    if (matches === 'yes' && (target === 'DROP' || target === 'REJECT')) return null
  }
  return null
}
