// Ports of containers, asked about from outside: through DNAT, and through FORWARD to the container.
import { describe, expect, test } from 'vitest'
import type { FirewallFacts } from '../../../../../src/services/model/firewall.ts'
import { factsOfScene, filter, judged, said } from '../../../../support/firewall-checks.ts'

const nat = (...rules: readonly string[]) =>
  [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ...new Set(rules.map((rule) => `:${rule.split(' ')[1]} - [0:0]`).filter((chain) => !chain.includes('PREROUTING'))),
    ...rules,
    'COMMIT',
    '',
  ].join('\n')
const DOCKER_NAT = nat(
  '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
  '-A DOCKER -i docker0 -j RETURN',
  '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
  '-A DOCKER -d 127.0.0.1/32 ! -i docker0 -p tcp -m tcp --dport 9000 -j DNAT --to-destination 172.17.0.3:9000',
)
/** What Docker writes, with rules of DOCKER-USER. */
const docker = (...user: readonly string[]) =>
  filter(
    'INPUT DROP',
    'FORWARD DROP',
    ':DOCKER',
    ':DOCKER-USER',
    '-A FORWARD -j DOCKER-USER',
    '-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A FORWARD -o docker0 -j DOCKER',
    '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
    '-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT',
    ...user.map((rule) => `-A DOCKER-USER ${rule}`),
    '-A DOCKER-USER -j RETURN',
  ) + DOCKER_NAT
const network = (bridge: string, address: string): Partial<FirewallFacts> => ({
  network: {
    ...factsOfScene({}).network,
    interfaces: [
      ...factsOfScene({}).network.interfaces,
      { name: bridge, addresses: [{ family: 'v4', address, prefix: 16 }] },
    ],
  },
})
const facts = network('docker0', '172.17.0.1')

describe('Docker', () => {
  test('publishes past INPUT, and names who lets it through', () => {
    const verdict = judged('FW-docker-ports', { v4: docker(), facts })
    expect(`${verdict.outcome}: ${verdict.observed}`).toBe('fail: tcp 8080 → 172.17.0.2:80')
    expect(verdict.details).toEqual([
      'tcp 8080 → 172.17.0.2:80, open by FORWARD filter DOCKER rule 1: -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dpo…+15',
    ])
  })

  test.each([
    ['-i eth0 -j DROP', 'pass'],
    ['-i eth0 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP', 'pass'],
    ['-i eth0 -p tcp -m conntrack --ctorigdstport 8081 --ctdir ORIGINAL -j DROP', 'fail'],
    ['-i eth0 -p tcp -m tcp --dport 80 -j DROP', 'pass'],
    // Here the port is the container's already.
    ['-i eth0 -p tcp -m tcp --dport 8080 -j DROP', 'fail'],
    ['-s 198.51.100.0/24 -j DROP', 'fail'],
    ['-i eth0 -m conntrack --ctstate DNAT -j DROP', 'pass'],
    ['-i eth0 -m set ! --match-set mine src -j DROP', 'unknown'],
  ])('with %s in DOCKER-USER: %s', (rule, outcome) => {
    expect(judged('FW-docker-ports', { v4: docker(rule), facts }).outcome).toBe(outcome)
  })

  test('a rule of DOCKER-USER behind its RETURN closes nothing', () => {
    const v4 = docker('-j RETURN', '-i eth0 -j DROP')
    expect(said('FW-docker-ports', { v4, facts })).toMatch(/^fail/)
  })

  test('closes what nothing in FORWARD lets through, and says so', () => {
    const v4 =
      filter('FORWARD DROP', ':DOCKER-USER', '-A FORWARD -j DOCKER-USER', '-A DOCKER-USER -j RETURN') + DOCKER_NAT
    expect(judged('FW-docker-ports', { v4, facts })).toMatchObject({
      outcome: 'pass',
      details: ['tcp 8080 → 172.17.0.2:80, closed by FORWARD policy DROP'],
    })
  })

  test('its own rules against direct packets to a container stand in nobody’s way', () => {
    const raw = '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP\nCOMMIT\n'
    expect(said('FW-docker-ports', { v4: raw + docker(), facts })).toMatch(/^fail/)
  })

  test('nothing is published by a chain that nothing leads to, or for this host alone', () => {
    const orphan = nat('-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80')
    expect(said('FW-docker-ports', { v4: filter() + orphan, facts })).toBe('notapplicable: none is published')
    const local = nat(
      '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
      '-A DOCKER -d 127.0.0.1/32 ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    )
    expect(said('FW-docker-ports', { v4: filter() + local, facts })).toBe('notapplicable: none is published')
    expect(said('FW-docker-ports', { v4: filter('INPUT DROP') })).toMatch(/^notapplicable/)
  })

  test('the bridge is told by the rule where its network was not read', () => {
    expect(said('FW-docker-ports', { v4: docker() })).toMatch(/^fail: tcp 8080/)
  })
})

describe('podman and CNI', () => {
  test('publish as well', () => {
    const netavark = nat(
      '-A PREROUTING -m addrtype --dst-type LOCAL -j NETAVARK-HOSTPORT-DNAT',
      '-A NETAVARK-HOSTPORT-DNAT -p tcp -m tcp --dport 27017 -j NETAVARK-DN-1D8721804F16F',
      '-A NETAVARK-DN-1D8721804F16F -p tcp -m tcp --dport 27017 -j DNAT --to-destination 10.88.0.2:27017',
    )
    expect(said('FW-docker-ports', { v4: netavark })).toBe('fail: tcp 27017 → 10.88.0.2:27017')
    const closed = filter('FORWARD DROP', '-A FORWARD -o podman0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT')
    const podman = network('podman0', '10.88.0.1')
    expect(said('FW-docker-ports', { v4: closed + netavark, facts: podman })).toBe(
      'pass: closed to strangers: tcp 27017 → 10.88.0.2:27017',
    )
    const cni = nat(
      '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
      '-A CNI-HOSTPORT-DNAT -p udp -m comment --comment "dnat name: \\"podman\\"" -m multiport --dports 5353 -j CNI-DN-a',
      '-A CNI-DN-a -p udp -m udp --dport 5353 -j DNAT --to-destination 10.88.0.9:53',
    )
    expect(said('FW-docker-ports', { v4: cni })).toBe('fail: udp 5353 → 10.88.0.9:53')
  })
})
