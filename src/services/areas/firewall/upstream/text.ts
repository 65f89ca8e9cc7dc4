import type { UpstreamPort } from './ports.ts'

export type UpstreamInput = {
  readonly hostname: string
  /** The addresses that others reach the host at; null where it has none in a family. */
  readonly addresses: Readonly<Record<'v4' | 'v6', string | null>>
  readonly madeAt: Date
  readonly ports: readonly UpstreamPort[]
}

/** What a server calls things never becomes a word of a command, nor a line: letters, digits and little else. */
const plain = (text: string): string => text.replace(/[^\w.:/@-]+/g, '_').slice(0, 60)

const ANY = { v4: '0.0.0.0/0', v6: '::/0' } as const
const BITS = { v4: 32, v6: 128 } as const

const sourcesOf = ({ sources, family }: UpstreamPort): readonly string[] =>
  sources === 'everybody'
    ? [ANY[family]]
    : sources.map((one) => plain(one.includes('/') ? one : `${one}/${BITS[family]}`))

const rows = (ports: readonly UpstreamPort[]) =>
  ports.flatMap((port) => sourcesOf(port).map((source) => ({ port, source })))

const table = (ports: readonly UpstreamPort[]): readonly string[] => {
  const cells = rows(ports).map(({ port, source }) => [
    port.protocol,
    String(port.port),
    source,
    plain(port.process ?? '-'),
  ])
  const all = [['protocol', 'port', 'from', 'listens'], ...cells]
  const widths = [0, 1, 2].map((at) => Math.max(...all.map((row) => (row[at] ?? '').length)))
  return all.map(
    (row) =>
      `# ${row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd()}`,
  )
}

const unsure = (ports: readonly UpstreamPort[]): readonly string[] => {
  const those = ports.filter(({ sure }) => !sure).map(({ protocol, port, family }) => `${protocol} ${port} (${family})`)
  return those.length === 0
    ? []
    : ['#', `# The rules could not tell who else may come to: ${those.join(', ')}. Look at these by hand.`]
}

const aws = (ports: readonly UpstreamPort[]): readonly string[] =>
  rows(ports).map(({ port, source }) => {
    const ranges = port.family === 'v4' ? `IpRanges=[{CidrIp=${source}}]` : `Ipv6Ranges=[{CidrIpv6=${source}}]`
    return `aws ec2 authorize-security-group-ingress --group-id "$GROUP" --ip-permissions 'IpProtocol=${port.protocol},FromPort=${port.port},ToPort=${port.port},${ranges}'`
  })

const IP = { v4: 'ip', v6: 'ip6' } as const
const nft = ({ ports, addresses }: UpstreamInput): readonly string[] =>
  rows(ports).flatMap(({ port, source }) => {
    const to = addresses[port.family]
    if (to === null) return []
    const from = source === ANY[port.family] ? '' : `${IP[port.family]} saddr ${source} `
    return [
      `nft add rule inet filter forward ${from}${IP[port.family]} daddr ${plain(to)} ${port.protocol} dport ${port.port} accept`,
    ]
  })

const TOOL = { v4: 'iptables', v6: 'ip6tables' } as const
const iptables = ({ ports, addresses }: UpstreamInput): readonly string[] =>
  rows(ports).flatMap(({ port, source }) => {
    const to = addresses[port.family]
    if (to === null) return []
    const from = source === ANY[port.family] ? '' : `-s ${source} `
    return [`${TOOL[port.family]} -A FORWARD ${from}-d ${plain(to)} -p ${port.protocol} --dport ${port.port} -j ACCEPT`]
  })

/**
 * What to enter in a filter above the host, as a table and as commands for three kinds of it, each to be uncommented or
 * copied. Nothing of it is ever sent anywhere from here, and as a script it does nothing.
 */
export function upstreamText(input: UpstreamInput): string {
  const { ports, hostname, madeAt } = input
  const commands = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', `# ${title}`, ...lines.map((line) => `#   ${line}`)]
  return `${[
    `# What a filter above ${plain(hostname)} has to let in: what listens there and its rules let in.`,
    `# Made ${madeAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. All else may be closed above it; answers to what it asks itself have to come back.`,
    '#',
    ...table(ports),
    ...unsure(ports),
    ...commands('AWS security group: aws(1), GROUP is its id', aws(ports)),
    ...commands('A router with nft(8): before a rule or policy that drops', nft(input)),
    ...commands('A router with iptables(8): before a rule or policy that drops', iptables(input)),
  ].join('\n')}\n`
}
