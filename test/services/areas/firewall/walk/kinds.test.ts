// What a rule asks of the kind of a packet: addresses, marks, lengths, rates.
import { describe, expect, test } from 'vitest'
import { contains, edgesOf, inRange } from '../../../../../src/services/areas/firewall/walk/addresses.ts'
import { matchRule } from '../../../../../src/services/areas/firewall/walk/match.ts'
import {
  type Burst,
  firstState,
  type Known,
  NOTHING_KNOWN,
  type Packet,
} from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { viewOf } from '../../../../../src/services/areas/firewall/walk/view.ts'
import { type Address, inPrefix, readAddress } from '../../../../../src/services/model/addresses.ts'

const login: Packet = {
  protocol: 'tcp',
  source: '198.51.100.20',
  sourcePort: 50_022,
  destination: '192.0.2.10',
  destinationPort: 22,
  inInterface: 'eth0',
  outInterface: null,
  state: 'NEW',
}
const LAN: Known = {
  localAddresses: ['127.0.0.1', '192.0.2.10', '203.0.113.1'],
  localNetworks: ['127.0.0.1/8', '192.0.2.10/24', '203.0.113.1/29'],
}
type Asks = { readonly known?: Known; readonly family?: 'v4' | 'v6'; readonly direction?: 'in' | 'out' | 'forward' }
type Row = readonly [rule: string, answer: string, over?: Partial<Packet>, asks?: Asks]

const matches = (rule: string, over: Partial<Packet> = {}, { known, family, direction }: Asks = {}) =>
  matchRule(`${rule} -j X`, viewOf({ ...login, ...over }, direction ?? 'in', family ?? 'v4', known ?? NOTHING_KNOWN))
    .matches

function all(rows: readonly Row[]): void {
  for (const [rule, answer, over, asks] of rows)
    test(`${rule} is ${answer} for ${JSON.stringify({ ...over, ...asks })}`, () =>
      expect(matches(rule, over, asks)).toBe(answer))
}

describe('networks', () => {
  const at = (text: string) => readAddress(text)
  test.each([
    ['/24', '192.0.2.1', 'maybe'],
    ['192.0.2.0/', '192.0.2.1', 'maybe'],
    ['192.0.2.0/24', '192.0.2.1', 'yes'],
    ['192.0.2.0/24', '192.0.3.1', 'no'],
    ['192.0.2.0/0', '203.0.113.1', 'yes'],
    ['192.0.2.0/32', '192.0.2.0', 'yes'],
    ['192.0.2.0/33', '192.0.2.0', 'maybe'],
    ['192.0.2.0/ffff::', '192.0.2.0', 'maybe'],
    ['2001:db8::/255.0.0.0', '2001:db8::1', 'maybe'],
    ['2001:db8::/128', '2001:db8::', 'yes'],
    ['2001:db8::/128', '2001:db8::1', 'no'],
    ['2001:db8::/0', 'fe80::1', 'yes'],
    ['2001:db8::/129', '2001:db8::', 'maybe'],
    ['2001:db8::/20', '2001:fff::1', 'yes'],
    ['2001:db8::/20', '2001:1000::1', 'no'],
    ['2001:db8::/32', '192.0.2.1', 'no'],
    ['0.0.0.0/0', '2001:db8::1', 'no'],
  ])('%s contains %s: %s', (network, address, answer) => expect(contains(network, at(address))).toBe(answer))

  test('nothing is known of an address that is not', () => {
    expect(contains('192.0.2.0/24', null)).toBe('maybe')
    expect(inRange('192.0.2.1-192.0.2.9', null)).toBe('maybe')
  })

  test.each([
    ['192.0.2.0', 24, '192.0.2.255', 'yes'],
    ['192.0.2.0', 24, '192.0.3.0', 'no'],
    ['192.0.2.0', 24, '2001:db8::1', 'no'],
    ['2001:db8::', 33, '2001:db8:7fff::1', 'yes'],
    ['2001:db8::', 33, '2001:db8:8000::1', 'no'],
    ['2001:db8::', 32, '192.0.2.1', 'no'],
  ])('%s/%i is the beginning of %s: %s', (base, bits, address, answer) =>
    expect(inPrefix(at(base) as Address, bits, at(address) as Address)).toBe(answer === 'yes'),
  )

  test.each([
    ['192.0.2.1-192.0.2.9', '192.0.2.1', 'yes'],
    ['192.0.2.1-192.0.2.9', '192.0.2.9', 'yes'],
    ['192.0.2.1-192.0.2.9', '192.0.2.0', 'no'],
    ['192.0.2.1-192.0.2.9', '192.0.2.10', 'no'],
    ['192.0.2.1-192.0.2.9', '2001:db8::1', 'no'],
    ['192.0.2.1-2001:db8::1', '192.0.2.5', 'maybe'],
    ['192.0.2.1-192.0.2.9-192.0.2.20', '192.0.2.5', 'maybe'],
    ['192.0.2.1-192.0.2.9-nobody', '192.0.2.5', 'maybe'],
    ['192.0.2.1-192.0.2.9-', '192.0.2.5', 'maybe'],
    ['nobody-192.0.2.9', '192.0.2.5', 'maybe'],
    ['192.0.2.1-nobody', '192.0.2.5', 'maybe'],
    ['192.0.2.1', '192.0.2.1', 'maybe'],
  ])('%s has %s: %s', (range, address, answer) => expect(inRange(range, at(address))).toBe(answer))

  test.each([
    ['192.0.2.10/24', ['192.0.2.0', '192.0.2.255']],
    ['203.0.113.130/30', ['203.0.113.128', '203.0.113.131']],
    ['192.0.2.10/31', []],
    ['192.0.2.10/32', []],
    ['192.0.2.10', []],
    ['192.0.2.10/x', []],
    ['2001:db8::1/24', []],
  ])('%s ends at %j', (network, edges) => expect(edgesOf(network)).toEqual(edges.map(at)))
})

