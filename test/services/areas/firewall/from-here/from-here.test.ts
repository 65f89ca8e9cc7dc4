import { describe, expect, test } from 'vitest'
import { isStillSaid, portsFromHere } from '../../../../../src/services/areas/firewall/from-here/said.ts'
import type { FirewallFacts } from '../../../../../src/services/model/firewall.ts'
import { say } from '../../../../../src/services/model/safe.ts'
import type { KnockAnswer, PortSaid, SeenPorts } from '../../../../../src/services/model/seen-ports.ts'
import type { Listener } from '../../../../../src/services/model/units.ts'
import { filter, judged, said } from '../../../../support/firewall-checks.ts'
import { listener as socket } from '../../../../support/listeners.ts'
import { firewallFacts, hostFacts } from '../../../../support/plans.ts'

const listener = (port: number, process: string, address = '0.0.0.0', protocol: 'tcp' | 'udp' = 'tcp') =>
  socket(protocol, address, port, process)

/** The host with an address of IPv6 beside. */
const withV6 = (v4: string, v6 = ''): FirewallFacts => {
  const facts = firewallFacts(v4, v6)
  const interfaces = facts.network.interfaces.map((one) =>
    one.name === 'eth0'
      ? {
          ...one,
          addresses: [
            ...one.addresses,
            // Nobody outside of the link gets there.
            { family: 'v6' as const, address: 'fe80::10', prefix: 64 },
            { family: 'v6' as const, address: '2001:db8::10', prefix: 64 },
          ],
        }
      : one,
  )
  return { ...facts, network: { ...facts.network, interfaces, defaultInterface: { v4: 'eth0', v6: 'eth0' } } }
}

const rowsOf = (facts: FirewallFacts, ...listeners: readonly Listener[]) =>
  portsFromHere(facts, hostFacts, { listeners })?.ports.map(
    ({ family, port, said: { answer } }) => `${family} ${port} ${answer}`,
  )

describe('the ports that this machine is to look at', () => {
  test('those of TCP that it can get to, and at last the one that the session is by', () => {
    const rules = filter('INPUT DROP', '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT')
    expect(
      rowsOf(
        firewallFacts(rules),
        listener(22, 'sshd'),
        listener(80, 'nginx'),
        listener(3306, 'mariadbd', '192.0.2.10'),
        listener(5432, 'postgres', '10.0.0.5'),
        listener(6379, 'redis', '127.0.0.1'),
        listener(123, 'chronyd', '0.0.0.0', 'udp'),
      ),
    ).toEqual(['v4 80 yes', 'v4 3306 no', 'v4 22 no'])
  })

  test('what the rules say is about the address that the session comes from, and about the answer too', () => {
    const mine = filter('INPUT DROP', '-A INPUT -s 198.51.100.20/32 -p tcp -m tcp --dport 3306 -j ACCEPT')
    expect(rowsOf(firewallFacts(mine), listener(3306, 'mariadbd'))).toEqual(['v4 3306 yes', 'v4 22 no'])
    const dumb = filter('OUTPUT DROP')
    expect(rowsOf(firewallFacts(dumb), listener(3306, 'mariadbd'))).toEqual(['v4 3306 no', 'v4 22 no'])
  })

  test('of the other family nobody knows who comes: a rule that names sources leaves it unsure', () => {
    const v6 = filter(
      'INPUT DROP',
      '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT',
      '-A INPUT -s 2001:db8:7::/48 -p tcp -m tcp --dport 3306 -j ACCEPT',
    )
    const many = [listener(22, 'sshd', '*'), listener(80, 'nginx', '*'), listener(3306, 'mariadbd', '*')]
    expect(rowsOf(withV6(filter(), v6), ...many)).toEqual([
      'v4 80 yes',
      'v4 3306 yes',
      'v6 22 no',
      'v6 80 yes',
      'v6 3306 unsure',
      'v4 22 yes',
    ])
    const [, , third] = portsFromHere(withV6(filter(), v6), hostFacts, { listeners: many })?.ports ?? []
    expect(third?.address).toBe('2001:db8::10')
  })

  test('so many and no more, and the others are counted', () => {
    const many = Array.from({ length: 55 }, (_, at) => listener(1000 + at, 'x'))
    const found = portsFromHere(firewallFacts(filter()), hostFacts, { listeners: many })
    expect([found?.ports.length, found?.more]).toEqual([40, 16])
  })

  test('who listens has to be known', () => {
    expect(portsFromHere(firewallFacts(filter()), hostFacts, { listeners: null })).toBeNull()
  })
})

const LISTENERS = [listener(80, 'nginx', '*'), listener(3306, 'mariadbd', '*')]
const RULES = filter('INPUT DROP', '-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT')
const OPEN: KnockAnswer = { state: 'open' }
const SILENT: KnockAnswer = { state: 'silent', reason: say`no answer within 4 s` }
const REFUSED: KnockAnswer = { state: 'refused', reason: say`refused (ECONNREFUSED)` }
const UNSENT: KnockAnswer = { state: 'unknown', reason: say`nothing got there from here (ENETUNREACH)` }

