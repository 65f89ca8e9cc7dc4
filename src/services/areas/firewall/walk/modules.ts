import { type Answer, fixed } from './answer.ts'
import { ofConnection } from './conntrack-matches.ts'
import { DCCP, ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE, V6_EXTENSIONS, WITH_PORTS } from './protocols.ts'
import { type GroupTest, ofConnlimit, ofHashlimit, ofHeaders, ofLimit, ofRecent } from './rate-matches.ts'
import type { View } from './view.ts'

/** What naming a match (`-m`) asks by itself. */
type Module = (view: View) => Answer

const names = (text: string, module: Module): readonly (readonly [string, Module])[] =>
  text.split(' ').map((name) => [name, module])

/** Decides nothing itself: its options do. */
const plain: Module = () => 'yes'

/** Never matches a packet of another protocol. */
const only =
  (...protocols: readonly number[]): Module =>
  ({ protocol }) =>
    protocol === null ? 'maybe' : fixed(protocols.includes(protocol))

/** A header that no ordinary packet has: without it nothing matches, whatever the options say, negated or not. */
const absent: Module = ({ family, protocol }) =>
  family === 'v6' && (protocol === null || V6_EXTENSIONS.has(protocol)) ? 'maybe' : 'no'

/** Who listens for multicast says so in a packet with hop-by-hop options (RFC 3810, 5). */
const LISTENERS: ReadonlySet<number> = new Set([130, 131, 132, 143])
const hopByHop: Module = (view) =>
  view.protocol === ICMPV6 && LISTENERS.has(view.icmp.type ?? 130) ? 'maybe' : absent(view)

/** Matches by name; every other makes the answer `maybe`. */
export const MODULES: ReadonlyMap<string, Module> = new Map([
  ...names('comment conntrack state iprange addrtype mark connmark pkttype length helper', plain),
  ...names('limit hashlimit recent connlimit ipv6header set', plain),
  ...names('tcp', only(TCP)),
  ...names('udp', only(UDP, UDPLITE)),
  ...names('udplite', only(UDPLITE)),
  ...names('sctp', only(SCTP)),
  ...names('dccp', only(DCCP)),
  ...names('icmp', only(ICMP)),
  ...names('icmp6 icmpv6', only(ICMPV6)),
  ...names('multiport', only(...WITH_PORTS)),
  ...names('esp', only(50)),
  ...names('ipcomp', only(108)),
  ...names('mh', only(135)),
  ...names('rt frag dst', absent),
  ...names('hbh', hopByHop),
  ['ah', (view: View) => (view.family === 'v6' ? absent(view) : only(51)(view))],
])

/** A match whose options are judged together, with how many words each of them takes. */
export type Group = { readonly options: ReadonlyMap<string, number>; readonly test: GroupTest }

const group = (test: GroupTest, one: string, none = ''): Group => ({
  options: new Map([...words(one, 1), ...words(none, 0)]),
  test,
})
const words = (text: string, count: number): readonly (readonly [string, number])[] =>
  text === '' ? [] : text.split(' ').map((name) => [name, count])

/** conntrack, and state, which is short for it. */
export const CONNECTION: Group = group(
  (conditions, view) => (conditions.length === 0 ? 'yes' : ofConnection(conditions, view)),
  '--ctstate --state --ctproto --ctorigsrc --ctorigdst --ctorigsrcport --ctorigdstport --ctdir --ctreplsrc ' +
    '--ctrepldst --ctreplsrcport --ctrepldstport --ctstatus --ctexpire',
)

/** iptables-extensions(8) has the options. */
export const GROUPS: ReadonlyMap<string, Group> = new Map([
  ['conntrack', CONNECTION],
  ['state', CONNECTION],
  ['limit', group(ofLimit, '--limit --limit-burst')],
  [
    'hashlimit',
    group(
      ofHashlimit,
      '--hashlimit --hashlimit-upto --hashlimit-above --hashlimit-burst --hashlimit-mode --hashlimit-name ' +
        '--hashlimit-srcmask --hashlimit-dstmask --hashlimit-htable-size --hashlimit-htable-max ' +
        '--hashlimit-htable-expire --hashlimit-htable-gcinterval --hashlimit-rate-interval',
      '--hashlimit-rate-match',
    ),
  ],
  [
    'recent',
    group(
      ofRecent,
      '--name --seconds --hitcount --mask',
      '--set --rcheck --update --remove --rsource --rdest --rttl --reap',
    ),
  ],
  [
    'connlimit',
    group(ofConnlimit, '--connlimit-above --connlimit-upto --connlimit-mask', '--connlimit-saddr --connlimit-daddr'),
  ],
  ['ipv6header', group(ofHeaders, '--header', '--soft')],
])
