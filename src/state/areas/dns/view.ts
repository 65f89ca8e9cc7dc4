import { dns } from '../../../services/areas/dns/area.ts'
import { outsideWords } from '../../../services/areas/dns/outside.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { safe, say } from '../../../services/model/safe.ts'
import type { Kit } from '../../kit.ts'
import type { FindingItem } from '../../lists/finding-list.ts'
import type { AreaKey, AreaView } from '../area-view.ts'
import { presentView } from '../findings-view.ts'
import { askFromHere, whyNotAsked } from './outside.ts'

/** Keys of the pane of name servers. */
const DNS_KEYS: readonly AreaKey[] = [
  {
    id: 'dns.ask',
    keys: ['t'],
    label: 'ask from here',
    help: 'Ask the host from this machine, as a stranger would, whether it looks up names: over UDP and TCP, IPv4 and IPv6.',
    footer: 18,
    what: (kit) => {
      const why = whyNotAsked(kit)
      return why ? { why } : { run: () => told(kit) }
    },
  },
]

async function told(kit: Kit): Promise<void> {
  kit.tell('info', say`asking from here…`)
  const outside = await askFromHere(kit)
  const facts = factsOf(kit.get().readings.byArea.dns)
  if (outside && facts) kit.tell('info', safe(outsideWords({ ...facts, outside }).join('; '), 400))
}

/** Who answers questions about names, and for whom. */
export const dnsView: AreaView<'dns', FindingItem> = {
  ...presentView({ area: dns, title: 'DNS', cell: 'tab' }),
  keys: DNS_KEYS,
  // What is written says who may ask; what is answered is known by asking.
  afterReading: (kit) => void askFromHere(kit),
}
