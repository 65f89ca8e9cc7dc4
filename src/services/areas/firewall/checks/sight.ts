import { familyOf } from '../../../model/addresses.ts'
import type { Around } from '../../../model/area.ts'
import { FAMILIES, type Family, type FirewallFacts, type RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import type { Listener } from '../../../model/units.ts'
import { boundTo } from '../listening.ts'
import { type Burst, type Direction, type Flow, type Known, type Packet, packetsOf } from '../walk/packet.ts'
import { type Walked, walk } from '../walk/walk.ts'
import { oddPort } from './odd-port.ts'
import { isWalkable, relevant, type Traffic } from './relevant.ts'

/** Somebody on the internet whom no rule is likely to name: an address of example.com. */
export const STRANGER: Readonly<Record<Family, string>> = {
  v4: '93.184.216.34',
  v6: '2606:2800:220:1:248:1893:25c8:1946',
}

/** Bridges and tunnels that the host itself has made: who is behind them is its own. */
export const OWN_NETWORKS = /^(lo$|docker|br-|virbr|veth|cni|flannel|cali|lxc|lxd|podman|wg|tun|tap|tailscale|zt)/

/** A port that nobody has rules for, and one that a client would have. */
export const ODD_PORT = 54321
export const CLIENT_PORT = 50123

/** Who talks to the host: an address, and the interface that he comes in by (null when not known). */
export type From = { readonly address: string; readonly device: string | null }

/** What checks ask about one reading of the host: who reaches what. */
export type Sight = {
  /** Walks a packet through the rules of one family. Null where they can't be read, or are too many. */
  readonly ask: (family: Family, direction: Direction, packet: Packet, burst?: Burst) => Walked | null
  /** The packets of a connection to this host. */
  readonly flow: (family: Family, from: From, port: number, over?: 'tcp' | 'udp', to?: string | null) => Packets
  /** Whether a first packet of a connection gets to a socket. */
  readonly reaches: (family: Family, from: From, listener: Listener) => Walked | null
  readonly stranger: (family: Family) => From
  /** The same by every interface that he may come in by. */
  readonly strangers: (family: Family) => readonly From[]
  /** A port that no rule of a family names. */
  readonly oddPort: (family: Family) => number
}

export type Packets = ReturnType<typeof packetsOf>

/** What packets of this host's checks are like; `ports` are asked for beside those that listen. */
export function trafficOf(
  facts: FirewallFacts,
  host: HostFacts,
  around: Around,
  ports: readonly number[] = [],
): Traffic {
  const { interfaces } = facts.network
  const { clientAddress, serverAddress, serverPort } = host.session
  const locals = localsOf(facts)
  const sources = [...Object.values(STRANGER), '127.0.0.1', '::1', 'fe80::1', clientAddress, serverAddress, ...locals]
  const listening = (around.listeners ?? []).map((listener) => listener.port)
  return {
    sources: [...new Set(sources)],
    neighbours: interfaces.flatMap((one) => one.addresses),
    ports: new Set([...listening, ...ports, serverPort, ODD_PORT, CLIENT_PORT, ...FAMILIES.map(oddPortOf(facts))]),
  }
}

const oddPortOf =
  ({ families }: FirewallFacts) =>
  (family: Family): number => {
    const one = families[family]
    return one.state === 'present' ? oddPort(one.ruleSet) : ODD_PORT
  }

/** What the walk is told of the host. */
export function knownOf({ network }: Pick<FirewallFacts, 'network'>): Known {
  const all = network.interfaces.flatMap((one) => one.addresses)
  return all.length === 0
    ? { localAddresses: null }
    : {
        localAddresses: all.map(({ address }) => address),
        localNetworks: all.map(({ address, prefix }) => `${address}/${prefix}`),
      }
}

const localsOf = ({ network }: FirewallFacts): readonly string[] =>
  network.interfaces.flatMap((one) => one.addresses.map(({ address }) => address))

/** Looks at the host from outside. `ports` are asked for beside those that listen. */
export function sightOf(facts: FirewallFacts, host: HostFacts, around: Around, ports: readonly number[] = []): Sight {
  const { defaultInterface } = facts.network
  const known = knownOf(facts)
  const traffic = trafficOf(facts, host, around, ports)
  const ask: Sight['ask'] = (family, direction, packet, burst) => {
    const one = facts.families[family]
    if (one.state !== 'present') return null
    const rules = relevant(one.ruleSet, traffic)
    return isWalkable(rules) ? walk(rules, direction, packet, burst ? { ...known, burst } : known) : null
  }
  const flow: Sight['flow'] = (family, from, port, over = 'tcp', to = null) => {
    const wanted: Flow = {
      protocol: over,
      client: from.address,
      clientPort: null,
      server: to ?? addressOn(facts, host, family, from.device),
      serverPort: port,
      interface: from.device,
    }
    return packetsOf(wanted)
  }
  const stranger: Sight['stranger'] = (family) => ({
    address: STRANGER[family],
    device:
      defaultInterface[family] ?? (familyOf(host.session.serverAddress) === family ? host.sessionInterface : null),
  })
  return {
    ask,
    flow,
    oddPort: oddPortOf(facts),
    stranger,
    strangers: (family) => {
      const one = stranger(family)
      const devices = facts.network.interfaces.map(({ name }) => name).filter((name) => !OWN_NETWORKS.test(name))
      if (one.device !== null || devices.length === 0) return [one]
      return devices.map((device) => ({ ...one, device }))
    },
    reaches: (family, from, listener) =>
      ask(family, 'in', flow(family, from, listener.port, listener.protocol, boundTo(listener)).first),
  }
}

/** The host's own address on an interface: the one that a packet which comes in there is most likely for. */
function addressOn({ network }: FirewallFacts, host: HostFacts, family: Family, device: string | null): string | null {
  const found = network.interfaces
    .find((one) => one.name === device)
    ?.addresses.find((one) => one.family === family && !one.address.startsWith('fe80:'))
  if (found) return found.address
  return familyOf(host.session.serverAddress) === family ? host.session.serverAddress : null
}

/** The rules as they would be with some edits, for asking what a fix brings about. */
export const withRuleSet = (facts: FirewallFacts, family: Family, ruleSet: RuleSet): FirewallFacts => ({
  ...facts,
  families: { ...facts.families, [family]: { state: 'present', ruleSet } },
})
