import { familyOf } from '../../../model/addresses.ts'
import type { Around } from '../../../model/area.ts'
import { FAMILIES, type Family, type FirewallFacts, type Rule } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import type { Listener } from '../../../model/units.ts'
import { publicPorts, reachedBy } from '../checks/open-ports.ts'
import { type Sight, sightOf } from '../checks/sight.ts'
import { isLeasePort } from '../leases.ts'
import { rulePorts } from '../listening.ts'
import { portIn } from '../walk/transport-matches.ts'

/** Who may come to a port: everybody, or these networks alone. */
export type Sources = 'everybody' | readonly string[]

/** A port that a filter above the host has to let through. `sure`: false where the rules could not tell of everybody. */
export type UpstreamPort = {
  readonly family: Family
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  readonly process: string | null
  readonly sources: Sources
  readonly sure: boolean
}

/** Sources that rules name (iptables-extensions(8), nft(8)): each is asked about by an address of its own. */
const MOST_SOURCES = 100

/** The sources that rules of a family name, without what is negated. */
function namedSources({ families }: FirewallFacts, family: Family): readonly string[] {
  const one = families[family]
  if (one.state !== 'present') return []
  const single = family === 'v4' ? /\/32$/ : /\/128$/
  const all = one.ruleSet.tables.flatMap((table) => table.chains.flatMap((chain) => chain.rules))
  const found = all.flatMap(({ text }) => [...text.matchAll(/(^|[^!] )-s ([\d.a-fA-F:]+(?:\/\d{1,3})?)(?= |$)/g)])
  return [...new Set(found.map((match) => (match[2] ?? '').replace(single, '')))]
    .filter((source) => familyOf(source.replace(/\/.*$/, '')) === family && !/\/0$/.test(source))
    .slice(0, MOST_SOURCES)
}

/** How iptables-extensions(8) and nft(8) name sources beside `-s`, in rules that may let somebody in. */
const OTHERWISE = /--match-set|--src-range|--mac-source|--source-country|! -s |\bsaddr\b/
const NEVER_LETS_IN = /-j (?:DROP|REJECT|LOG|NFLOG|RETURN)\b/

/** Whether a rule names sources that were not asked about, and may let them come to a port. */
function mayLetOthersIn({ families }: FirewallFacts, family: Family, port: number): boolean {
  const one = families[family]
  if (one.state !== 'present') return true
  const { tables, beside = [] } = one.ruleSet
  if (beside.some(({ kind }) => kind === 'unknown')) return true
  const layers = beside.flatMap((layer) =>
    layer.kind === 'iptables' ? layer.tables : layer.kind === 'nft' ? [layer.table] : [],
  )
  const rules = [...tables, ...layers].flatMap(({ chains }) =>
    chains.flatMap((chain) => chain.rules as readonly Rule[]),
  )
  return rules.some(({ text }) => {
    if (!OTHERWISE.test(text) || NEVER_LETS_IN.test(text)) return false
    const named = rulePorts(text)
    return !named || portIn(named.ports, port) !== 'no'
  })
}

/**
 * What listens and is let in by the rules, and from where: the ports to open in a provider's firewall or a router. Null
 * where who listens is not known. The operator's own address is always among those of his port.
 */
export function upstreamPorts(facts: FirewallFacts, host: HostFacts, around: Around): readonly UpstreamPort[] | null {
  const { listeners } = around
  if (!listeners) return null
  const sight = sightOf(facts, host, around)
  return FAMILIES.flatMap((family) => {
    const sources = namedSources(facts, family)
    return publicPorts(family, listeners)
      .filter(({ port }) => !isLeasePort(port))
      .flatMap(
        (listener) =>
          portOf(sight, family, listener, sources, mayLetOthersIn(facts, family, listener.port), host) ?? [],
      )
      .toSorted((a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol))
  })
}

function portOf(
  sight: Sight,
  family: Family,
  listener: Listener,
  named: readonly string[],
  others: boolean,
  { session }: HostFacts,
): UpstreamPort | null {
  const { protocol, port } = listener
  const about = { family, protocol, port, process: listener.process as string | null }
  const reached = reachedBy(sight, family, listener)
  if (reached === 'open' || reached === 'by a rule') return { ...about, sources: 'everybody', sure: true }
  const { device } = sight.stranger(family)
  const letIn = named.filter(
    (source) => sight.reaches(family, { address: source.replace(/\/.*$/, ''), device }, listener)?.answer === 'yes',
  )
  const own = port === session.serverPort && protocol === 'tcp' && familyOf(session.clientAddress) === family
  const sources = [...new Set([...letIn, ...(own ? [session.clientAddress] : [])])]
  const sure = reached === 'dropped' && !others
  return sources.length === 0 && sure ? null : { ...about, sources, sure }
}
