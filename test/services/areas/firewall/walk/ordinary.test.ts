// What is certain of an ordinary packet from outside although its rule asks for something else than addresses and ports.
import { describe, expect, test } from 'vitest'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import { type Known, NOTHING_KNOWN, type Packet } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { walk } from '../../../../../src/services/areas/firewall/walk/walk.ts'

const ENDS = {
  v4: { source: '203.0.113.7', destination: '192.0.2.10' },
  v6: { source: '2001:db8:c::7', destination: '2001:db8:a::10' },
} as const
const LAN: Known = {
  localAddresses: ['127.0.0.1', '192.0.2.10', '203.0.113.1'],
  localNetworks: ['127.0.0.1/8', '192.0.2.10/24', '203.0.113.1/29'],
}

type Asked = {
  readonly family?: 'v4' | 'v6'
  readonly port?: number
  readonly known?: Known
  readonly over?: Partial<Packet>
  readonly direction?: 'in' | 'out'
}

const knock = ({ family = 'v4', port = 22, over }: Asked): Packet => ({
  protocol: 'tcp',
  ...ENDS[family],
  sourcePort: null,
  destinationPort: port,
  inInterface: 'eth0',
  outInterface: null,
  state: 'NEW',
  ...over,
})

const answers = (text: string, asked: Asked = {}) =>
  walk(parseRuleSet(asked.family ?? 'v4', text), asked.direction ?? 'in', knock(asked), asked.known ?? NOTHING_KNOWN)
    .answer

/** Whether a rule with these matches meets the packet: it drops, everything else passes. */
const met = (matches: string, asked: Asked = {}, before = '') => {
  const chain = asked.direction === 'out' ? 'OUTPUT' : 'INPUT'
  const rules = `*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A ${chain} ${matches} -j DROP\nCOMMIT\n`
  return { yes: 'no', no: 'yes', unsure: 'unsure' }[answers(before + rules, asked)]
}

const v6 = { family: 'v6' } as const
const udp = { over: { protocol: 'udp' } } as const
const established = { over: { state: 'ESTABLISHED' } } as const

describe('a rule for packets of another kind does not meet it', () => {
  test.each<[string, Asked]>([
    ['-m rt --rt-type 0', v6],
    ['-m rt ! --rt-type 0', v6],
    ['-m rt --rt-type 0 --rt-segsleft 0', { ...v6, over: { protocol: 'udp' } }],
    ['-m frag --fragfirst', v6],
    ['-m hbh --hbh-len 8', v6],
    ['-m dst', v6],
    ['-m ah', v6],
    ['-m ipv6header --header frag --soft', v6],
    ['-m ipv6header --header hop,route', v6],
    ['-p ah -m ah --ahspi 500', {}],
    ['-p esp -m esp --espspi 500', {}],
    ['-m addrtype --src-type BROADCAST', {}],
    ['-m addrtype --src-type BROADCAST', { known: LAN, over: { source: '198.51.100.255' } }],
    ['-m addrtype --src-type BROADCAST,MULTICAST', {}],
    ['-m addrtype --dst-type BROADCAST', {}],
    ['-m addrtype --dst-type BROADCAST', { ...udp, known: LAN }],
    ['-m conntrack --ctstate DNAT', {}],
    ['-m conntrack --ctstate RELATED,ESTABLISHED,DNAT', {}],
    ['-m mark --mark 0x8000/0x8000', {}],
    ['-m mark ! --mark 0x0', {}],
    ['-m connmark --mark 0x1', {}],
    ['-m pkttype --pkt-type broadcast', {}],
    ['-m pkttype --pkt-type multicast', { ...udp, known: LAN }],
    ['-m length --length 0:39', {}],
    ['-m length --length 0:59', v6],
    ['-m helper --helper ftp', {}],
  ])('%s, %j', (matches, asked) => expect(met(matches, asked)).toBe('no'))
})

describe('a rule that says so in other words meets it', () => {
  test.each<[string, Asked]>([
    ['-m mark --mark 0x0/0xff', {}],
    ['-m connmark --mark 0x0', {}],
    ['-m pkttype --pkt-type unicast', {}],
    ['-m pkttype ! --pkt-type multicast', {}],
    ['-m addrtype --src-type UNICAST', { known: LAN, over: { source: '203.0.113.6' } }],
    ['-m addrtype --src-type UNICAST', v6],
    ['-m addrtype ! --src-type BROADCAST', {}],
    ['-m length --length 40:65535', {}],
    ['-m helper ! --helper ftp', {}],
    ['-m conntrack ! --ctstate DNAT', {}],
  ])('%s, %j', (matches, asked) => expect(met(matches, asked)).toBe('yes'))
})

describe('what may be either way stays unsure', () => {
  test.each<[string, Asked]>([
    // Its tunnel may be the one that carries this connection.
    ['-m policy --dir in --pol ipsec --reqid 1 --proto esp', {}],
    ['-m policy --dir in --pol none', {}],
    // This host takes it for the broadcast address of a network of its own.
    ['-m addrtype --src-type BROADCAST', { known: LAN }],
    ['-m addrtype --dst-type BROADCAST', { ...udp }],
    ['-m conntrack --ctstate DNAT', established],
    ['-m connmark --mark 0x1', established],
    ['-m helper --helper ftp', established],
    ['-m mark --mark 0x1', { direction: 'out', over: { inInterface: null, outInterface: 'eth0' } }],
    ['-m mark --mark 0x1', { over: { source: '127.0.0.1', destination: '127.0.0.1', inInterface: 'lo' } }],
    ['-m pkttype --pkt-type broadcast', { ...udp, over: { protocol: 'udp', destination: null } }],
    [
      '-m hbh --hbh-len 8',
      { ...v6, over: { protocol: 'ipv6-icmp', destinationPort: null, icmp: { type: 130, code: 0 } } },
    ],
    ['-m rt --rt-type 0', { ...v6, over: { protocol: 43, destinationPort: null } }],
    ['-m ipv6header --header prot', v6],
    ['-m length --length 1501:65535', {}],
    ['-m eui64', v6],
    ['-m limit --limit 3/min', {}],
    ['-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource', {}],
  ])('%s, %j', (matches, asked) => expect(met(matches, asked)).toBe('unsure'))
})

