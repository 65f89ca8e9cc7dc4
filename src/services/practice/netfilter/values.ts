import ipaddr from 'ipaddr.js'
import { ADDRESS_BITS, type Family } from '../../model/addresses.ts'
import { Refusal } from './refusal.ts'

/** Protocols by name and number, as far as a practice server meets them (protocols(5)). */
const PROTOCOLS: readonly (readonly [name: string, number: number])[] = [
  ['icmp', 1],
  ['igmp', 2],
  ['tcp', 6],
  ['udp', 17],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-icmp', 58],
  ['ospf', 89],
  ['sctp', 132],
  ['udplite', 136],
]

/** services(5), those that people write by name. */
const SERVICES: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  https: 443,
  submission: 587,
  imaps: 993,
  pop3s: 995,
  mysql: 3306,
  postgresql: 5432,
  mdns: 5353,
}

/** A protocol as iptables-save prints it; null for `all`, which it leaves out. */
export function protocolName(word: string): string | null {
  const lower = word.toLowerCase()
  if (lower === 'all' || lower === '0') return null
  if (lower === 'icmpv6') return 'ipv6-icmp'
  const found = PROTOCOLS.find(([name, number]) => name === lower || String(number) === lower)
  if (found) return found[0]
  if (/^\d{1,3}$/.test(word) && Number(word) < 256) return word
  throw new Refusal('usage', `unknown protocol "${word}" specified`)
}

function port(word: string): number {
  const number = /^\d+$/.test(word) ? Number(word) : SERVICES[word]
  if (number === undefined || number > 65535) throw new Refusal('usage', `invalid port/service \`${word}' specified`)
  return number
}

/** `22`, `ssh`, `20:30`, `1024:`, `:1023` */
export function portRange(word: string): string {
  const [from, to] = word.split(':') as [string, string?]
  if (to === undefined) return String(port(from))
  const [low, high] = [from === '' ? 0 : port(from), to === '' ? 65535 : port(to)]
  if (low > high) throw new Refusal('usage', 'invalid portrange (min > max)')
  return low === high ? String(low) : `${low}:${high}`
}

/** What `-m multiport` takes: its ranges have two ends. */
export const portList = (word: string): string =>
  word
    .split(',')
    .map((range) => range.split(':').map(port).join(':'))
    .join(',')

const ANY_NETWORK = new Set(['0.0.0.0/0', '::/0'])

/** The networks of a comma list, host bits cleared, as `-s` and `-d` print them; null stands for all addresses. */
export const networks = (family: Family, list: string): readonly (string | null)[] =>
  list.split(',').map((word) => {
    const text = network(family, word)
    return ANY_NETWORK.has(text) ? null : text
  })

function network(family: Family, word: string): string {
  const [host = '', mask] = word.split('/')
  // Parts that are left out at the end are zeros: `10/8`.
  const whole =
    family === 'v4' && /^\d+(\.\d+){0,2}$/.test(host) ? `${host}.0.0.0`.split('.').slice(0, 4).join('.') : host
  const valid = family === 'v4' ? ipaddr.IPv4.isValidFourPartDecimal(whole) : ipaddr.IPv6.isValid(whole)
  if (!valid) throw new Refusal('usage', `host/network \`${host}' not found`)
  const full = ADDRESS_BITS[family]
  const bits = mask === undefined ? full : prefixLength(mask, full)
  const bytes = ipaddr
    .parse(whole)
    .toByteArray()
    .map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff)
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`
}

function prefixLength(mask: string, full: number): number {
  if (/^\d+$/.test(mask) && Number(mask) <= full) return Number(mask)
  const dotted = ipaddr.IPv4.isValidFourPartDecimal(mask) ? ipaddr.IPv4.parse(mask).prefixLengthFromSubnetMask() : null
  if (dotted === null) throw new Refusal('usage', `invalid mask \`${mask}' specified`)
  return dotted
}

/** States in the order in which the kernel's words come out. */
export const inOrder =
  (order: readonly string[], what: string) =>
  (word: string): string => {
    const given = word.toUpperCase().split(',')
    const unknown = given.find((one) => !order.includes(one))
    if (unknown !== undefined) throw new Refusal('usage', `Bad ${what} "${unknown}"`)
    return order.filter((one) => given.includes(one)).join(',')
  }

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']

/** A list of TCP flags in the order in which they are printed. */
export function tcpFlags(word: string): string {
  if (word === 'ALL') return FLAGS.join(',')
  if (word === 'NONE') return 'NONE'
  const given = word.split(',')
  const unknown = given.find((one) => !FLAGS.includes(one))
  if (unknown !== undefined) throw new Refusal('usage', `Unknown TCP flag \`${unknown}'`)
  return FLAGS.filter((one) => given.includes(one)).join(',')
}

const SCALE = 10_000
const UNITS: readonly (readonly [name: string, cost: number])[] = [
  ['day', 86_400 * SCALE],
  ['hour', 3_600 * SCALE],
  ['min', 60 * SCALE],
  ['sec', SCALE],
]

/** `60/minute` is `1/sec`: the kernel keeps the cost of one packet, and it is printed in the smallest unit that fits. */
export function rate(word: string): string {
  const match = /^(\d+)(?:\/([a-z]+))?$/.exec(word)
  const unit = UNITS.find(([name]) => (match?.[2] ?? 'sec').startsWith(name[0] as string))
  if (!match || !unit || Number(match[1]) === 0) throw new Refusal('usage', `bad rate "${word}"`)
  const period = Math.floor(unit[1] / Number(match[1]))
  const tooSmall = UNITS.findIndex(
    ([, cost], i) => i > 0 && (period > cost || Math.floor(cost / period) < cost % period),
  )
  const [name, cost] = UNITS.at(tooSmall < 0 ? -1 : tooSmall - 1) as readonly [string, number]
  return `${Math.floor(cost / period)}/${name}`
}

/** `1`, `0x1/0xff` as hexadecimal; `set` writes the mask that `--set-mark` implies. */
export function mark(word: string, set = false): string {
  const [value, mask] = word.split('/')
  if (![value, mask ?? '0'].every((one) => /^(?:0x[0-9a-f]+|\d+)$/i.test(one ?? '')))
    throw new Refusal('usage', `bad mark value "${word}"`)
  const hex = (one: string): string => `0x${Number(one).toString(16)}`
  return mask === undefined
    ? `${hex(value as string)}${set ? '/0xffffffff' : ''}`
    : `${hex(value as string)}/${hex(mask)}`
}
