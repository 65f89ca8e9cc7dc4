// Matches that are about one packet: most hold for it, and the rest miss it by little.
import type { Random } from './random.ts'
import type { Sample } from './sample.ts'
import { setMatch } from './sets.ts'

type How = {
  /** Options about interfaces that may be used there. */
  readonly devices: readonly string[]
  /** How many matches at most. */
  readonly aspects: number
  /** Whether one of them is about the state: always, never, or as it comes. */
  readonly states: boolean | null
}

/** A few matches about a packet, as iptables-save(8) prints them. */
export function matchesAbout(random: Random, sample: Sample, { devices, aspects: most, states }: How): string {
  const aspects: readonly ((random: Random, sample: Sample) => string)[] = [
    address('-s', 'source'),
    address('-d', 'destination'),
    carried,
    carried,
    carried,
    state,
    (_, { packet }) => (devices.includes('-i') && packet.inInterface ? device(random, '-i', packet.inInterface) : ''),
    (_, { packet }) => (devices.includes('-o') && packet.outInterface ? device(random, '-o', packet.outInterface) : ''),
    range,
    (_, { family }) => setMatch(random, family),
  ]
  const chosen = new Set(Array.from({ length: 1 + random.number(most) }, () => random.pick(aspects)))
  if (states) chosen.add(state)
  else if (states === false) chosen.delete(state)
  return aspects
    .filter((aspect, i) => chosen.has(aspect) && aspects.indexOf(aspect) === i)
    .map((aspect) => aspect(random, sample))
    .filter((part) => part !== '')
    .join(' ')
}

const not = (random: Random): string => (random.chance(0.15) ? '! ' : '')

const address = (option: string, side: 'source' | 'destination') => (random: Random, sample: Sample) => {
  const all = sample.family === 'v4' ? 32 : 128
  const mask = random.weighed([
    [4, `${all}`],
    [2, `${all - 1 - random.number(all === 32 ? 30 : 100)}`],
    [1, sample.family === 'v4' ? '255.0.255.255' : 'ffff:0:ffff::ffff'],
    [1, sample.family === 'v4' ? '255.255.255.3' : 'ffff::3'],
  ])
  return `${not(random)}${option} ${random.chance(0.85) ? sample[side] : beside(sample[side])}/${mask}`
}

/** The address after this one. */
const beside = (text: string): string =>
  text.includes(':')
    ? text.replace(/[0-9a-f]+$/, (last) => (Number.parseInt(last, 16) + 1).toString(16))
    : text.replace(/\d+$/, (last) => `${Number(last) + 1}`)

function range(random: Random, sample: Sample): string {
  const side = random.pick(['source', 'destination'] as const)
  const at = sample[side]
  const low = at.replace(/[0-9a-f]+$/, '1')
  const [from, to] = random.pick([
    [low, at],
    [at, beside(at)],
    [beside(at), beside(beside(at))],
  ]) as [string, string]
  return `-m iprange ${not(random)}--${side === 'source' ? 'src' : 'dst'}-range ${from}-${to}`
}

const device = (random: Random, option: string, name: string): string =>
  `${not(random)}${option} ${random.pick([name, name, name.replace(/\d$/, '+'), `${name}+`, name.slice(0, -1)])}`

function state(random: Random, { packet }: Sample): string {
  const list = random.pick([
    packet.state,
    `${packet.state},INVALID`,
    `RELATED,${packet.state}`,
    'ESTABLISHED',
    'UNTRACKED',
  ])
  const more = random.weighed([
    [8, ''],
    [1, ' --ctproto 6'],
    [1, ' ! --ctproto 6'],
    [1, ` --ctdir ${packet.reply ? 'REPLY' : 'ORIGINAL'}`],
  ])
  if (random.chance(0.06)) return `-m conntrack${more === '' ? ' --ctproto 17' : more}`
  return `-m conntrack ${not(random)}--ctstate ${list}${more}`
}

/** About what the packet carries: its ports and flags, or its type. */
function carried(random: Random, { family, payload }: Sample): string {
  if (payload.kind === 'other') return `${not(random)}-p ${random.pick([payload.protocol, 50, 253])}`
  if (payload.kind === 'icmp') {
    const name = family === 'v4' ? 'icmp' : 'ipv6-icmp'
    const { type, code } = payload
    const asked = random.pick([`${type}`, `${type}/${code}`, `${type}/${code + 1}`, `${type + 1}`])
    return `-p ${name} -m ${family === 'v4' ? 'icmp' : 'icmp6'} ${not(random)}--${family === 'v4' ? 'icmp' : 'icmpv6'}-type ${asked}`
  }
  const { kind, sourcePort, destinationPort } = payload
  const one = random.chance(0.5)
  const [option, at] = random.chance(0.6) ? ['dport', destinationPort] : ['sport', sourcePort]
  const first = portAbout(random, at)
  if (kind === 'tcp' && random.chance(0.25))
    return `-p tcp -m tcp ${not(random)}--tcp-flags ${flagsAbout(random, payload.flags)}`
  if (one) return `-p ${kind} -m ${kind} ${not(random)}--${option} ${first}`
  const either = random.chance(0.3)
  return `-p ${kind} -m multiport ${not(random)}--${either ? 'ports' : `${option}s`} ${random.pick([7, '7:9'])},${first}`
}

const portAbout = (random: Random, port: number): string => {
  const [below, above] = [Math.max(0, port - 1), Math.min(65_535, port + 1)]
  return random.pick([
    `${port}`,
    `${port}`,
    `${below}:${port}`,
    `${port}:${above}`,
    `0:${below}`,
    `${above}:65535`,
    `${above}`,
  ])
}

function flagsAbout(random: Random, flags: readonly string[]): string {
  const set = flags.join(',') || 'NONE'
  return random.pick([
    `FIN,SYN,RST,ACK ${flags.filter((flag) => flag !== 'PSH').join(',') || 'NONE'}`,
    `${flags[0] ?? 'ACK'} ${flags[0] ?? 'NONE'}`,
    `FIN,SYN,RST,PSH,ACK,URG ${set}`,
    'SYN,ACK ACK',
    'FIN,SYN,RST,ACK SYN',
  ])
}
