import { describe, expect, test } from 'vitest'
import { matchRule } from '../../../../../src/services/areas/firewall/walk/match.ts'
import { type Known, NOTHING_KNOWN, type Packet } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { viewOf } from '../../../../../src/services/areas/firewall/walk/view.ts'

/** A login on its way in. */
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
const LOCAL: Known = { localAddresses: ['127.0.0.1', '192.0.2.10'] }

type Asks = { readonly known?: Known; readonly family?: 'v4' | 'v6'; readonly direction?: 'in' | 'out' | 'forward' }

const matches = (rule: string, over: Partial<Packet> = {}, { known, family, direction }: Asks = {}) =>
  matchRule(`${rule} -j X`, viewOf({ ...login, ...over }, direction ?? 'in', family ?? 'v4', known ?? NOTHING_KNOWN))
    .matches

type Row = readonly [rule: string, answer: string, over?: Partial<Packet>, asks?: Asks]

function all(rows: readonly Row[]): void {
  for (const [rule, answer, over, asks] of rows)
    test(`${rule || '(no match)'} is ${answer} for ${JSON.stringify({ ...over, ...asks })}`, () =>
      expect(matches(rule, over, asks)).toBe(answer))
}

describe('protocols', () => {
  all([
    ['', 'yes'],
    ['-p tcp', 'yes'],
    ['-p TCP', 'yes'],
    ['-p 6', 'yes'],
    ['-p all', 'yes'],
    ['! -p tcp', 'no'],
    ['-p ! tcp', 'no'],
    ['-p udp', 'no'],
    ['! -p udp', 'yes'],
    ['-p somethingnew', 'maybe'],
    ['-p esp', 'yes', { protocol: 50 }],
    ['-p 253', 'yes', { protocol: 253 }],
    ['-p ipv6-icmp', 'yes', { protocol: 'icmpv6' }, { family: 'v6' }],
    ['-p ah', 'maybe', { protocol: 51 }, { family: 'v6' }],
    ['-p tcp', 'maybe', { protocol: 'somethingnew' }],
    ['-f', 'no'],
    ['! -f', 'yes'],
  ])
})

describe('addresses', () => {
  all([
    ['-s 198.51.100.20/32', 'yes'],
    ['-s 198.51.100.20', 'yes'],
    ['-s 198.51.100.21/32', 'no'],
    ['! -s 198.51.100.21/32', 'yes'],
    ['-s 0.0.0.0/0', 'yes'],
    ['-s 198.51.100.0/255.255.255.0', 'yes'],
    ['-s 198.0.100.0/255.0.255.0', 'yes'],
    ['-s 198.0.101.0/255.0.255.0', 'no'],
    ['-s 203.0.113.1,198.51.100.0/24', 'yes'],
    ['-d 192.0.2.8/29', 'no', { destination: '192.0.2.16' }],
    ['-d 192.0.2.8/29', 'yes'],
    ['-s 198.51.100.0/33', 'maybe'],
    ['-s 198.51.100.020', 'maybe'],
    ['-s some.host.example', 'maybe'],
    ['-s 198.51.100.0/24', 'maybe', { source: null }],
    ['-s 198.51.100.0/24', 'yes', { source: '::ffff:198.51.100.20' }],
    ['-s 2001:db8::/32', 'yes', { source: '2001:db8:1::7' }, { family: 'v6' }],
    ['-s 2001:db8::/33', 'no', { source: '2001:db8:8000::7' }, { family: 'v6' }],
    ['-s 2001:db8::7/128', 'yes', { source: '2001:db8::7' }, { family: 'v6' }],
    ['-s 2001:0:1::/ffff:0:ffff::', 'yes', { source: '2001:db8:1::7' }, { family: 'v6' }],
    ['-s fe80::/10', 'yes', { source: 'fe80::1%eth0' }, { family: 'v6' }],
    ['-s ::ffff:0.0.0.0/96', 'no', { source: '2001:db8::7' }, { family: 'v6' }],
    ['-s 2001:db8::/129', 'maybe', { source: '2001:db8::7' }, { family: 'v6' }],
    ['-m iprange --src-range 198.51.100.10-198.51.100.20', 'yes'],
    ['-m iprange --src-range 198.51.100.21-198.51.100.30', 'no'],
    ['-m iprange ! --dst-range 192.0.2.1-192.0.2.9', 'yes'],
    ['-m iprange --src-range 2001:db8::1-2001:db8:1::', 'yes', { source: '2001:db8:0:8::' }, { family: 'v6' }],
    ['-m iprange --src-range 198.51.100.10', 'maybe'],
  ])
})

describe('interfaces', () => {
  all([
    ['-i eth0', 'yes'],
    ['-i eth+', 'yes'],
    ['-i eth', 'no'],
    ['! -i eth0', 'no'],
    ['-i eth0', 'maybe', { inInterface: null }],
    ['-i lo', 'no', { inInterface: null }],
    ['-i lo', 'maybe', { inInterface: null, source: '192.0.2.10' }],
    ['-i lo', 'maybe', { inInterface: null, source: '127.0.0.1', destination: '127.0.0.1' }],
    ['-o eth0', 'no'],
    ['! -o eth0', 'maybe'],
    ['-o eth0', 'yes', { outInterface: 'eth0' }, { direction: 'out' }],
    ['-i eth0', 'no', { outInterface: 'eth0' }, { direction: 'out' }],
    ['-i eth0 -o eth1', 'yes', { outInterface: 'eth1' }, { direction: 'forward' }],
  ])
})

