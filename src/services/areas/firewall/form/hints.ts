import { ADDRESS_BITS, familyOf, readAddress } from '../../../model/addresses.ts'
import type { ChainRef, Family, FirewallFacts, RuleSet } from '../../../model/firewall.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { protocolNumber, WITH_PORTS } from '../walk/protocols.ts'
import { type FieldId, fieldOfOption } from './fields.ts'

/** What the form knows of the place a rule is for. */
export type FormPlace = Pick<FirewallFacts, 'network' | 'portNames'> & {
  readonly at: ChainRef
  readonly ruleSet: RuleSet
  /** The protocol of the rule as far as it is typed, or the empty string. */
  readonly protocol: string
  /** The operator's own address, to limit a rule to. */
  readonly clientAddress: string
  /** Ports that listen on the host, by protocol and port (`tcp/80`), with who does. */
  readonly listeners: ReadonlyMap<string, Safe>
}

const PROTOCOLS = ['tcp', 'udp', 'icmp', 'ipv6-icmp', 'esp', 'ah', 'sctp', 'gre', 'all'] as const
const TARGETS = ['ACCEPT', 'DROP', 'REJECT', 'LOG', 'RETURN'] as const
const NAT_TARGETS = ['ACCEPT', 'DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT', 'RETURN'] as const
const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'SNAT', 'DNAT'] as const
const RATE = /^\d+\/(?:s(?:ec(?:ond)?)?|m(?:in(?:ute)?)?|h(?:our)?|d(?:ay)?)(?:\s+(?:burst\s+)?\d+)?$/
/** Chains through which packets come that have no interface to leave, or to come in by. */
const NO_OUT: ReadonlySet<string> = new Set(['INPUT', 'PREROUTING'])
const NO_IN: ReadonlySet<string> = new Set(['OUTPUT', 'POSTROUTING'])
const OPTION_WORDS = [
  ...['-p', '-s', '-d', '-i', '-o', '-j', '-m', '--dport', '--sport', '--dports', '--ctstate', '--limit'],
  ...['--limit-burst', '--comment', '--icmp-type', '--reject-with', '--log-prefix', '--to-destination'],
] as const

/** What is wrong with a field as far as can be told here; null when nothing is. iptables on the server has the last word. */
export function judgeField(field: FieldId, value: string, place: FormPlace): Safe | null {
  const plain = value.replace(/^!\s*/, '').trim()
  if (plain === '') return null
  switch (field) {
    case 'protocol':
      return plain === 'all' || protocolNumber(plain) !== null ? null : say`not a protocol`
    case 'dport':
    case 'sport':
      return judgePorts(plain, place)
    case 'source':
    case 'destination':
      return judgeAddress(plain, place.at.family)
    case 'in':
      return NO_IN.has(place.at.chain)
        ? say`packets of ${safe(place.at.chain)} come in nowhere`
        : judgeInterface(plain, place)
    case 'out':
      return NO_OUT.has(place.at.chain)
        ? say`packets of ${safe(place.at.chain)} go out nowhere`
        : judgeInterface(plain, place)
    case 'state': {
      const unknown = plain
        .toUpperCase()
        .split(/[\s,]+/)
        .find((word) => !STATES.includes(word as never))
      return unknown === undefined ? null : say`${safe(unknown, 20)} is no state`
    }
    case 'limit':
      return RATE.test(plain) ? null : say`such as 10/min, or 10/min burst 20`
    case 'comment':
      return Buffer.byteLength(value) <= 255 ? null : say`longer than 255 bytes`
    case 'target':
      return judgeTarget(plain, place)
  }
}

function judgePorts(text: string, { portNames, protocol }: FormPlace): Safe | null {
  if (!WITH_PORTS.has(protocolNumber(protocol) ?? -1)) return say`ports need protocol tcp or udp`
  const ports = text.split(',').map((one) => one.trim())
  if (ports.length > 15) return say`at most 15 ports in one rule`
  for (const port of ports) {
    const ends = port.split(':')
    const numbers = ends.map((end) => (end === '' ? 0 : numberOf(end, protocol, portNames)))
    if (ends.length > 2 || numbers.includes(null)) return say`${safe(port, 20)} is no port`
    if (ends.length === 2 && ends[1] !== '' && (numbers[0] ?? 0) > (numbers[1] ?? 0))
      return say`${safe(port, 20)} runs backwards`
  }
  return null
}

function numberOf(word: string, protocol: string, names: FormPlace['portNames']): number | null {
  if (/^\d+$/.test(word)) return Number(word) < 65_536 ? Number(word) : null
  for (const [key, name] of names) if (name === word && key.startsWith(`${protocol}/`)) return Number(key.split('/')[1])
  return null
}

function judgeAddress(text: string, family: Family): Safe | null {
  const [address = '', prefix, ...more] = text.split('/')
  const read = readAddress(address)
  if (read === null) return say`not an IP address`
  if ((typeof read === 'number') !== (family === 'v4')) return say`an address of the other family`
  const most = ADDRESS_BITS[family]
  const right = prefix === undefined || (/^\d+$/.test(prefix) ? Number(prefix) <= most : readAddress(prefix) !== null)
  return right && more.length === 0 ? null : say`/${safe(prefix ?? '', 20)} is no length of a prefix`
}