describe('kinds of addresses', () => {
  const v6 = { source: '2001:db8::7', destination: '2001:db8:a::10' }
  const SIX = { family: 'v6' } as const
  all([
    ['-i eth+', 'no', { inInterface: 'ens3' }],
    ['-i et+', 'no', { inInterface: 'em1' }],
    ['-i +', 'yes'],
    ['-i lo', 'no', { inInterface: null }],
    ['-o +', 'maybe'],
    ['-o lo', 'maybe', { outInterface: null, source: '127.0.0.1', destination: '127.0.0.1' }, { direction: 'out' }],
    ['-m addrtype --dst-type LOCAL,UNICAST', 'yes'],
    ['-m addrtype --dst-type MULTICAST,BROADCAST', 'no'],
    ['-m addrtype --src-type BROADCAST,MULTICAST', 'yes', { source: '255.255.255.255' }],
    ['-m addrtype --dst-type LOCAL,MULTICAST', 'maybe', v6, SIX],
    ['-m addrtype --dst-type LOCAL', 'maybe', { destination: null }],
    ['-m addrtype --dst-type ANYCAST', 'maybe'],
    ['-m addrtype --dst-type ANYCAST,MULTICAST', 'maybe'],
    ['-m addrtype --dst-type LOCAL', 'no', { destination: '224.0.0.251' }, { known: LAN }],
    ['-m addrtype --dst-type LOCAL', 'yes', { destination: '127.0.0.9' }, { known: LAN }],
    ['-m addrtype --src-type LOCAL', 'maybe', {}, { direction: 'forward' }],
    ['-m addrtype --src-type LOCAL', 'no', {}, { known: LAN }],
    ['-m addrtype --dst-type LOCAL', 'maybe', {}, { direction: 'out' }],
    // Broadcast.
    ['-m addrtype --src-type BROADCAST', 'no', { source: '127.0.0.1' }],
    ['-m addrtype --src-type BROADCAST', 'no', { source: '224.0.0.1' }],
    ['-m addrtype --src-type BROADCAST', 'no', v6, SIX],
    ['-m addrtype --src-type BROADCAST', 'maybe', { source: '0.1.2.3' }],
    ['-m addrtype --src-type BROADCAST', 'no', { source: '1.2.3.0' }],
    ['-m addrtype --dst-type BROADCAST', 'no', { protocol: 'udp', destination: '203.0.113.1' }, { known: LAN }],
    ['-m addrtype --dst-type BROADCAST', 'maybe', { protocol: 'udp', destination: '192.0.2.255' }, { known: LAN }],
    ['-m addrtype --dst-type BROADCAST', 'no', { protocol: 'udp', destination: '192.0.2.254' }, { known: LAN }],
    ['-m addrtype --dst-type BROADCAST', 'maybe', {}, { direction: 'out' }],
    // Unicast.
    ['-m addrtype --src-type UNICAST', 'no', { source: '224.0.0.1' }, { known: LAN }],
    ['-m addrtype --src-type UNICAST', 'no', { source: '192.0.2.10' }, { known: LAN }],
    ['-m addrtype --src-type UNICAST', 'maybe', { source: '192.0.2.255' }, { known: LAN }],
    ['-m addrtype --src-type UNICAST', 'yes', { source: '198.51.100.20' }, { known: LAN }],
    ['-m addrtype --src-type UNICAST', 'no', { ...v6, source: '::' }, SIX],
    ['-m addrtype --src-type UNICAST', 'no', { ...v6, source: 'ff02::1' }, SIX],
    ['-m addrtype --src-type UNICAST', 'yes', { ...v6, source: '::1' }, SIX],
    ['-m addrtype --src-type UNICAST', 'yes', { ...v6, source: '1:1:1:1:1:1:1:1' }, SIX],
  ])
})