describe('ports', () => {
  all([
    ['-p tcp -m tcp --dport 22', 'yes'],
    ['-p tcp -m tcp --dport 23', 'no'],
    ['-p tcp -m tcp ! --dport 23', 'yes'],
    ['-p tcp -m tcp --dport 20:22', 'yes'],
    ['-p tcp -m tcp --dport :21', 'no'],
    ['-p tcp -m tcp --sport 1024:', 'yes'],
    ['-p tcp -m tcp --sport 1024:', 'maybe', { sourcePort: null }],
    ['-p tcp -m tcp --sport 0:65535', 'yes', { sourcePort: null }],
    ['-p tcp --dport ssh', 'maybe'],
    ['-p tcp -m tcp ! --sport 1 ! --dport 2', 'yes'],
    ['-p tcp -m tcp ! --sport 50022 ! --dport 22', 'no'],
    // Releases differ.
    ['-p tcp -m tcp ! --sport 50022 ! --dport 2', 'maybe'],
    ['-p tcp -m tcp ! --sport 1 ! --dport 22', 'maybe'],
    ['-p tcp -m tcp --sport 1024: ! --dport 22', 'no'],
    ['-p tcp -m multiport --dports 80,20:22', 'yes'],
    ['-p tcp -m multiport ! --dports 80,20:22', 'no'],
    ['-p tcp -m multiport --sports 22', 'no'],
    ['-p tcp -m multiport --ports 50022', 'yes'],
    ['-p tcp -m multiport ! --ports 22,80', 'no'],
    ['-p tcp -m multiport --ports 80', 'maybe', { sourcePort: null }],
    ['-p udp -m udp --dport 22', 'no'],
    ['-p udp -m udp --dport 22', 'yes', { protocol: 'udp' }],
    ['-m udp --dport 22', 'no'],
    ['-m multiport --dports 22', 'no', { protocol: 'icmp' }],
    ['-p sctp -m sctp --dport 22', 'yes', { protocol: 'sctp' }],
  ])
})

describe('tcp flags', () => {
  all([
    ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', 'yes'],
    ['-p tcp --syn', 'yes'],
    ['-p tcp ! --syn', 'no'],
    ['-p tcp --syn', 'no', { state: 'ESTABLISHED' }],
    ['-p tcp -m tcp --tcp-flags ALL NONE', 'no'],
    ['-p tcp -m tcp --tcp-flags ALL NONE', 'yes', { tcpFlags: [], state: 'INVALID' }],
    ['-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK', 'no'],
    ['-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK', 'yes', { tcpFlags: ['SYN', 'ACK'], state: 'ESTABLISHED' }],
    ['-p tcp -m tcp --tcp-flags PSH PSH', 'maybe', { state: 'ESTABLISHED' }],
    ['-p tcp -m tcp --tcp-flags SYN SYN,ACK', 'no'],
    ['-p tcp -m tcp --tcp-flags SYN SYN', 'maybe', { state: 'UNTRACKED' }],
    ['-p tcp -m tcp --tcp-flags SYN,NEW SYN', 'maybe'],
    ['-p tcp -m tcp --tcp-option 3', 'maybe'],
  ])
})

describe('icmp', () => {
  const ping: Partial<Packet> = { protocol: 'icmp', icmp: { type: 8, code: 0 } }
  const ping6: Partial<Packet> = { protocol: 'icmpv6', icmp: { type: 128, code: 0 } }
  const v6 = { family: 'v6' } as const
  all([
    ['-p icmp -m icmp --icmp-type 8', 'yes', ping],
    ['-p icmp -m icmp --icmp-type echo-request', 'yes', ping],
    ['-p icmp -m icmp ! --icmp-type 8', 'no', ping],
    ['-p icmp -m icmp --icmp-type 8/0', 'yes', ping],
    ['-p icmp -m icmp --icmp-type 8/1', 'no', ping],
    ['-p icmp -m icmp --icmp-type 8/1', 'maybe', { ...ping, icmp: { type: 8, code: null } }],
    ['-p icmp -m icmp --icmp-type 8', 'maybe', { protocol: 'icmp' }],
    ['-p icmp -m icmp --icmp-type any', 'yes', { protocol: 'icmp' }],
    ['-p icmp -m icmp --icmp-type fragmentation-needed', 'no', ping],
    ['-p icmp -m icmp --icmp-type somethingnew', 'maybe', ping],
    ['-p icmp -m icmp --icmp-type 8', 'no'],
    ['-p ipv6-icmp -m icmp6 --icmpv6-type 128', 'yes', ping6, v6],
    ['-p ipv6-icmp -m icmp6 --icmpv6-type 1/4', 'no', ping6, v6],
    ['-p icmp -m icmp --icmp-type 128', 'no', ping6, v6],
  ])
})

