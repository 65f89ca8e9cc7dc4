// The left side of random rules, as iptables-save(8) prints it.
import type { Family } from '../../../src/services/model/firewall.ts'
import { matchesAbout } from './near-matches.ts'
import { LOCAL_ADDRESSES, NETWORKS, PORTS, RANGES } from './people.ts'
import type { Random } from './random.ts'
import type { Sample } from './sample.ts'
import { setMatch } from './sets.ts'
import type { Theme } from './themes.ts'

/** Where a rule stands: some matches and targets are only taken in some chains. */
export type Site = {
  readonly family: Family
  readonly table: string
  readonly chain: string
  readonly builtin: boolean
  /** Packets that rules may be about. */
  readonly samples: readonly Sample[]
  readonly theme: Theme
}

const not = (random: Random): string => (random.chance(0.22) ? '! ' : '')

/** None, one or a few matches; the protocol's own come with it. */
export function someMatches(random: Random, site: Site): string {
  if (random.chance(site.theme.near)) return near(random, site)
  const parts = [
    random.chance(0.28) ? addresses(random, site) : '',
    random.chance(0.16) ? devices(random, site) : '',
    random.chance(0.42) ? protocol(random, site) : '',
    random.chance(site.table === 'raw' ? 0.1 : 0.32) ? states(random) : '',
    random.chance(0.1) ? random.pick([ranges, types, connection])(random, site) : '',
    random.chance(0.06) ? unseen(random, site) : '',
    random.chance(0.12) ? setMatch(random, site.family) : '',
    random.chance(0.05) ? `-m comment --comment "${random.pick(['-p udp', 'he said \\"hi\\"', 'x', '-j DROP'])}"` : '',
  ]
  const all = parts.filter((part) => part !== '').join(' ')
  return random.chance(0.12) ? withOrdinary(all, random, site) : all
}

/** About a packet that comes by here. */
function near(random: Random, site: Site): string {
  const passing = site.samples.filter(({ way }) => PASSING[site.chain]?.includes(way) ?? true)
  const sample = random.pick(passing.length > 0 ? passing : site.samples)
  const { aspects, states } = site.theme
  // Before conntrack there is no state to ask for, so these rules would all be idle.
  const how = site.table === 'raw' && random.chance(0.8) ? { aspects: 1, states: false } : { aspects, states }
  const about = matchesAbout(random, sample, { devices: deviceOptions(site), ...how })
  if (random.chance(0.12)) return withOrdinary(about, random, site)
  return random.chance(0.03) ? `${about} ${unseen(random, site)}` : about
}

const PASSING: Readonly<Record<string, readonly Sample['way'][]>> = {
  PREROUTING: ['in', 'forward'],
  INPUT: ['in'],
  FORWARD: ['forward'],
  OUTPUT: ['out'],
  POSTROUTING: ['out', 'forward'],
}