describe('ports that are asked for by one side, and not wanted by the other', () => {
  all([
    ['-p tcp -m tcp --sport 1:2 ! --dport 22', 'no', { sourcePort: null }],
    ['-p tcp -m tcp --sport 1:2 ! --dport 23', 'maybe', { sourcePort: null }],
  ])
})

describe('marks, frames, lengths', () => {
  const udp = { protocol: 'udp' }
  all([
    ['-m mark --mark nothing', 'maybe'],
    ['-m connmark --mark 0x1', 'maybe', { state: 'ESTABLISHED' }],
    ['-m connmark --mark 0x0', 'no', { state: 'INVALID' }],
    ['-m connmark ! --mark 0x0', 'no', { state: 'INVALID' }],
    ['-m pkttype --pkt-type unicast', 'maybe', { inInterface: 'lo' }],
    ['-m pkttype --pkt-type unicast', 'maybe', {}, { direction: 'out' }],
    ['-m pkttype --pkt-type otherhost', 'maybe'],
    ['-m pkttype --pkt-type unicast', 'yes', udp, { known: LAN }],
    ['-m pkttype --pkt-type unicast', 'maybe', { ...udp, destination: '224.0.0.1' }, { known: LAN }],
    ['-m pkttype --pkt-type unicast', 'maybe', { ...udp, destination: '192.0.2.255' }, { known: LAN }],
    ['-m pkttype --pkt-type unicast', 'maybe', { ...udp, destination: null }, { known: LAN }],
    ['-m length --length 40', 'maybe'],
    ['-m length --length 39', 'no'],
    ['-m length --length :39', 'no'],
    ['-m length --length :40', 'maybe'],
    ['-m length --length 40:', 'yes'],
    ['-m length --length 41:', 'maybe'],
    ['-m length --length :', 'yes'],
    ['-m length --length 0:65534', 'maybe'],
    ['-m length --length many', 'maybe'],
    ['-m length --length 28:', 'yes', udp],
    ['-m length --length :27', 'no', udp],
    ['-m length --length 20:', 'yes', { protocol: 'esp' }],
    ['-m length --length :27', 'maybe', { protocol: 'somethingnew' }],
    ['-m length --length :59', 'no', { source: null, destination: null }, { family: 'v6' }],
    ['-m helper --helper ftp', 'no'],
    ['-m helper --helper ftp', 'no', { state: 'INVALID' }],
    ['-m helper --helper ftp', 'no', { state: 'UNTRACKED' }],
    ['-m helper --helper ftp', 'maybe', { state: 'RELATED' }],
    ['-m helper --helper ftp', 'maybe', { state: 'ESTABLISHED' }],
  ])
})

describe('conntrack’s record of a connection', () => {
  const running: Partial<Packet> = { state: 'ESTABLISHED', reply: false }
  all([
    ['-m conntrack --ctorigsrcport 50022', 'yes'],
    ['-m conntrack --ctorigsrcport 50023', 'no'],
    ['-m conntrack --ctorigsrcport 50022', 'yes', running],
    ['-m conntrack --ctorigdstport 23', 'no'],
    ['-m conntrack --ctorigdstport 22', 'maybe', running],
    ['-m conntrack --ctorigsrcport 50022', 'maybe', { state: 'ESTABLISHED', reply: true }],
    ['-m conntrack --ctorigsrcport 50022', 'maybe', { protocol: 'icmp' }],
    ['-m conntrack --ctorigsrcport 50022', 'maybe', { protocol: 'somethingnew' }],
    ['-m conntrack --ctproto 6', 'maybe', { state: 'RELATED' }],
    ['-m conntrack --ctproto somethingnew', 'maybe'],
    ['-m conntrack --ctproto 6', 'maybe', { protocol: 'somethingnew' }],
    ['-m conntrack --ctdir REPLY', 'no'],
    ['-m conntrack --ctdir SIDEWAYS', 'maybe'],
    ['-m conntrack --ctstate SNAT', 'maybe'],
    ['-m conntrack --ctstate SNAT', 'no', { state: 'UNTRACKED' }],
    ['-m conntrack --ctstate ESTABLISHED', 'no', { state: 'UNTRACKED' }],
    ['-m conntrack --ctstate NEW --ctstatus NONE', 'maybe'],
    // Without naming a match.
    ['-p tcp --ctstate ESTABLISHED', 'no'],
    ['-p tcp --state NEW', 'yes'],
    ['-m conntrack --ctstate INVALID --ctstate NEW', 'no', { state: 'INVALID' }],
  ])
})