describe('conntrack', () => {
  const running: Partial<Packet> = { state: 'ESTABLISHED', reply: false }
  all([
    ['-m conntrack --ctstate NEW', 'yes'],
    ['-m conntrack --ctstate RELATED,ESTABLISHED', 'no'],
    ['-m conntrack ! --ctstate RELATED,ESTABLISHED', 'yes'],
    ['-m state --state NEW', 'yes'],
    ['-m state ! --state INVALID', 'yes'],
    ['-m conntrack --ctstate DNAT', 'maybe'],
    ['-m conntrack --ctstate DNAT,NEW', 'yes'],
    ['-m conntrack --ctstate DNAT', 'no', { state: 'INVALID' }],
    ['-m conntrack --ctstate NEW --ctproto 6', 'yes'],
    ['-m conntrack --ctstate NEW ! --ctproto 6', 'no'],
    ['-m conntrack --ctproto 17', 'no'],
    ['-m conntrack --ctdir ORIGINAL', 'yes'],
    ['-m conntrack --ctdir REPLY', 'yes', { state: 'ESTABLISHED', reply: true }],
    ['-m conntrack --ctdir REPLY', 'maybe', { state: 'ESTABLISHED' }],
    ['-m conntrack --ctorigsrc 198.51.100.0/24', 'yes'],
    ['-m conntrack --ctorigsrc 198.51.100.0/24', 'yes', running],
    ['-m conntrack --ctorigdst 192.0.2.10', 'yes'],
    // It may have been opened to another address.
    ['-m conntrack --ctorigdst 192.0.2.10', 'maybe', running],
    ['-m conntrack --ctorigdstport 22', 'yes'],
    ['-m conntrack --ctstatus ASSURED', 'maybe'],
    // Where conntrack has no entry nothing but the state is looked at.
    ['-m conntrack --ctstate INVALID --ctproto 17', 'yes', { state: 'INVALID' }],
    ['-m conntrack ! --ctproto 17', 'no', { state: 'UNTRACKED' }],
    ['-m conntrack --ctstate NEW -m conntrack --ctstate ESTABLISHED', 'no'],
  ])
})

describe('the kind of an address', () => {
  const known = LOCAL
  all([
    ['-m addrtype --dst-type LOCAL', 'yes'],
    ['-m addrtype --dst-type LOCAL', 'maybe', { protocol: 'udp' }],
    ['-m addrtype --dst-type LOCAL', 'yes', { protocol: 'udp' }, { known }],
    ['-m addrtype --dst-type LOCAL', 'no', {}, { direction: 'forward' }],
    ['-m addrtype --dst-type LOCAL', 'no', { destination: '203.0.113.5' }, { known, direction: 'out' }],
    ['-m addrtype --src-type LOCAL', 'maybe'],
    ['-m addrtype ! --src-type LOCAL', 'yes', {}, { known }],
    ['-m addrtype --dst-type MULTICAST', 'no'],
    ['-m addrtype --dst-type MULTICAST', 'yes', { destination: '224.0.0.251' }],
    ['-m addrtype --dst-type UNICAST', 'maybe'],
    ['-m addrtype --dst-type LOCAL --limit-iface-in', 'maybe'],
  ])
})

describe('what can not be seen', () => {
  all([
    ...[
      'limit --limit 3/min',
      'set --match-set bad src',
      'recent --update --seconds 60 --name x',
      'mark --mark 0x1',
    ].map((match) => [`-m ${match}`, 'maybe'] as const),
    ...['time --timestart 01:00', 'owner --uid-owner 0', 'mac --mac-source 02:00:00:00:00:01', 'rpfilter --invert'].map(
      (match) => [`-m ${match}`, 'maybe'] as const,
    ),
    ['-m somethingnew --what ever', 'maybe'],
    ['--somethingnew', 'maybe'],
    ['-p udp -m limit --limit 3/min', 'no'],
    ['-m limit --limit 3/min -p udp', 'no'],
    ['-m string --string "-p" --algo bm', 'maybe'],
    ['-m comment --comment "-p udp -j DROP"', 'yes'],
    ['-m comment --comment "!"', 'yes'],
    ['-m comment --comment "he said \\"-p udp\\""', 'yes'],
    ['"never closed', 'maybe'],
    ['stray words', 'maybe'],
  ])
})

test('the target and what belongs to it are read', () => {
  const view = viewOf(login, 'in', 'v4', NOTHING_KNOWN)
  expect(matchRule('-p tcp -g gate', view)).toMatchObject({ target: 'gate', goto: true })
  expect(matchRule('-j LOG --log-prefix "-j DROP"', view)).toMatchObject({ target: 'LOG', goto: false })
  expect(matchRule('-p tcp', view)).toMatchObject({ matches: 'yes', target: null })
  expect(matchRule('-p tcp --jump DROP', view)).toMatchObject({ matches: 'yes', target: 'DROP' })
})

test('a match that a person wrote behind the target is not overlooked', () => {
  const view = viewOf(login, 'in', 'v4', NOTHING_KNOWN)
  expect(matchRule('-j DROP -p udp', view).matches).toBe('maybe')
})
