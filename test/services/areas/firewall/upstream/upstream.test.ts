import { expect, test } from 'vitest'
import { type UpstreamPort, upstreamPorts } from '../../../../../src/services/areas/firewall/upstream/ports.ts'
import { upstreamText } from '../../../../../src/services/areas/firewall/upstream/text.ts'
import type { Listener } from '../../../../../src/services/model/units.ts'
import { listener as socket } from '../../../../support/listeners.ts'
import { firewallFacts, hostFacts } from '../../../../support/plans.ts'

const listener = (port: number, process: string, address = '0.0.0.0', protocol: 'tcp' | 'udp' = 'tcp') =>
  socket(protocol, address, port, process)
const rules = (...lines: readonly string[]): string =>
  `*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${lines.join('\n')}\nCOMMIT\n`
const ports = (text: string, ...listeners: readonly Listener[]) =>
  upstreamPorts(firewallFacts(text), hostFacts, { listeners })

test('what listens and is let in, from everybody or from the networks that a rule names', () => {
  const found = ports(
    rules(
      '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT',
      '-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 5432 -j ACCEPT',
      '-A INPUT ! -s 198.51.100.0/24 -p tcp -m tcp --dport 9 -j DROP',
      '-A INPUT -s 198.51.100.20/32 -p tcp -m tcp --dport 22 -j ACCEPT',
    ),
    listener(80, 'nginx'),
    listener(5432, 'postgres'),
    listener(22, 'sshd'),
    listener(3306, 'mysqld'),
    listener(53, 'resolved', '127.0.0.53'),
  )
  expect(
    found?.filter(({ family }) => family === 'v4').map(({ port, sources, sure }) => [port, sources, sure]),
  ).toEqual([
    [22, ['198.51.100.20'], true],
    [80, 'everybody', true],
    [5432, ['203.0.113.0/24'], true],
  ])
})

test('a network of IPv6 stays one, however long its prefix', () => {
  const v6 = rules('-A INPUT -s 2001:db8::/32 -p tcp -m tcp --dport 443 -j ACCEPT')
  const found = upstreamPorts(firewallFacts(rules(), v6), hostFacts, { listeners: [listener(443, 'nginx', '::')] })
  expect(found?.filter(({ family }) => family === 'v6').map(({ sources }) => sources)).toEqual([['2001:db8::/32']])
})

test.each([
  ['a set', '-A INPUT -p tcp -m tcp --dport 5432 -m set --match-set friends src -j ACCEPT', false],
  ['a range', '-A INPUT -p tcp -m tcp --dport 5432 -m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT', false],
  ['a set for another port', '-A INPUT -p tcp -m tcp --dport 80 -m set --match-set friends src -j ACCEPT', null],
  ['a set that keeps out', '-A INPUT -p tcp -m tcp --dport 5432 -m set --match-set banned src -j DROP', null],
])('%s that a rule names and nobody asked about is said, and no port is left out for it', (_, rule, sure) => {
  const found = ports(rules(rule), listener(5432, 'postgres'))?.find(({ family }) => family === 'v4')
  expect(found?.sure ?? null).toBe(sure)
})

test('who listens has to be known', () => {
  expect(upstreamPorts(firewallFacts(rules()), hostFacts, { listeners: null })).toBeNull()
})

const some: readonly UpstreamPort[] = [
  { family: 'v4', protocol: 'tcp', port: 22, process: 'sshd', sources: ['203.0.113.5'], sure: true },
  { family: 'v4', protocol: 'tcp', port: 80, process: "n'$(reboot)\nx", sources: 'everybody', sure: false },
  { family: 'v6', protocol: 'udp', port: 53, process: null, sources: ['2001:db8::/32'], sure: true },
]
const text = upstreamText({
  hostname: 'web1\nrm -rf /',
  addresses: { v4: '192.0.2.10', v6: null },
  madeAt: new Date('2026-11-28T17:00:00Z'),
  ports: some,
})

test('a table, and commands for three kinds of filter', () => {
  expect(text).toContain('# tcp       22    203.0.113.5/32  sshd')
  expect(text).toContain("--ip-permissions 'IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=203.0.113.5/32}]'")
  expect(text).toContain("'IpProtocol=udp,FromPort=53,ToPort=53,Ipv6Ranges=[{CidrIpv6=2001:db8::/32}]'")
  expect(text).toContain(
    'nft add rule inet filter forward ip saddr 203.0.113.5/32 ip daddr 192.0.2.10 tcp dport 22 accept',
  )
  expect(text).toContain('iptables -A FORWARD -d 192.0.2.10 -p tcp --dport 80 -j ACCEPT')
  expect(text).toContain('could not tell who else may come to: tcp 80 (v4)')
  // It has no address of that family to name.
  expect(text).not.toContain('ip6tables')
})

test('what a server calls things is no command and no line of its own; nothing runs by itself', () => {
  expect(text.split('\n').every((line) => line === '' || line.startsWith('#'))).toBe(true)
  expect(text).toContain('n_reboot_x')
  expect(text).not.toContain('$(')
})
