import { describe, expect, test } from 'vitest'
import { shadowsIn } from '../../../../../src/services/areas/firewall/shadow.ts'
import type { Chain } from '../../../../../src/services/model/firewall.ts'

const chainOf = (texts: readonly string[], name = 'INPUT'): Chain => ({
  name,
  policy: 'ACCEPT',
  packets: 0,
  bytes: 0,
  rules: texts.map((text, at) => ({ id: `${at}`, text, packets: 0, bytes: 0 })),
})

/** `2 by 1` for each shadowed rule, counted from 1. */
const shadows = (...texts: readonly string[]): readonly string[] => {
  const chain = chainOf(texts)
  return [...shadowsIn({ name: 'filter', chains: [chain] }, chain)].map(([at, by]) => `${at + 1} by ${by + 1}`)
}

describe('a rule is shadowed by', () => {
  test.each([
    ['its own twin', '-p tcp -m tcp --dport 22 -j ACCEPT', '-p tcp -m tcp --dport 22 -j ACCEPT'],
    ['one that drops everything', '-j DROP', '-s 192.0.2.1/32 -p tcp -m tcp --dport 22 -j ACCEPT'],
    ['one of a wider network', '-s 192.0.2.0/24 -j DROP', '-s 192.0.2.7/32 -p udp -j ACCEPT'],
    ['one of a wider IPv6 network', '-s 2001:db8::/32 -j DROP', '-s 2001:db8:1::/48 -j ACCEPT'],
    ['one of all ports', '-p tcp -j ACCEPT', '-p tcp -m tcp --dport 22 -j DROP'],
    [
      'one of a range of ports',
      '-p tcp -m tcp --dport 1:1024 -j DROP',
      '-p tcp -m multiport --dports 22,80:90 -j ACCEPT',
    ],
    [
      'one of more states',
      '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-m state --state ESTABLISHED -j DROP',
    ],
    ['one of more interfaces', '-i eth+ -j DROP', '-i eth0 -p tcp -j ACCEPT'],
    ['one with the same thing negated', '! -s 192.0.2.0/24 -j DROP', '! -s 192.0.2.0/24 -p tcp -j ACCEPT'],
    ['one that goes elsewhere', '-p tcp -g elsewhere', '-p tcp -m tcp --dport 22 -j ACCEPT'],
    ['one that returns', '-p tcp -j RETURN', '-p tcp -m tcp --dport 22 -j ACCEPT'],
    ['one with a comment', '-m comment --comment "-p udp" -j DROP', '-p tcp -j ACCEPT'],
    [
      'one of the same ICMP type',
      '-p icmp -m icmp --icmp-type 8 -j DROP',
      '-s 10.0.0.0/8 -p icmp -m icmp --icmp-type 8 -j ACCEPT',
    ],
  ])('%s', (_name, earlier, later) => {
    expect(shadows(earlier, '-i lo -j LOG', later)).toContain('3 by 1')
  })
})

describe('a rule is not called shadowed by', () => {
  test.each([
    ['one that only logs', '-j LOG', '-j DROP'],
    ['one without a target', '-p tcp', '-p tcp -j DROP'],
    ['a jump, which may come back', '-p tcp -j mine', '-p tcp -j DROP'],
    [
      'one that is limited, even in the same words',
      '-m limit --limit 5/min -j ACCEPT',
      '-m limit --limit 5/min -j ACCEPT',
    ],
    ['one that remembers addresses', '-m recent --rcheck --name x -j DROP', '-m recent --rcheck --name x -j DROP'],
    ['one of a mark, which rules between may set', '-m mark --mark 0x1 -j DROP', '-m mark --mark 0x1 -j DROP'],
    ['one of a set', '-m set --match-set bad src -j DROP', '-m set --match-set bad src -j DROP'],
    ['a narrower one', '-s 192.0.2.0/25 -j DROP', '-s 192.0.2.0/24 -j ACCEPT'],
    ['one of another family', '-s 192.0.2.0/24 -j DROP', '-s 2001:db8::/48 -j ACCEPT'],
    ['one of another protocol', '-p udp -m udp --dport 53 -j ACCEPT', '-p tcp -m tcp --dport 53 -j ACCEPT'],
    ['one of fewer states', '-m conntrack --ctstate NEW -j DROP', '-m conntrack --ctstate NEW,INVALID -j DROP'],
    [
      'one that asks more of connection tracking',
      '-m conntrack --ctorigsrc 10.0.0.1 -j DROP',
      '-m conntrack --ctstate INVALID --ctorigsrc 10.0.0.1 -j DROP',
    ],
    [
      'one with a negated port beside another',
      '-p tcp -m tcp ! --dport 2 -j DROP',
      '-p tcp -m tcp ! --sport 1 ! --dport 2 -j DROP',
    ],
    [
      'what stands in a text that looks like options',
      '-p tcp -j DROP',
      '-m string --string "-p tcp" --algo bm -j DROP',
    ],
    ['one that can not be read', '-m comment --comment "open', '-j DROP'],
  ])('%s', (_name, earlier, later) => {
    expect(shadows(earlier, later)).toEqual([])
  })

  test('a chain that is named like a target', () => {
    const chain = chainOf(['-j DROP', '-j DROP'])
    expect(shadowsIn({ name: 'filter', chains: [chain, chainOf([], 'DROP')] }, chain).size).toBe(0)
  })

  test('rules of the raw table, which change the state that later ones ask for', () => {
    const chain = chainOf([
      '-m conntrack --ctstate UNTRACKED -j ACCEPT',
      '-j CT --notrack',
      '-m conntrack --ctstate UNTRACKED -j DROP',
    ])
    expect(shadowsIn({ name: 'raw', chains: [chain] }, chain).size).toBe(0)
  })
})

test('the first of several is named, and a shadowed rule shadows nothing itself', () => {
  expect(shadows('-s 192.0.2.0/24 -j DROP', '-s 192.0.2.7/32 -j DROP', '-s 192.0.2.7/32 -p tcp -j ACCEPT')).toEqual([
    '2 by 1',
    '3 by 1',
  ])
})
