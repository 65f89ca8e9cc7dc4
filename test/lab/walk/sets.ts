// Sets of ipset(8) with random members, much of them about some packets, and rules that ask them.
import type { Family } from '../../../src/services/model/firewall.ts'
import type { Random } from './random.ts'
import type { Sample } from './sample.ts'

type Member = (random: Random, sample: Sample) => string

/** A set: what it is created with, how many sides it wants, and a member about a packet. */
type Kind = { readonly type: string; readonly dimension: number; readonly member: Member }

const somebody: Member = (random, sample) => (random.chance(0.6) ? sample.source : sample.destination)

const network: Member = (random, sample) => {
  const address = somebody(random, sample)
  const all = sample.family === 'v4' ? 32 : 128
  return `${address}/${random.chance(0.35) ? all : all - random.number(all === 32 ? 26 : 110)}`
}

const port: Member = (random, { payload, family }) => {
  if (payload.kind === 'other') return `${random.pick([payload.protocol, 50, 253])}:0`
  if (payload.kind === 'icmp')
    return `${family === 'v4' ? 'icmp' : 'icmpv6'}:${payload.type}/${payload.code + random.pick([0, 0, 1])}`
  const { kind, sourcePort, destinationPort } = payload
  const one = random.chance(0.75) ? destinationPort : sourcePort
  return `${random.chance(0.9) ? kind : random.pick(['tcp', 'udp'])}:${random.chance(0.85) ? one : one + 1}`
}

const bare: Member = (_random, { payload }) =>
  `${payload.kind === 'tcp' || payload.kind === 'udp' ? payload.destinationPort : 80}`

const joined =
  (...parts: readonly Member[]): Member =>
  (random, sample) =>
    parts.map((part) => part(random, sample)).join(',')

const unless =
  (member: Member): Member =>
  (random, sample) =>
    `${member(random, sample)}${random.chance(0.3) ? ' nomatch' : ''}`

const device: Member = (random) => random.pick(['eth0', 'eth1', 'lo'])

/** Those of both families; `ip` and `ipmac` of IPv4 alone. */
const KINDS: Readonly<Record<string, Kind>> = {
  a: { type: 'hash:ip', dimension: 1, member: somebody },
  n: { type: 'hash:net', dimension: 1, member: unless(network) },
  ap: { type: 'hash:ip,port', dimension: 2, member: joined(somebody, port) },
  np: { type: 'hash:net,port', dimension: 2, member: unless(joined(network, port)) },
  apa: { type: 'hash:ip,port,ip', dimension: 3, member: joined(somebody, port, somebody) },
  apn: { type: 'hash:ip,port,net', dimension: 3, member: unless(joined(somebody, port, network)) },
  ni: { type: 'hash:net,iface', dimension: 2, member: unless(joined(network, device)) },
}

const NETMASK = { v4: 28, v6: 123 } as const

/** The names of a family's sets with how many sides each wants. */
export const setsOf = (family: Family): readonly (readonly [name: string, dimension: number])[] => [
  ...Object.entries(KINDS).map(([name, { dimension }]) => [`${name}-${family}`, dimension] as const),
  [`m-${family}`, 1],
  [`l-${family}`, 1],
  [`p-${family}`, 1],
  ...(family === 'v4' ? ([['b-v4', 1]] as const) : []),
]

const inet = (family: Family): string => `family ${family === 'v4' ? 'inet' : 'inet6'}`

/** For `ipset restore`, once: empty sets of every kind. */
export const createSets = (family: Family): string =>
  [
    ...Object.entries(KINDS).map(([name, { type }]) => `create ${name}-${family} ${type} ${inet(family)}`),
    `create m-${family} hash:ip ${inet(family)} netmask ${NETMASK[family]}`,
    `create p-${family} bitmap:port range 0-65535`,
    ...(family === 'v4' ? ['create b-v4 bitmap:ip range 192.0.0.0/16'] : []),
    `create l-${family} list:set size 8`,
    `add l-${family} a-${family}`,
    `add l-${family} ap-${family}`,
    `add l-${family} n-${family}`,
    '',
  ].join('\n')

/** For `ipset -exist restore`: other members in the place of those that were there. */
export function fillSets(random: Random, family: Family, samples: readonly Sample[]): string {
  const some = (name: string, member: Member): readonly string[] => [
    `flush ${name}-${family}`,
    ...Array.from(
      { length: random.number(14) },
      () => `add ${name}-${family} ${member(random, random.pick(samples))}`,
    ).filter((line) => name !== 'b' || / 192\.0\./.test(line)),
  ]
  return [
    ...Object.entries(KINDS).flatMap(([name, { member }]) => some(name, member)),
    ...some('m', somebody),
    ...some('p', bare),
    ...(family === 'v4' ? some('b', somebody) : []),
    '',
  ].join('\n')
}

/** A match about one of the sets. */
export function setMatch(random: Random, family: Family): string {
  const [name, dimension] = random.pick(setsOf(family))
  const sides = random.chance(0.04)
    ? random.pick([1, 2, 3])
    : Math.max(dimension, name.startsWith('l-') ? random.pick([1, 2]) : 1)
  const flags = Array.from({ length: sides }, () => random.pick(['src', 'dst']))
  // Whom and which port: mostly the source's address and the destination's port.
  if (sides > 1 && random.chance(0.5)) flags.splice(0, 2, 'src', 'dst')
  return `-m set ${random.chance(0.2) ? '! ' : ''}--match-set ${name} ${flags.join(',')}${random.chance(0.05) ? ' --return-nomatch' : ''}`
}