test.each([
  [6, 8, 'NEW'],
  [1, 8, 'NEW'],
  [1, 13, 'NEW'],
  [1, 135, 'INVALID'],
  [58, 139, 'NEW'],
  [58, 136, 'UNTRACKED'],
  [58, 1, 'INVALID'],
  ['icmp', null, 'NEW'],
  ['somethingnew', 8, 'NEW'],
])('the first packet of protocol %s and type %j is %s', (protocol, type, state) =>
  expect(firstState(protocol, type)).toBe(state),
)

describe('a burst at the limit of a rule', () => {
  const burst = (more: Partial<Burst> = {}): Asks => ({
    known: { localAddresses: null, burst: { connections: 10, seconds: 10, lists: new Set(['DEFAULT', 'a']), ...more } },
  })
  const limit = (rate: string, size: number) => `-m limit --limit ${rate} --limit-burst ${size}`
  all([
    [limit('1/sec', 0), 'yes', {}, burst()],
    [limit('1/sec', 0), 'no', {}, burst({ connections: 11 })],
    [limit('6/min', 9), 'yes', {}, burst()],
    [limit('6/m', 8), 'no', {}, burst()],
    [limit('360/hour', 9), 'yes', {}, burst()],
    [limit('360/h', 8), 'no', {}, burst()],
    [limit('8640/day', 9), 'yes', {}, burst()],
    [limit('8640/d', 8), 'no', {}, burst()],
    [limit('1', 0), 'yes', {}, burst()],
    [limit('1kb/s', 0), 'maybe', {}, burst()],
    // Without words: three an hour, five at once.
    ['-m limit', 'no', {}, burst()],
    ['-m limit --limit 3/hour', 'yes', {}, burst({ connections: 5 })],
    ['-m limit --limit-burst 10', 'yes', {}, burst()],
    ['-m hashlimit --hashlimit-above 1/sec --hashlimit-burst 1 --hashlimit-name a', 'no', {}, burst()],
    ['-m hashlimit --hashlimit-above 1kb/s --hashlimit-name a', 'maybe', {}, burst()],
    ['-m hashlimit --hashlimit 1/sec --hashlimit-burst 1 --hashlimit-name a', 'yes', {}, burst()],
    ['-m hashlimit --hashlimit-upto 1/min --hashlimit-burst 1 --hashlimit-name a', 'no', {}, burst()],
    ['-m hashlimit --hashlimit-name a', 'maybe', {}, burst()],
    ['-m recent --update --hitcount 10', 'yes', {}, burst()],
    ['-m recent --update --hitcount 11', 'no', {}, burst()],
    ['-m recent --update --seconds 5 --hitcount 5 --name a', 'yes', {}, burst()],
    ['-m recent --update --seconds 5 --hitcount 6 --name a', 'no', {}, burst()],
    ['-m recent --update --seconds 60 --hitcount 11 --name a', 'no', {}, burst()],
    ['-m recent --rcheck --name b', 'no', {}, burst()],
    ['-m recent ! --rcheck --name b', 'yes', {}, burst()],
    ['-m recent ! --set --name b', 'no', {}, burst()],
    ['-m recent --remove --name a', 'maybe', {}, burst()],
    ['-m recent --rcheck --rttl --name a', 'maybe', {}, burst()],
    ['-m connlimit --connlimit-above 10', 'no', {}, burst()],
    ['-m connlimit --connlimit-above 9', 'yes', {}, burst()],
    ['-m connlimit ! --connlimit-above 10 --connlimit-mask 32', 'yes', {}, burst()],
    ['-m connlimit --connlimit-upto 10', 'yes', {}, burst()],
    ['-m connlimit --connlimit-upto 9', 'no', {}, burst()],
    ['-m connlimit ! --connlimit-upto 9', 'yes', {}, burst()],
    ['-m connlimit --connlimit-mask 32', 'maybe', {}, burst()],
  ])
})
