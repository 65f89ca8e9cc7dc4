// A packet to the host's own address that a DNAT rule sends on to another machine, such as a container.
import { describe, expect, test } from 'vitest'
import type { Packet } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { walk } from '../../../../../src/services/areas/firewall/walk/walk.ts'
import { ruleSetOf } from '../../../../support/rule-sets.ts'

const packet: Packet = {
  protocol: 'tcp',
  source: '203.0.113.7',
  sourcePort: 40_000,
  destination: '192.0.2.10',
  destinationPort: 8080,
  inInterface: 'eth0',
  outInterface: 'docker0',
  state: 'NEW',
  sentOnTo: { option: '172.17.0.2:80', address: '172.17.0.2', port: 80 },
}
const DNAT = '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80'
const rules = (nat: readonly string[], forward: readonly string[], before: readonly string[] = []) =>
  ruleSetOf(
    [
      '*raw\n:PREROUTING ACCEPT [0:0]',
      ...before.map((rule) => `-A PREROUTING ${rule}`),
      'COMMIT\n*nat\n:PREROUTING ACCEPT [0:0]',
      ...nat.map((rule) => `-A PREROUTING ${rule}`),
      'COMMIT\n*filter\n:FORWARD DROP [0:0]',
      ...forward.map((rule) => `-A FORWARD ${rule}`),
      'COMMIT\n',
    ].join('\n'),
  )
const walked = (...given: Parameters<typeof rules>) => walk(rules(...given), 'forward', packet)

describe('it passes', () => {
  test.each([
    ['-d 172.17.0.2/32 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT'],
    ['-m conntrack --ctstate DNAT -j ACCEPT'],
    ['-m conntrack --ctstate NEW --ctorigdst 192.0.2.10 --ctorigdstport 8080 -j ACCEPT'],
  ])('as the packet that it has become: %s', (accept) => {
    expect(walked([DNAT], [accept])).toMatchObject({ answer: 'yes', at: { chain: 'FORWARD', ruleNumber: 1 } })
  })

  test.each([['-d 192.0.2.10/32 -j ACCEPT'], ['-p tcp -m tcp --dport 8080 -j ACCEPT'], ['-o eth0 -j ACCEPT']])(
    'not as the one that it was: %s',
    (accept) => {
      expect(walked([DNAT], [accept])).toMatchObject({ answer: 'no', at: { ruleNumber: 'policy' } })
    },
  )
})

describe('no rule sends it on', () => {
  test.each<[string, string[]]>([
    ['where there is none', []],
    ['where another port is meant', ['-p tcp -m tcp --dport 8081 -j DNAT --to-destination 172.17.0.2:80']],
    ['where it was let through before', ['-p tcp -j ACCEPT', DNAT]],
  ])('%s', (_, nat) => {
    expect(walked(nat, ['-j ACCEPT'])).toEqual({ answer: 'no', because: 'no rule sends it on', at: null })
  })

  test('nor where there is no chain that anything is sent through', () => {
    const nothing = ruleSetOf('*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n')
    expect(walk(nothing, 'forward', packet)).toEqual({ answer: 'no', because: 'no rule sends it on', at: null })
  })
})

test('a rule that may send it on makes it unsure, and the chain is named', () => {
  const maybe = `-m limit --limit 1/sec ${DNAT}`
  expect(walked([maybe], ['-j ACCEPT'])).toMatchObject({
    answer: 'unsure',
    because: expect.stringContaining('nat PREROUTING'),
  })
})

test('where another rule sends it on it is no longer the packet that was asked about', () => {
  const other = '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.3:80'
  expect(walked([other, DNAT], ['-j ACCEPT'])).toMatchObject({
    answer: 'unsure',
    because: expect.stringContaining('nat PREROUTING rule 1'),
  })
})

test('a rule before the translation sees it as it came', () => {
  expect(walked([DNAT], ['-j ACCEPT'], ['-d 192.0.2.10/32 -p tcp -m tcp --dport 8080 -j DROP'])).toMatchObject({
    answer: 'no',
    at: { table: 'raw' },
  })
  expect(walked([DNAT], ['-j ACCEPT'], ['-d 172.17.0.2/32 -j DROP'])).toMatchObject({ answer: 'yes' })
})

test('its destination is the host’s own before it is sent on', () => {
  const local = '-m addrtype --dst-type LOCAL -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80'
  expect(walked([local], ['-d 172.17.0.2/32 -j ACCEPT'])).toMatchObject({ answer: 'yes' })
  const others = '-m addrtype ! --dst-type LOCAL -j DNAT --to-destination 172.17.0.2:80'
  expect(walked([others], ['-j ACCEPT'])).toMatchObject({ answer: 'no', because: 'no rule sends it on' })
  const mixed = '-m addrtype --dst-type UNICAST,LOCAL -j DNAT --to-destination 172.17.0.2:80'
  expect(walked([mixed], ['-j ACCEPT'])).toMatchObject({ answer: 'yes' })
  // Its source is asked as any other one is.
  const source = '-m addrtype --src-type LOCAL -j DNAT --to-destination 172.17.0.2:80'
  expect(walked([source], ['-j ACCEPT']).answer).toBe('unsure')
})
