import type { Around } from '../../../model/area.ts'
import { FAMILIES, type Family, type FirewallFacts } from '../../../model/firewall.ts'
import { type HostFacts, sessionFamily } from '../../../model/host.ts'
import { say } from '../../../model/safe.ts'
import type { PortSaid, Said } from '../../../model/seen-ports.ts'
import type { Listener } from '../../../model/units.ts'
import { publicPorts } from '../checks/open-ports.ts'
import { isWalkable } from '../checks/relevant.ts'
import { knownOf, type Sight, sightOf } from '../checks/sight.ts'
import { isLeasePort } from '../leases.ts'
import { boundTo } from '../listening.ts'
import { reachedAt } from '../network.ts'
import { packetsOf } from '../walk/packet.ts'
import { type Walked, walk, worst } from '../walk/walk.ts'

/** More connections than these are none of "a few". */
const MOST = 40

/**
 * The TCP ports to look at from the operator's machine, with what the rules say of it: those that listen where he can get
 * to. The one that he is in by comes last, and has to answer, or silence says nothing of the others. `more` counts those
 * beyond the most that are looked at. Null where who listens is not known.
 */
export function portsFromHere(
  facts: FirewallFacts,
  host: HostFacts,
  around: Around,
): { readonly ports: readonly PortSaid[]; readonly more: number } | null {
  const { listeners } = around
  if (!listeners) return null
  const sight = sightOf(facts, host, around)
  const own = { family: sessionFamily(host), port: host.session.serverPort }
  const isOwn = (one: Pick<PortSaid, 'family' | 'port'>): boolean => one.family === own.family && one.port === own.port
  const all = FAMILIES.flatMap((family) => {
    const to = reachedAt(facts.network, host, family)
    if (to === null) return []
    const open = listeners.filter((one) => one.protocol === 'tcp' && !isLeasePort(one.port) && hearsAt(one, to))
    return publicPorts(family, open)
      .filter(({ port }) => !isOwn({ family, port }))
      .toSorted((a, b) => a.port - b.port)
      .map(
        ({ port, process }): PortSaid => ({
          family,
          port,
          process,
          ...(family === own.family ? {} : { address: to }),
          said: saidOf(facts, host, sight, { family, port, to }),
        }),
      )
  })
  const process = listeners.find((one) => one.protocol === 'tcp' && one.port === own.port)?.process ?? null
  const said = saidOf(facts, host, sight, { ...own, to: host.session.serverAddress })
  return { ports: [...all.slice(0, MOST - 1), { ...own, process, said }], more: Math.max(0, all.length - MOST + 1) }
}

const hearsAt = (one: Listener, to: string): boolean => [null, to].includes(boundTo(one))

/** What the rules do to the first packet from here, and to its answer. Of the other family it is not known who comes. */
function saidOf(
  facts: FirewallFacts,
  host: HostFacts,
  sight: Sight,
  { family, port, to }: { readonly family: Family; readonly port: number; readonly to: string },
): Said {
  const own = family === sessionFamily(host)
  const { first, answer } = packetsOf({
    protocol: 'tcp',
    client: own ? host.session.clientAddress : null,
    clientPort: null,
    server: to,
    serverPort: port,
    interface: own ? host.sessionInterface : facts.network.defaultInterface[family],
  })
  const rules = facts.families[family]
  const pass = (direction: 'in' | 'out', packet: typeof first): Walked | null => {
    if (own) return sight.ask(family, direction, packet)
    // Any source may be meant, so no rule may be left out.
    return rules.state === 'present' && isWalkable(rules.ruleSet)
      ? walk(rules.ruleSet, direction, packet, knownOf(facts))
      : null
  }
  const [there, back] = [pass('in', first), pass('out', answer)]
  if (!there || !back) return { answer: 'unsure', because: say`the rules can’t be read, or are too many` }
  const { answer: said, because } = worst([there, back])
  return { answer: said, because }
}

/** Whether the rules still say of every port what they said when it was looked at, and each is still one that listens. */
export function isStillSaid(seen: readonly PortSaid[], now: readonly PortSaid[]): boolean {
  return seen.every((one) =>
    now.some(({ family, port, said }) => family === one.family && port === one.port && said.answer === one.said.answer),
  )
}
