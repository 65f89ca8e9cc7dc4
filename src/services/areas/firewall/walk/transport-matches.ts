import { type Answer, anyOf, fixed } from './answer.ts'
import { icmpType } from './icmp-types.ts'
import type { TcpFlag } from './packet.ts'
import { protocolNumber, TCP, V6_EXTENSIONS, WITH_PORTS } from './protocols.ts'
import type { Test } from './rule-test.ts'
import { ALL_FLAGS, FLAG_BITS, type View } from './view.ts'

/** `-p`: a name or a number; 0 and `all` are every protocol. */
export const ofProtocol: Test = (value, view) => {
  const number = value === 'all' ? 0 : protocolNumber(value)
  if (number === 0) return 'yes'
  if (number === null || view.protocol === null) return 'maybe'
  if (view.family === 'v6' && V6_EXTENSIONS.has(view.protocol)) return 'maybe'
  return fixed(number === view.protocol)
}

/** `-f`, the second fragment and later ones: packets are looked at whole. */
export const isFragment: Test = () => 'no'

type Side = 'sourcePort' | 'destinationPort'

/** `--sports`, `--dports`, `--ports`: numbers and ranges with commas between them; one of the sides named must fit. */
export const onPorts =
  (...sides: readonly Side[]): Test =>
  (value, view) => {
    if (view.protocol === null) return 'maybe'
    return WITH_PORTS.has(view.protocol) ? anyOf(sides.map((side) => portIn(value, view[side]))) : 'no'
  }

/** `--sport`, `--dport`: a number or a range. */
export const onPort =
  (side: Side): Test =>
  (value, view, negated, words) => {
    if (view.protocol === null) return 'maybe'
    if (!WITH_PORTS.has(view.protocol)) return 'no'
    const answer = portIn(value, view[side])
    return negated && answer === 'yes' && !bothFit(words, view) ? 'maybe' : answer
  }

/**
 * iptables-nft up to 1.8.10 makes a single comparison of `! --sport N ! --dport M`, so that a packet matches unless
 * both are met, where legacy and later releases want neither. Says whether it comes to the same for this packet.
 */
function bothFit(words: readonly string[], view: View): boolean {
  const other = (name: string) => {
    const at = words.indexOf(name)
    return at > 0 && words[at - 1] === '!' ? (words[at + 1] ?? '') : null
  }
  const [source, destination] = [other('--sport'), other('--dport')]
  if (source === null || destination === null) return true
  return portIn(source, view.sourcePort) === 'yes' && portIn(destination, view.destinationPort) === 'yes'
}

/** Whether a port is in a list of ranges such as `22,80:90`. Names of services are not looked up. */
export function portIn(list: string, port: number | null): Answer {
  return list.includes(',') ? anyOf(list.split(',').map((range) => inRange(range, port))) : inRange(list, port)
}

function inRange(range: string, port: number | null): Answer {
  const colon = range.indexOf(':')
  const first = readPort(colon < 0 ? range : range.slice(0, colon) || '0')
  const last = colon < 0 ? first : readPort(range.slice(colon + 1) || '65535')
  if (first === null || last === null) return 'maybe'
  if (port === null) return first === 0 && last === 65535 ? 'yes' : 'maybe'
  return fixed(port >= first && port <= last)
}

const readPort = (text: string): number | null => (/^\d{1,5}$/.test(text) ? Number(text) : null)

/** `--tcp-flags MASK SET`: of the flags in MASK exactly those in SET are set. */
export const withFlags: Test = (value, view) => {
  const [mask = null, set = null] = value.split(' ').map(readFlags)
  if (mask === null || set === null || view.protocol === null) return 'maybe'
  if (view.protocol !== TCP) return 'no'
  const { flags } = view
  if ((set & ~mask) !== 0 || ((flags.set ^ set) & mask & flags.known) !== 0) return 'no'
  return (mask & ~flags.known) === 0 ? 'yes' : 'maybe'
}

/** `--syn` is short for this. */
export const isSyn: Test = (_value, view, negated, words) => withFlags('FIN,SYN,RST,ACK SYN', view, negated, words)

function readFlags(text: string): number | null {
  if (text === 'ALL') return ALL_FLAGS
  if (text === 'NONE') return 0
  const names = text.split(',')
  if (!names.every((name) => Object.hasOwn(FLAG_BITS, name))) return null
  return names.reduce((all, name) => all | FLAG_BITS[name as TcpFlag], 0)
}

/** `--icmp-type`, `--icmpv6-type`: a name, a type, or TYPE/CODE. */
export const ofIcmpType =
  (protocol: 'icmp' | 'icmpv6'): Test =>
  (value, view) => {
    if (view.protocol === null) return 'maybe'
    if (view.protocol !== protocolNumber(protocol)) return 'no'
    const wanted = icmpType(protocol, value)
    if (wanted === 'any') return 'yes'
    const { type, code } = view.icmp
    if (wanted === null || type === null) return 'maybe'
    if (type !== wanted.type) return 'no'
    if (wanted.code === null) return 'yes'
    return code === null ? 'maybe' : fixed(code === wanted.code)
  }
