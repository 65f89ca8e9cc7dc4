import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { applyEdits } from '../../../../../src/services/areas/firewall/edits.ts'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import { readSets } from '../../../../../src/services/areas/firewall/sets/read.ts'
import { NOTHING_KNOWN, type Packet } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { walk } from '../../../../../src/services/areas/firewall/walk/walk.ts'
import type { Family, RuleSet } from '../../../../../src/services/model/firewall.ts'
import { outputFrom } from '../../../../support/probe-output.ts'

const sets = readSets(outputFrom('sets', readFileSync('test/fixtures/sets/debian12.txt', 'utf8')))

const rulesWith = (rule: string, family: Family = 'v4'): RuleSet => ({
  ...parseRuleSet(
    family,
    `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[0:0] -A INPUT ${rule} -j DROP\nCOMMIT\n`,
  ),
  sets,
})

const PACKET: Packet = {
  protocol: 'tcp',
  source: '192.0.2.1',
  sourcePort: 40_000,
  destination: '198.51.100.7',
  destinationPort: 80,
  inInterface: 'eth0',
  outInterface: null,
  state: 'NEW',
}

/** Whether the match holds: `no` packet gets past a rule that drops it. */
function matches(rule: string, over: Partial<Packet> = {}, family: Family = 'v4'): 'yes' | 'no' | 'unsure' {
  const { answer } = walk(rulesWith(rule, family), 'in', { ...PACKET, ...over }, NOTHING_KNOWN)
  return answer === 'unsure' ? 'unsure' : answer === 'no' ? 'yes' : 'no'
}

const V6 = { source: '2001:db8::5', destination: '2001:db8:1::1' }
const ICMP = { protocol: 'icmp', sourcePort: null, destinationPort: null }