const addresses = (random: Random, { family }: Site): string =>
  [
    random.chance(0.7) ? `${not(random)}-s ${random.pick(NETWORKS[family])}` : '',
    random.chance(0.5) ? `${not(random)}-d ${random.pick(NETWORKS[family])}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ')

const NAMES = ['eth0', 'eth1', 'eth+', 'lo', 'wg0', 'eth0.5']

const devices = (random: Random, site: Site): string =>
  `${not(random)}${random.pick(deviceOptions(site))} ${random.pick(NAMES)}`

/** iptables takes no interface in a built-in chain that is not asked about it. */
const deviceOptions = ({ chain, builtin }: Site): readonly string[] =>
  ['-i', '-o'].filter(
    (option) => !builtin || !(option === '-i' ? /^(OUTPUT|POSTROUTING)$/ : /^(INPUT|PREROUTING)$/).test(chain),
  )

function protocol(random: Random, site: Site): string {
  const icmp = site.family === 'v4' ? 'icmp' : 'ipv6-icmp'
  return random.weighed<() => string>([
    [6, () => `${not(random)}-p ${random.pick(['tcp', 'udp', icmp, 'esp', '253'])}`],
    [8, () => `-p tcp -m tcp ${portsOf(random)}`],
    [5, () => `-p udp -m udp ${portsOf(random)}`],
    [6, () => `-p ${random.pick(['tcp', 'udp'])} -m multiport ${severalPorts(random)}`],
    [4, () => `-p tcp -m tcp ${not(random)}--tcp-flags ${random.pick(FLAGS)}`],
    [5, () => icmpTypes(random, site)],
  ])()
}

const FLAGS = [
  'FIN,SYN,RST,ACK SYN',
  'SYN,ACK SYN,ACK',
  'ACK ACK',
  'FIN,SYN,RST,PSH,ACK,URG NONE',
  'FIN,SYN FIN,SYN',
  'RST RST',
  'PSH,ACK ACK',
]

const port = (random: Random): string => {
  const from = random.pick(PORTS)
  return random.chance(0.7) ? `${from}` : `${from}:${random.pick([from + 1, from + 1000, 65_535])}`
}

const portsOf = (random: Random): string =>
  random.weighed<() => string>([
    [6, () => `${not(random)}--dport ${port(random)}`],
    [2, () => `${not(random)}--sport ${port(random)}`],
    [2, () => `${not(random)}--sport ${port(random)} ${not(random)}--dport ${port(random)}`],
    // Which some releases get wrong.
    [1, () => `! --sport ${random.pick(PORTS)} ! --dport ${random.pick(PORTS)}`],
    [1, () => `${not(random)}--dport 1:21`],
  ])()

function severalPorts(random: Random): string {
  const list = Array.from({ length: 1 + random.number(5) }, () => port(random))
  return `${not(random)}--${random.pick(['dports', 'dports', 'sports', 'ports'])} ${list.join(',')}`
}

function icmpTypes(random: Random, { family }: Site): string {
  const types =
    family === 'v4'
      ? ['8', '0', '3', '3/1', '3/3', '11', '12', '13', 'any']
      : ['128', '129', '1', '1/4', '3', '4', '135']
  const type = random.pick(types)
  const negation = type === 'any' ? '' : not(random)
  return family === 'v4'
    ? `-p icmp -m icmp ${negation}--icmp-type ${type}`
    : `-p ipv6-icmp -m icmp6 ${negation}--icmpv6-type ${type}`
}

const STATES = [
  'NEW',
  'ESTABLISHED',
  'RELATED,ESTABLISHED',
  'INVALID',
  'UNTRACKED',
  'NEW,UNTRACKED',
  'INVALID,NEW',
  'RELATED',
]
/** Which -m state does not know. */
const TRANSLATED = ['RELATED,ESTABLISHED,DNAT', 'DNAT', 'NEW,SNAT']

const states = (random: Random): string =>
  random.chance(0.8)
    ? `-m conntrack ${not(random)}--ctstate ${random.pick([...STATES, ...TRANSLATED])}`
    : `-m state --state ${random.pick(STATES)}`

const ranges = (random: Random, { family }: Site): string =>
  `-m iprange ${not(random)}--${random.pick(['src', 'dst'])}-range ${random.pick(RANGES[family])}`

const types = (random: Random, { family }: Site): string =>
  `-m addrtype ${not(random)}--${random.pick(['src', 'dst'])}-type ${random.pick(['LOCAL', 'LOCAL', 'MULTICAST', 'UNICAST', ...(family === 'v4' ? MIXED : [])])}`

const MIXED = ['BROADCAST', 'BROADCAST,MULTICAST', 'LOCAL,BROADCAST', 'UNICAST,BROADCAST']

/** What conntrack has on record. */
const connection = (random: Random, { family }: Site): string =>
  `-m conntrack ${random.pick<() => string>([
    () => `${not(random)}--ctproto ${random.pick([6, 17])}`,
    () => `--ctdir ${random.pick(['ORIGINAL', 'REPLY'])}`,
    () => `${not(random)}--ctorigsrc ${random.pick(NETWORKS[family]).replace(/\/.*/, '')}`,
    () => `${not(random)}--ctorigdst ${random.pick(LOCAL_ADDRESSES[family])}`,
    () => `${not(random)}--ctstate NEW --ctproto 6 --ctorigdstport ${port(random)}`,
    () => `--ctstate ${random.pick(STATES)} ${not(random)}--ctproto 17`,
  ])()}`

/** A rule names one protocol at most. */
function withOrdinary(matches: string, random: Random, site: Site): string {
  const more = ordinary(random, site)
  return matches.includes('-p ') && more.includes('-p ') ? matches : `${matches} ${more}`.trim()
}

/** What is no part of an ordinary packet, or the same in all of them. */
function ordinary(random: Random, { family }: Site): string {
  const both = [
    `-m mark ${not(random)}--mark ${random.pick(['0x0', '0x1', '0x8000/0x8000', '0x0/0xff'])}`,
    `-m connmark ${not(random)}--mark ${random.pick(['0x0', '0x1', '0x0/0xff'])}`,
    `-m pkttype ${not(random)}--pkt-type ${random.pick(['unicast', 'broadcast', 'multicast'])}`,
    `-m length ${not(random)}--length ${random.pick(['0:65535', '0:27', '0:39', '0:59', '20:65535', '48:65535', '1501:65535'])}`,
    `-m helper ${random.pick(['--helper ftp', '--helper sip'])}`,
    '-p esp -m esp --espspi 0:4294967295',
  ]
  const v6 = [
    `-m rt ${not(random)}--rt-type 0`,
    '-m rt --rt-segsleft 0:255',
    '-m frag --fragid 0:4294967295',
    '-m hbh',
    '-m dst',
    '-m ah --ahspi 0:4294967295',
    `-m ipv6header --header ${random.pick(['ipv6-route', 'ipv6-frag,hop-by-hop', 'prot', 'ipv6-nonxt'])}${random.pick(['', ' --soft'])}`,
  ]
  return random.pick(family === 'v4' ? [...both, '-p ah -m ah --ahspi 0:4294967295'] : [...both, ...v6, ...v6])
}

/** What nobody can tell from a packet alone. Here most of it holds, so that it is not mistaken for a `no`. */
function unseen(random: Random, { chain, builtin }: Site): string {
  const everywhere = [
    '-m limit --limit 10000/sec --limit-burst 10000',
    '-m statistic --mode random --probability 0.50000000000',
    '-m string --string "never" --algo bm --to 65535',
    '-m hashlimit --hashlimit-upto 10000/sec --hashlimit-burst 100 --hashlimit-mode srcip --hashlimit-name walk',
    '-m recent --set --name walk --rsource',
  ]
  const owner = builtin && chain === 'OUTPUT' ? ['-m owner --uid-owner 0'] : []
  return random.pick([...everywhere, ...owner])
}