function judgeInterface(text: string, { network }: FormPlace): Safe | null {
  if (Buffer.byteLength(text) > 15 || /[\s/]/.test(text)) return say`not a name for an interface`
  const known = network.interfaces.map(({ name }) => name)
  const there = text.endsWith('+') ? known.some((name) => name.startsWith(text.slice(0, -1))) : known.includes(text)
  return there || known.length === 0 ? null : say`no such interface now`
}

function judgeTarget(text: string, { at, ruleSet }: FormPlace): Safe | null {
  const name = text.replace(/^-g\s+/, '').split(/\s/)[0] ?? ''
  if (name === at.chain) return say`a chain can't jump into itself`
  if (/^[A-Z][A-Z0-9]+$/.test(name)) return null
  return chainsOf(ruleSet, at).includes(name) ? null : say`no such target or chain`
}

const chainsOf = (ruleSet: RuleSet, { table, chain }: ChainRef): readonly string[] =>
  (ruleSet.tables.find((one) => one.name === table)?.chains ?? [])
    .filter((one) => one.policy === null && one.name !== chain)
    .map((one) => one.name)

/** What a field may hold here, the likeliest first, as far as it begins with what is typed. */
export function candidates(field: FieldId, typed: string, place: FormPlace): readonly string[] {
  const plain = typed.replace(/^!\s*/, '')
  const list = /^(dport|sport|state)$/.test(field) ? plain.lastIndexOf(',') + 1 : 0
  const word = plain.slice(list).trim()
  const before = typed.slice(0, typed.length - plain.length) + plain.slice(0, list)
  return [...new Set(allOf(field, place))]
    .filter((one) => one.toLowerCase().startsWith(word.toLowerCase()) && one !== word)
    .map((one) => before + one)
}

function allOf(
  field: FieldId,
  { at, network, portNames, protocol, listeners, clientAddress, ruleSet }: FormPlace,
): readonly string[] {
  const port = (key: string): string => portNames.get(key) ?? (key.split('/')[1] as string)
  const mine = (address: string): boolean => familyOf(address) === at.family
  switch (field) {
    case 'protocol':
      return PROTOCOLS.filter((one) => one !== (at.family === 'v4' ? 'ipv6-icmp' : 'icmp'))
    case 'dport':
    case 'sport':
      return [...listeners.keys(), ...portNames.keys()].filter((key) => key.startsWith(`${protocol}/`)).map(port)
    case 'source':
      return mine(clientAddress) ? [clientAddress, ...networksOf(network, at.family)] : networksOf(network, at.family)
    case 'destination':
      return network.interfaces.flatMap((one) => one.addresses.map(({ address }) => address)).filter(mine)
    case 'in':
      return NO_IN.has(at.chain) ? [] : network.interfaces.map(({ name }) => name)
    case 'out':
      return NO_OUT.has(at.chain) ? [] : network.interfaces.map(({ name }) => name)
    case 'state':
      return ['NEW', 'RELATED,ESTABLISHED', ...STATES]
    case 'limit':
      return ['10/min burst 20', '5/sec burst 10', '100/hour']
    case 'comment':
      return []
    case 'target':
      return [...(at.table === 'nat' ? NAT_TARGETS : TARGETS), ...chainsOf(ruleSet, at)]
  }
}

const networksOf = (network: FormPlace['network'], family: Family): readonly string[] =>
  network.interfaces
    .filter(({ name }) => name !== 'lo')
    .flatMap((one) => one.addresses.filter((address) => address.family === family))
    .map(({ address, prefix }) => `${address}/${prefix}`)

/**
 * What the word under the cursor of a line may become: an option's value where one stands before it, else an option.
 * `from` is where that word begins.
 */
export function lineCandidates(
  line: string,
  cursor: number,
  place: FormPlace,
): { readonly from: number; readonly words: readonly string[] } {
  const typed = line.slice(0, cursor)
  const from = typed.lastIndexOf(' ') + 1
  const word = typed.slice(from)
  const before = typed.slice(0, from).trim().split(/\s+/)
  const option = before.at(-1) === '!' ? before.at(-2) : before.at(-1)
  const field = word.startsWith('-') ? null : fieldOfOption(option ?? '')
  // Values with spaces in them are for the form.
  if (field) return { from, words: candidates(field, word, place).filter((one) => !one.includes(' ')) }
  if (option === '-m') return { from, words: MODULES.filter((one) => one.startsWith(word) && one !== word) }
  return { from, words: OPTION_WORDS.filter((one) => one.startsWith(word) && one !== word) }
}

const MODULES = [
  'conntrack',
  'limit',
  'comment',
  'multiport',
  'hashlimit',
  'recent',
  'iprange',
  'set',
  'tcp',
  'udp',
  'icmp',
]