describe('members decide', () => {
  test.each<[string, Partial<Packet>, 'yes' | 'no' | 'unsure', Family?]>([
    // hash:ip
    ['-m set --match-set bad dst', {}, 'yes'],
    ['-m set --match-set bad src', {}, 'no'],
    ['-m set ! --match-set bad src', {}, 'yes'],
    ['-m set --match-set bad src', { source: null }, 'unsure'],
    ['-m set --match-set empty src', { source: null }, 'no'],
    // as many sides as the set has fields, or more
    ['-m set --match-set bad dst,src', {}, 'yes'],
    ['-m set --match-set svc src', {}, 'no'],
    ['-m set ! --match-set svc src', {}, 'yes'],
    ['-m set --match-set svc src', { sourcePort: 80 }, 'no'],
    ['-m set --match-set svc src,src', { sourcePort: 80 }, 'yes'],
    // netmask
    ['-m set --match-set blocks src', { source: '203.0.113.200' }, 'yes'],
    ['-m set --match-set blocks src', { source: '203.0.114.200' }, 'no'],
    // hash:net: the longest one decides
    ['-m set --match-set nets src', { source: '10.9.9.9' }, 'yes'],
    ['-m set --match-set nets src', { source: '10.1.9.9' }, 'no'],
    ['-m set ! --match-set nets src', { source: '10.1.9.9' }, 'yes'],
    ['-m set --match-set nets src', { source: '203.0.113.8' }, 'no'],
    ['-m set --match-set nets src', { source: null }, 'unsure'],
    // hash:ip,port
    ['-m set --match-set svc src,dst', {}, 'yes'],
    ['-m set --match-set svc src,src', {}, 'no'],
    ['-m set --match-set svc src,dst', { protocol: 'udp' }, 'no'],
    ['-m set --match-set svc src,dst', { destinationPort: null }, 'unsure'],
    ['-m set --match-set svc src,dst', { destinationPort: null, source: '192.0.2.2' }, 'no'],
    ['-m set --match-set svc src,dst', { ...ICMP, icmp: { type: 3, code: 1 } }, 'yes'],
    ['-m set --match-set svc src,dst', { ...ICMP, icmp: { type: 3, code: 2 } }, 'no'],
    ['-m set --match-set svc src,dst', { ...ICMP, icmp: { type: 8, code: null } }, 'unsure'],
    ['-m set --match-set svc src,dst', { protocol: 'esp', sourcePort: null, destinationPort: null }, 'yes'],
    ['-m set --match-set svc src,dst', { protocol: 'gre', sourcePort: null, destinationPort: null }, 'no'],
    // hash:net,port of IPv6
    ['-m set --match-set svc6 src,dst', { ...V6, protocol: 'udp', destinationPort: 53 }, 'yes', 'v6'],
    ['-m set --match-set svc6 src,dst', { ...V6, protocol: 'tcp', destinationPort: 53 }, 'no', 'v6'],
    [
      '-m set --match-set svc6 src,dst',
      { ...V6, source: '2001:db9::5', protocol: 'udp', destinationPort: 53 },
      'no',
      'v6',
    ],
    // three fields
    ['-m set --match-set tri src,dst,dst', { source: '192.0.2.9', protocol: 'udp', destinationPort: 53 }, 'no'],
    [
      '-m set --match-set tri src,dst,dst',
      { source: '192.0.2.9', protocol: 'udp', destinationPort: 53, destination: '10.2.3.4' },
      'yes',
    ],
    // bitmaps
    ['-m set --match-set ports dst', {}, 'yes'],
    ['-m set --match-set ports src', {}, 'no'],
    ['-m set --match-set ports dst', { protocol: 'udp', destinationPort: 81 }, 'yes'],
    ['-m set --match-set ports dst', { protocol: 'sctp' }, 'no'],
    ['-m set --match-set ports dst', { ...V6 }, 'yes', 'v6'],
    ['-m set --match-set lan src', { source: '192.0.2.5' }, 'yes'],
    ['-m set --match-set lan src', {}, 'no'],
    // another family
    ['-m set --match-set bad dst', { ...V6 }, 'no', 'v6'],
    ['-m set --match-set bad dst', { ...V6, destination: null }, 'no', 'v6'],
    ['-m set --match-set soon dst', { ...V6 }, 'no', 'v6'],
    // sets of sets
    ['-m set --match-set list src', { source: '198.51.100.8' }, 'yes'],
    ['-m set --match-set list src', { source: '10.9.9.9' }, 'yes'],
    ['-m set --match-set list src', { source: '10.1.9.9' }, 'no'],
    // what can't be seen
    ['-m set --match-set macs src,src', { source: '192.0.2.2' }, 'unsure'],
    ['-m set --match-set macs src,src', { source: '192.0.2.3' }, 'no'],
    ['-m set --match-set dev src,src', { source: '10.2.2.2' }, 'unsure'],
    ['-m set --match-set dev src,src', { source: '11.2.2.2' }, 'no'],
    // what is not known, and what asks for more
    ['-m set --match-set gone src', {}, 'unsure'],
    ['-m set --match-set soon src', {}, 'unsure'],
    ['-m set --match-set odd src', {}, 'unsure'],
    ['-m set --match-set bad dst --return-nomatch', {}, 'unsure'],
    ['-m set --match-set nets src --return-nomatch', { source: '10.1.9.9' }, 'unsure'],
    ['-m set --match-set bad dst --packets-gt 3', {}, 'unsure'],
    ['-m set --match-set bad dst ! --update-counters', {}, 'yes'],
    ['-m set --match-set bad sideways', {}, 'unsure'],
    // a set's name with a space in it is not one of the host's that begins like it
    ['-m set --match-set bad dst src', {}, 'unsure'],
  ])('%s, %o: %s', (rule, over, answer, family = 'v4') => {
    expect(matches(rule, over, family)).toBe(answer)
  })
})

describe('the reason is given', () => {
  const because = (rule: string): string => walk(rulesWith(rule), 'in', PACKET).because
  test.each([
    ['-m set --match-set soon src', /\(set soon: its members come and go: they have a timeout\)$/],
    ['-m set --match-set gone src', /\(there is no set gone\)$/],
    ['-m set --match-set dev src,src -s 192.0.2.1 -m limit --limit 1/sec', /^(?!.*\().*$/],
  ])('%s', (rule, words) => {
    expect(because(rule)).toMatch(words)
  })

  test('also where sets were not read', () => {
    const rules = rulesWith('-m set --match-set bad src')
    const { sets: _none, ...without } = rules
    expect(walk(without, 'in', PACKET).because).toMatch(/\(sets were not read\)$/)
    const refused = readSets(outputFrom('sets', '\n@@headers\n\n@@status\nabsent\n'))
    expect(walk({ ...rules, sets: refused }, 'in', PACKET)).toMatchObject({
      answer: 'unsure',
      because: expect.stringMatching(/not read: ipset, which would list them, is not installed\)$/),
    })
  })
})

test('a staged rule that fills a set makes what the set matches unsure', () => {
  const rules = rulesWith('-m set --match-set bad src')
  expect(walk(rules, 'in', PACKET).answer).toBe('yes')
  const at = { family: 'v4', table: 'filter', chain: 'INPUT' } as const
  const text = '-p tcp -m tcp --dport 23 -j SET --add-set bad src'
  const { after } = applyEdits(rules, [{ kind: 'insert', at, before: null, ruleId: 'new', text }])
  expect(walk(after, 'in', PACKET).answer).toBe('unsure')
})
