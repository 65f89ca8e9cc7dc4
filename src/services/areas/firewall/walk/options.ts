import { inAddressRange, inNetwork, ofType, onDevice } from './address-matches.ts'
import { fixed } from './answer.ts'
import { ofConnectionMark, ofFrame, ofHelper, ofLength, ofMark } from './meta-matches.ts'
import type { Test } from './rule-test.ts'
import { inSet } from './set-matches.ts'
import { isFragment, isSyn, ofIcmpType, ofProtocol, onPort, onPorts, withFlags } from './transport-matches.ts'

/** An option with how many words it takes, and what it asks of a packet. */
export type Option = { readonly words: number; readonly test: Test }

const option = (names: string, test: Test, words = 1): readonly (readonly [string, Option])[] =>
  names.split(' ').map((name) => [name, { words, test }])

const certain: Test = () => 'yes'
const unseen: Test = () => 'maybe'
const whicheverWay: Test = (_value, _view, negated) => fixed(!negated)

/**
 * Options that decide a match, and ones that take a text as their value, which may look like an option itself.
 * One that two matches share has its match before it. Everything else makes the answer `maybe`. See iptables(8), PARAMETERS, and iptables-extensions(8).
 */
export const OPTIONS: ReadonlyMap<string, Option> = new Map([
  ...option('-p --protocol', ofProtocol),
  // Of -m policy it is the protocol of the tunnel.
  ...option('--proto', (value, view, negated, words) =>
    words.includes('policy') ? 'maybe' : ofProtocol(value, view, negated, words),
  ),
  ...option('-s --source --src', inNetwork('source')),
  ...option('-d --destination --dst', inNetwork('destination')),
  ...option('-i --in-interface', onDevice('inDevice')),
  ...option('-o --out-interface', onDevice('outDevice')),
  ...option('-f --fragment', isFragment, 0),
  ...option('--sport --source-port', onPort('sourcePort')),
  ...option('--dport --destination-port', onPort('destinationPort')),
  ...option('--sports --source-ports', onPorts('sourcePort')),
  ...option('--dports --destination-ports', onPorts('destinationPort')),
  ...option('--ports', onPorts('sourcePort', 'destinationPort')),
  ...option('--tcp-flags', withFlags, 2),
  ...option('--syn', isSyn, 0),
  ...option('--icmp-type', ofIcmpType('icmp')),
  ...option('--icmpv6-type', ofIcmpType('icmpv6')),
  ...option('--src-range', inAddressRange('source')),
  ...option('--dst-range', inAddressRange('destination')),
  ...option('--src-type', ofType('source')),
  ...option('--dst-type', ofType('destination')),
  ...option('mark:--mark', ofMark),
  ...option('connmark:--mark', ofConnectionMark),
  ...option('--pkt-type', ofFrame),
  ...option('--length', ofLength),
  ...option('--helper', ofHelper),
  ...option('--limit-iface-in --limit-iface-out', certain, 0),
  ...option('--comment', certain),
  ...option('--match-set', inSet, 2),
  // Prints itself negated, and counts or does not.
  ...option('--update-counters --update-subcounters', whicheverWay, 0),
  ...option('--string --hex-string --name --hashlimit-name --label --bytecode --object-pinned', unseen),
  ...option('--path --nfacct-name --genre --uid-owner --gid-owner --physdev-in --physdev-out --u32', unseen),
  ...option('--rateest --rateest1 --rateest2 --src-group --dst-group --realm --cluster-hash-seed', unseen),
])
