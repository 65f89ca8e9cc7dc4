import { FAMILIES, type Family } from '../../../model/firewall.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { publicInterface } from './addresses.ts'
import type { Ground } from './ground.ts'
import { type BaselineRule, type Draft, draft, newTo, rawRules, rules } from './item.ts'
import { knownPort } from './known-ports.ts'
import type { OpenPort } from './listening.ts'
import { fromAnywhere, withInputPolicy } from './strangers.ts'

/** What nothing works without, and what lets the operator in. */
export function firstThings(ground: Ground): readonly Draft[] {
  const { families } = ground
  return [
    draft({
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
    draft({
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

const dhcp = (families: readonly Family[]): Draft =>
  draft({
    id: 'dhcp',
    kind: 'base',
    title: say`DHCP answers`,
    why: say`A lease that can't be renewed takes the address of this host away, hours later. DHCPv6 answers come from link-local addresses only.`,
    rules: families.flatMap((family) =>
      family === 'v4'
        ? [
            ...rules(['v4'], 'INPUT', 'head', '-p udp -m udp --sport 67 --dport 68 -j ACCEPT'),
            ...rules(['v4'], 'OUTPUT', 'tail', '-p udp -m udp --sport 68 --dport 67 -j ACCEPT'),
          ]
        : [
            ...rules(['v6'], 'INPUT', 'head', '-s fe80::/10 -p udp -m udp --dport 546 -j ACCEPT'),
            ...rules(['v6'], 'OUTPUT', 'tail', '-p udp -m udp --sport 546 --dport 547 -j ACCEPT'),
          ],
    ),
  })

/** Behind the established rule: only what opens a connection can be forged, and routers do send errors from 10/8. */
function forged({ input, families, ranges }: Ground): Draft {
  const found = families.flatMap((family) => {
    const via = publicInterface(input, family)
    return via === null
      ? []
      : rules([family], 'INPUT', 'head', ...ranges[family].map((one) => `-s ${one} -i ${via} -j DROP`))
  })
  const kept = FAMILIES.flatMap((family) => (ranges.kept[family].length > 0 ? ranges.kept[family] : []))
  return draft({
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

const guests = ({ families, bridges }: Ground): Draft =>
  draft({
    id: 'guests',
    kind: 'base',
    title: say`Containers and machines on this host`,
    why: say`They talk with this host over ${safe(bridges.join(', '))}: a web server here reaches its container by OUTPUT, not by FORWARD.`,
    rules: bridges.flatMap((name) => [
      ...rules(families, 'INPUT', 'tail', `-i ${name} -j ACCEPT`),
      ...rules(families, 'OUTPUT', 'tail', `-o ${name} -j ACCEPT`),
    ]),
  })

/** Mid-stream packets of sshd leave even when the kernel has lost track of the connection; nothing can be opened so. */
const answers = (port: number): string => `-p tcp -m tcp --sport ${port} ! --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT`

function ssh(ground: Ground): readonly Draft[] {
  const { families, sshPorts, operator, isOn } = ground
  const only = isOn('ssh-mine', false) && operator !== null
  const limited = ground.limited && isOn('own', true)
  const ports = safe(sshPorts.join(', '))
  const accepts = families.flatMap((family): readonly BaselineRule[] => {
    if (limited && family === operator?.family) return []
    if (only && family !== operator?.family) return []
    const from = only ? `-s ${operator?.text} ` : ''
    return rules(
      [family],
      'INPUT',
      ground.sshFirst ? 'head' : 'tail',
      ...sshPorts.map((port) => `${from}-p tcp -m tcp --dport ${port} -j ACCEPT`),
    )
  })
  const warning: Safe | null = limited
    ? null
    : ground.limited
      ? say`Your own rules limit SSH to some addresses. Replacing them opens it to all, unless SSH is limited below.`
      : null
  return [
    draft({
      id: 'ssh',
      kind: 'base',
      title: say`SSH on port ${ports}`,
      why: limited
        ? say`Your own rules let you in and strangers not: they stay, and nothing is opened beside them.`
        : say`You come in here. The port is this session's, and every other one that sshd listens on.`,
      always: say`it is your way in`,
      warning,
      rules: [...accepts, ...rules(families, 'OUTPUT', 'head', ...sshPorts.map(answers))],
    }),
    ...(operator === null
      ? []
      : [
          draft({
            id: 'ssh-mine',
            kind: 'option',
            title: say`SSH only from ${safe(operator.text.replace(/\/\d+$/, ''))}`,
            why: say`Where your address is fixed this ends all attempts of strangers.`,
            warning: say`It locks you out when your address changes, and everybody else at once. Over the other IP version nobody gets in.`,
            usual: false,
          }),
        ]),
  ]
}

const nameOf = ({ protocol, port, listener }: OpenPort, ground: Ground): Safe => {
  const name = ground.input.firewall.portNames.get(`${protocol}/${port}`)
  const program = listener.process ?? (listener.unit === null ? null : safe(listener.unit, 40))
  return say`${safe(protocol)} ${port}${name ? say` ${name}` : say``}${program ? say` (${program})` : say``}`
}

/** One item for each port that listens and is not SSH's or FTP's. */
export function services(ground: Ground): readonly Draft[] {
  const taken = new Set([...ground.sshPorts, ...ground.ftp.map((one) => one.port)].map((port) => `tcp/${port}`))
  if (ground.input.listeners === null) return [unreadServices(ground)]
  return ground.ports
    .filter(({ protocol, port }) => !taken.has(`${protocol}/${port}`))
    .map((port): Draft => {
      const known = knownPort(port.protocol, port.port, port.listener.process)
      const accepted = isAccepted(port, ground)
      return draft({
        id: `service:${port.protocol}/${port.port}`,
        kind: 'service',
        title: nameOf(port, ground),
        why: accepted ? say`A rule of your own opens it to all already. ${known.why}` : known.why,
        usual: known.open || accepted,
        rules: rules(
          port.families.filter((family) => ground.families.includes(family)),
          'INPUT',
          'tail',
          newTo(port.protocol, port.port),
        ),
      })
    })
}

/** Longer rule sets are not walked once per port. */
const LONGEST_WALK = 3000

const isAccepted = ({ protocol, port, families }: OpenPort, { input, sizes }: Ground): boolean =>
  families.some((family) => {
    const set = input.sets[family]
    if (!set || sizes[family] > LONGEST_WALK) return false
    return (
      fromAnywhere(withInputPolicy(set, 'DROP'), { protocol, port, via: publicInterface(input, family) }).answer ===
      'yes'
    )
  })

const unreadServices = ({ families }: Ground): Draft =>
  draft({
    id: 'service:web',
    kind: 'service',
    title: say`tcp 80 http, 443 https`,
    why: say`What listens here was not read, so these are the two ports of the routine.`,
    warning: say`Whatever else listens is closed by this baseline. Read the services first (R), or open their ports yourself.`,
    rules: rules(families, 'INPUT', 'tail', newTo('tcp', 80), newTo('tcp', 443)),
  })

const MODULES = 'nf_conntrack_ftp\nnf_nat_ftp\n'
const modulesFile = ({ input }: Ground): Draft['file'] =>
  input.firewall.ftpHelper.atBoot ? null : { path: '/etc/modules-load.d/hardtui-ftp.conf', text: MODULES, was: null }

/** FTP, where a server is configured and listens. */
export function ftpServer(ground: Ground): readonly Draft[] {
  const { families, ftp } = ground
  if (ftp.length === 0) return []
  const control = [...new Set(ftp.map((one) => one.port))]
  const passive = ftp.flatMap((one) => (one.passive ? [`${one.passive.from}:${one.passive.to}`] : []))
  const helped = (port: number): string => `-p tcp -m tcp --dport ${port} -j CT --helper ftp`
  return [
    draft({
      id: 'ftp',
      kind: 'service',
      title: say`FTP on port ${safe(control.join(', '))}${passive.length > 0 ? say`, passive ${safe(passive.join(', '))}` : say``}`,
      why:
        passive.length > 0
          ? say`The control port, the passive range of ${safe(ftp[0]?.program ?? '')}, and the kernel's helper, which finds data connections of unencrypted FTP.`
          : say`The control port, and the kernel's helper, which finds the data connections. Encrypted FTP hides them: set a passive range in ${safe(ftp[0]?.program ?? '')} and open B again.`,
      rules: [
        ...rules(
          families,
          'INPUT',
          'tail',
          ...control.map((port) => newTo('tcp', port)),
          ...passive.map((range) => newTo('tcp', range)),
        ),
        ...rawRules(families, 'PREROUTING', ...control.map(helped)),
      ],
      file: modulesFile(ground),
    }),
    draft({
      id: 'ftp-client',
      kind: 'out',
      title: say`Helper for FTP that this host fetches`,
      why: say`Passive data connections of an FTP client go to ports nobody knows beforehand; the helper finds them.`,
      rules: rawRules(families, 'OUTPUT', helped(21)),
      file: modulesFile(ground),
    }),
  ]
}

/** ICMP in: what RFC 4890 (4.4.1) wants let in for IPv6, and its like for IPv4. */
export function icmp({ families }: Ground): Draft {
  const v4 = [0, 3, 11, 12, 8].map((type) => `-p icmp -m icmp --icmp-type ${type} -j ACCEPT`)
  const type6 = (type: number): string => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type}`
  const v6 = [
    ...[1, 2, 3, 4, 128, 129].map((type) => `${type6(type)} -j ACCEPT`),
    // From the same link alone: a router would have counted the hop limit down.
    ...[133, 134, 135, 136, 137].map((type) => `${type6(type)} -m hl --hl-eq 255 -j ACCEPT`),
    ...[130, 131, 132, 143, 151, 152, 153].map((type) => `-s fe80::/10 ${type6(type)} -j ACCEPT`),
  ]
  return draft({
    id: 'icmp',
    kind: 'base',
    title: say`ICMP: ping, errors, IPv6 neighbours`,
    why: say`Without errors connections hang on paths with a small MTU; without neighbour discovery (hop limit 255) IPv6 dies within a minute. As RFC 4890 wants.`,
    always: families.includes('v6') ? say`IPv6 does not work without neighbour discovery` : null,
    rules: families.flatMap((family) => rules([family], 'INPUT', 'tail', ...(family === 'v4' ? v4 : v6))),
  })
}
