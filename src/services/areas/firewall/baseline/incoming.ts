import { FAMILIES, type Family } from '../../../model/firewall.ts'
import { safe, say } from '../../../model/safe.ts'
import { leaseAnswers, leaseRequests } from '../leases.ts'
import { publicInterface } from './addresses.ts'
import type { Ground } from './ground.ts'
import { type Proposal, propose, rules } from './item.ts'
import { ssh } from './ssh.ts'

/** What nothing works without, and what lets the operator in. */
export function firstThings(ground: Ground): readonly Proposal[] {
  const { families } = ground
  return [
    propose({
      id: 'loopback',
      kind: 'base',
      title: say`Loopback, in and out`,
      why: say`Programs of this host talk to each other over lo; databases and resolvers are reached there.`,
      always: say`half of the host stops without it`,
      rules: [
        ...rules(families, 'INPUT', 'head', '-i lo -j ACCEPT'),
        ...rules(families, 'OUTPUT', 'head', '-o lo -j ACCEPT'),
      ],
    }),
    propose({
      id: 'established',
      kind: 'base',
      title: say`Established connections, in and out`,
      why: say`Everything that runs now goes on, your session too, and what this host asks for is answered.`,
      always: say`it carries your running session`,
      rules: (['INPUT', 'OUTPUT'] as const).flatMap((chain) =>
        rules(families, chain, 'head', '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'),
      ),
    }),
    dhcp(families),
    forged(ground),
    ...(ground.bridges.length > 0 ? [guests(ground)] : []),
    ...ssh(ground),
  ]
}

const dhcp = (families: readonly Family[]): Proposal =>
  propose({
    id: 'dhcp',
    kind: 'base',
    title: say`DHCP answers`,
    why: say`A lease that can't be renewed takes the address of this host away, hours later. DHCPv6 answers come from link-local addresses only.`,
    rules: families.flatMap((family) => [
      ...rules([family], 'INPUT', 'head', leaseAnswers(family, family === 'v4' ? 'server port' : 'any port')),
      ...rules([family], 'OUTPUT', 'tail', leaseRequests(family)),
    ]),
  })

/** Behind the established rule: only what opens a connection can be forged, and routers do send errors from 10/8. */
function forged({ input, families, ranges }: Ground): Proposal {
  const found = families.flatMap((family) => {
    const via = publicInterface(input, family)
    return via === null
      ? []
      : rules([family], 'INPUT', 'head', ...ranges[family].map((one) => `-s ${one} -i ${via} -j DROP`))
  })
  const kept = FAMILIES.flatMap((family) => (ranges.kept[family].length > 0 ? ranges.kept[family] : []))
  return propose({
    id: 'forged',
    kind: 'base',
    title: say`Drop forged private sources`,
    why:
      found.length === 0
        ? say`No interface is known that the world is behind, so no rule can be made.`
        : kept.length === 0
          ? say`Nobody beyond the public interface has such an address.`
          : say`Nobody beyond the public interface has such an address. Not dropped: ${safe(kept.join(', '))}, where this host, its network, its router or you live.`,
    usual: found.length > 0,
    rules: found,
  })
}

const guests = ({ families, bridges }: Ground): Proposal =>
  propose({
    id: 'guests',
    kind: 'base',
    title: say`Containers and machines on this host`,
    why: say`They talk with this host over ${safe(bridges.join(', '))}: a web server here reaches its container by OUTPUT, not by FORWARD.`,
    rules: bridges.flatMap((name) => [
      ...rules(families, 'INPUT', 'tail', `-i ${name} -j ACCEPT`),
      ...rules(families, 'OUTPUT', 'tail', `-o ${name} -j ACCEPT`),
    ]),
  })

/** ICMP in: what RFC 4890 (4.4.1) wants let in for IPv6, and its like for IPv4. */
export function icmp({ families }: Ground): Proposal {
  const v4 = [0, 3, 11, 12, 8].map((type) => `-p icmp -m icmp --icmp-type ${type} -j ACCEPT`)
  const type6 = (type: number): string => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type}`
  const v6 = [
    ...[1, 2, 3, 4, 128, 129].map((type) => `${type6(type)} -j ACCEPT`),
    // From the same link alone: a router would have counted the hop limit down.
    ...[133, 134, 135, 136, 137].map((type) => `${type6(type)} -m hl --hl-eq 255 -j ACCEPT`),
    ...[130, 131, 132, 143, 151, 152, 153].map((type) => `-s fe80::/10 ${type6(type)} -j ACCEPT`),
  ]
  return propose({
    id: 'icmp',
    kind: 'base',
    title: say`ICMP: ping, errors, IPv6 neighbours`,
    why: say`Without errors connections hang on paths with a small MTU; without neighbour discovery (hop limit 255) IPv6 dies within a minute. As RFC 4890 wants.`,
    always: families.includes('v6') ? say`IPv6 does not work without neighbour discovery` : null,
    rules: families.flatMap((family) => rules([family], 'INPUT', 'tail', ...(family === 'v4' ? v4 : v6))),
  })
}