/** What was seen under these rules: the answers of the ports 80 and 3306, and of the one that the session is by. */
function seen(http: KnockAnswer, sql: KnockAnswer, facts = firewallFacts(RULES), own = OPEN): SeenPorts {
  const ports = portsFromHere(facts, hostFacts, { listeners: LISTENERS })?.ports ?? []
  return {
    at: 0,
    more: 0,
    ports: ports.map((one) => ({
      ...one,
      answer: one.family === 'v6' ? SILENT : one.port === 22 ? own : one.port === 80 ? http : sql,
    })),
  }
}
const both = (seenPorts: SeenPorts, v4 = RULES) =>
  ['FW-open-from-here', 'FW-shut-from-here'].map((id) => said(id, { v4, listeners: LISTENERS, seenPorts }))

describe('what was seen, beside the rules', () => {
  test.each([
    ['as the rules say', OPEN, SILENT, /^pass/, /^pass/],
    ['what they drop may be refused as well', OPEN, REFUSED, /^pass/, /^pass/],
    ['what they let in does not answer', SILENT, SILENT, /^pass/, /^fail: tcp 80 \(nginx\)$/],
    ['what they let in is refused', REFUSED, SILENT, /^pass/, /^fail: tcp 80 \(nginx\)$/],
    ['what they drop answers', OPEN, OPEN, /^fail: tcp 3306 \(mariadbd\)$/, /^pass/],
    ['nothing got there', UNSENT, SILENT, /^unknown: of 1 of 3 ports$/, /^unknown: of 1 of 3 ports$/],
  ])('%s', (_, http, sql, open, shut) => {
    expect(both(seen(http, sql))).toEqual([expect.stringMatching(open), expect.stringMatching(shut)])
  })

  test('the detail has each port with what decides', () => {
    const { details } = judged('FW-open-from-here', {
      v4: RULES,
      listeners: LISTENERS,
      seenPorts: seen(OPEN, OPEN),
    })
    expect(details?.join('\n')).toMatch(/^v4 tcp 3306 \(mariadbd\): open; the rules drop it \(.*policy DROP.*\)$/)
  })

  test('where the port that he is in by does not answer, the way is gone, and silence says nothing', () => {
    const gone = seen(SILENT, SILENT, firewallFacts(RULES), SILENT)
    expect(both(gone)).toEqual(['unknown: of 3 of 3 ports', 'unknown: of 3 of 3 ports'])
    // Nor where another has answered before: the way was there then.
    expect(both(seen(OPEN, SILENT, firewallFacts(RULES), SILENT))[1]).toBe('unknown: of 2 of 3 ports')
  })

  test('ports beyond those that are looked at keep it from being sure', () => {
    expect(both({ ...seen(OPEN, SILENT), more: 3 })).toEqual(['unknown: of 3 of 6 ports', 'unknown: of 3 of 6 ports'])
    expect(both(seen(OPEN, SILENT))).toEqual([
      'pass: none of 3 TCP ports',
      'pass: all that are let in of 3 TCP ports do',
    ])
  })

  test('in a family in which nothing answers, silence says nothing of the host', () => {
    const facts = withV6(RULES, filter())
    const found = judged('FW-shut-from-here', {
      facts,
      listeners: LISTENERS,
      seenPorts: seen(OPEN, SILENT, facts),
    })
    expect([found.outcome, found.details?.map((line) => line.slice(0, 14))]).toEqual([
      'unknown',
      ['v6 tcp 80 (ngi', 'v6 tcp 3306 (m'],
    ])
    // One that answers tells that there is a way.
    const ports = seen(OPEN, SILENT, facts).ports.map((one) =>
      one.family === 'v6' && one.port === 80 ? { ...one, answer: OPEN } : one,
    )
    expect(
      judged('FW-shut-from-here', { facts, listeners: LISTENERS, seenPorts: { at: 0, ports, more: 0 } }),
    ).toMatchObject({
      outcome: 'fail',
      observed: 'tcp 3306 (mariadbd)',
    })
  })

  test('what was not asked for is no finding', () => {
    expect(said('FW-open-from-here', { v4: RULES, listeners: LISTENERS })).toBe(
      'notapplicable: not looked at: L looks, from this machine',
    )
  })

  test('once the rules say otherwise, what was seen under the old ones counts no more', () => {
    const before = seen(OPEN, SILENT)
    expect(both(before, filter('INPUT DROP'))[1]).toMatch(/^notapplicable: the rules have changed/)
    // Others that say the same do not.
    expect(
      both(
        before,
        filter(
          'INPUT DROP',
          '-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT',
          '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
        ),
      )[1],
    ).toMatch(/^pass/)
  })

  test('nor where a port listens no more', () => {
    const port: PortSaid = { family: 'v4', port: 80, process: null, said: { answer: 'yes', because: say`x` } }
    expect(isStillSaid([port], [port])).toBe(true)
    expect(isStillSaid([port], [])).toBe(false)
    expect(isStillSaid([port], [{ ...port, family: 'v6' }])).toBe(false)
  })
})
