import { inNetwork, ofType, onDevice } from '../walk/address-matches.ts'
import { inRange } from '../walk/addresses.ts'
import { type Answer, agreed, both, fixed } from '../walk/answer.ts'
import { DCCP, ICMP, ICMPV6, protocolNumber, SCTP, TCP, UDP, UDPLITE, WITH_PORTS } from '../walk/protocols.ts'
import { ofProtocol, portIn } from '../walk/transport-matches.ts'
import type { View } from '../walk/view.ts'
import { icmpNumber } from './icmp-names.ts'

/** What a match of nft(8) looks at, and how its values are compared; a range is included at both ends. */
export type Field = {
  /** Whether a packet has such a thing at all: without it a rule matches neither by `==` nor by `!=`. */
  readonly has: (view: View) => Answer
  readonly is: (value: string, view: View, negated: boolean) => Answer
  readonly within: (from: string, to: string, view: View) => Answer
}

const always = (): Answer => 'yes'
const unseen = (): Answer => 'maybe'

const field = (has: Field['has'], is: Field['is'], within: Field['within'] = unseen): Field => ({ has, is, within })

const ofFamily =
  (family: View['family']): Field['has'] =>
  (view) =>
    fixed(view.family === family)

const ofNumber =
  (...numbers: readonly number[]): Field['has'] =>
  ({ protocol }) =>
    protocol === null ? 'maybe' : fixed(numbers.includes(protocol))

const address = (family: View['family'], side: 'source' | 'destination'): Field =>
  field(
    ofFamily(family),
    (value, view) => inNetwork(side)(value, view, false, []),
    (from, to, view) => inRange(`${from}-${to}`, view[side]),
  )

const port = (has: Field['has'], side: 'sourcePort' | 'destinationPort'): Field =>
  field(
    has,
    (value, view) => portIn(value, view[side]),
    (from, to, view) => portIn(`${from}:${to}`, view[side]),
  )

/** `0` would be every protocol to iptables, and is one to nft. */
const protocol = (has: Field['has']): Field =>
  field(has, (value, view) => (protocolNumber(value) ? ofProtocol(value, view, false, []) : 'maybe'))

const device = (side: 'inDevice' | 'outDevice'): Field =>
  field(always, (value, view, negated) => {
    // Another escape, and a plus, are part of a name here; `eth*` is what iptables writes as `eth+`.
    if (/[+\\]|\*./.test(value)) return 'maybe'
    return onDevice(side)(value.replace(/\*$/, '+'), view, negated, [])
  })

const icmp = (protocolOf: 'icmp' | 'icmpv6', part: 'type' | 'code'): Field => {
  const number = protocolOf === 'icmp' ? ICMP : ICMPV6
  const family = ofFamily(protocolOf === 'icmp' ? 'v4' : 'v6')
  const between = (from: string, to: string, view: View): Answer => {
    const [first, last, seen] = [icmpNumber(protocolOf, part, from), icmpNumber(protocolOf, part, to), view.icmp[part]]
    return first === null || last === null || seen === null ? 'maybe' : fixed(seen >= first && seen <= last)
  }
  return field(
    (view) => both(family(view), ofNumber(number)(view)),
    (value, view) => between(value, value, view),
    between,
  )
}

const familyNamed = (names: Readonly<Record<string, View['family']>>): Field =>
  field(always, (value, view) => (Object.hasOwn(names, value) ? fixed(names[value] === view.family) : 'maybe'))

/** In conntrack's words; a packet that it does not know is invalid here too. */
const ctState = field(always, (value, { states }) =>
  agreed(states.map((state) => fixed(state.toLowerCase() === value))),
)

const ctDirection = field(
  ({ states }) => agreed(states.map((state) => fixed(state !== 'INVALID' && state !== 'UNTRACKED'))),
  (value, { reply }) =>
    reply === null || !/^(original|reply)$/.test(value) ? 'maybe' : fixed((value === 'reply') === reply),
)

/** Of a first packet it is known whether its destination was translated on its way here. */
const ctStatus = field(always, (value, { states, translated }) =>
  value === 'dnat' && states.length === 1 && states[0] === 'NEW' ? translated : 'maybe',
)

const routeType = (side: 'source' | 'destination'): Field =>
  field(always, (value, view) => ofType(side)(value.toUpperCase(), view, false, []))

/** By the words that they have in libnftables-json(5): payload, meta, ct, fib. */
export const FIELDS: ReadonlyMap<string, Field> = new Map([
  ['ip saddr', address('v4', 'source')],
  ['ip daddr', address('v4', 'destination')],
  ['ip6 saddr', address('v6', 'source')],
  ['ip6 daddr', address('v6', 'destination')],
  ['ip protocol', protocol(ofFamily('v4'))],
  ['ip6 nexthdr', protocol(ofFamily('v6'))],
  ['meta l4proto', protocol(always)],
  ...portsOf('tcp', ofNumber(TCP)),
  ...portsOf('udp', ofNumber(UDP)),
  ...portsOf('sctp', ofNumber(SCTP)),
  ...portsOf('dccp', ofNumber(DCCP)),
  ...portsOf('udplite', ofNumber(UDPLITE)),
  // Whatever has no ports has something else in their place.
  ...portsOf('th', ({ protocol: number }) => (number !== null && WITH_PORTS.has(number) ? 'yes' : 'maybe')),
  ['icmp type', icmp('icmp', 'type')],
  ['icmp code', icmp('icmp', 'code')],
  ['icmpv6 type', icmp('icmpv6', 'type')],
  ['icmpv6 code', icmp('icmpv6', 'code')],
  ['meta iif', device('inDevice')],
  ['meta iifname', device('inDevice')],
  ['meta oif', device('outDevice')],
  ['meta oifname', device('outDevice')],
  ['meta nfproto', familyNamed({ ipv4: 'v4', ipv6: 'v6' })],
  ['meta protocol', familyNamed({ ip: 'v4', ip6: 'v6' })],
  ['ct state', ctState],
  ['ct direction', ctDirection],
  ['ct status', ctStatus],
  ['fib type saddr', routeType('source')],
  ['fib type daddr', routeType('destination')],
])

function portsOf(name: string, has: Field['has']): readonly (readonly [string, Field])[] {
  return [
    [`${name} sport`, port(has, 'sourcePort')],
    [`${name} dport`, port(has, 'destinationPort')],
  ]
}