describe('a rule before may have changed it', () => {
  const mangle = (rule: string) => `*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\nCOMMIT\n`
  const nat = (rule: string) => `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\nCOMMIT\n`
  test.each([
    ['-m mark --mark 0x1', mangle('-j MARK --set-xmark 0x1/0xffffffff')],
    ['-m mark --mark 0x1', mangle('-m limit --limit 1/sec -j MARK --set-xmark 0x1/0xffffffff')],
    ['-m mark --mark 0x1', mangle('-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff')],
    ['-m mark --mark 0x1', mangle('-j SET --map-set marks src --map-mark')],
    ['-m mark --mark 0x1', mangle('-j SOMETHINGNEW')],
    ['-m connmark --mark 0x1', mangle('-j CONNMARK --set-xmark 0x1/0xffffffff')],
    ['-m conntrack --ctstate DNAT', nat('-p tcp -j REDIRECT --to-ports 22')],
  ])('%s behind %s', (matches, before) => expect(met(matches, {}, before)).toBe('unsure'))

  test('one that is about others has not', () => {
    expect(met('-m mark --mark 0x1', {}, mangle('-s 198.51.100.0/24 -j MARK --set-xmark 0x1/0xffffffff'))).toBe('no')
    expect(met('-m conntrack --ctstate DNAT', {}, nat('-p tcp --dport 80 -j REDIRECT --to-ports 8080'))).toBe('no')
  })
})

describe('whole rule sets', () => {
  test('a host that drops routing headers of type 0 lets its operator in by IPv6', () => {
    const rules =
      '*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:before - [0:0]\n-A INPUT -j before\n-A before -i lo -j ACCEPT\n-A before -m rt --rt-type 0 -j DROP\n-A before -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A before -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n'
    expect(answers(rules, v6)).toBe('yes')
    expect(answers(rules, { ...v6, port: 80 })).toBe('no')
  })

  test('what is let in because it was translated does not let in what was not', () => {
    const rules =
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited\nCOMMIT\n'
    expect(answers(rules)).toBe('yes')
    expect(answers(rules, { port: 3306 })).toBe('no')
  })

  test('smurfs are others, also where the rule goes to a chain that drops', () => {
    const rules =
      '*filter\n:INPUT DROP [0:0]\n:log - [0:0]\n-A INPUT -s 0.0.0.0/32 -j RETURN\n-A INPUT -m addrtype --src-type BROADCAST -g log\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A log -j DROP\nCOMMIT\n'
    expect(answers(rules)).toBe('yes')
    expect(answers(rules, { over: { source: '255.255.255.255' } })).toBe('no')
  })

  test('the protocol of a tunnel is not the packet’s', () => {
    const rules =
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.1.0.0/16 -i eth0 -m policy --dir in --pol ipsec --reqid 1 --proto esp -j ACCEPT\nCOMMIT\n'
    expect(answers(rules, { over: { source: '10.1.2.3' } })).toBe('unsure')
    expect(answers(rules)).toBe('no')
  })
})

describe('a burst of new connections', () => {
  const burst = (lists: readonly string[] = []): Asked => ({
    known: { localAddresses: null, burst: { connections: 60, seconds: 60, lists: new Set(lists) } },
  })
  test.each<[string, 'yes' | 'no', Asked?]>([
    ['-m limit --limit 3/min --limit-burst 10', 'no'],
    ['-m limit --limit 2/sec', 'yes'],
    ['-m limit --limit 60/hour --limit-burst 100', 'yes'],
    ['-m hashlimit --hashlimit-above 10/min --hashlimit-burst 10 --hashlimit-mode srcip --hashlimit-name a', 'yes'],
    ['-m hashlimit --hashlimit-above 50/sec --hashlimit-burst 100 --hashlimit-mode srcip --hashlimit-name a', 'no'],
    ['-m hashlimit --hashlimit-upto 10/min --hashlimit-burst 10 --hashlimit-mode srcip --hashlimit-name a', 'no'],
    [
      '-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource',
      'yes',
      burst(['DEFAULT']),
    ],
    ['-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource', 'no'],
    ['-m recent --rcheck --seconds 2 --hitcount 6 --name DEFAULT --rsource', 'no', burst(['DEFAULT'])],
    ['-m recent --set --name DEFAULT --rsource', 'yes'],
    ['-m recent ! --rcheck --name DEFAULT --rsource', 'no', burst(['DEFAULT'])],
    ['-m connlimit --connlimit-above 4 --connlimit-mask 32 --connlimit-saddr', 'yes'],
    ['-m connlimit --connlimit-upto 100 --connlimit-mask 32 --connlimit-saddr', 'yes'],
  ])('is met by %s: %s', (matches, expected, asked = burst()) => expect(met(matches, asked)).toBe(expected))
})
