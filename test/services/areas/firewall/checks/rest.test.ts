// What becomes of what no rule is about: judged by a packet, whatever the rules look like.
import { describe, expect, test } from 'vitest'
import { filter, fixOf, judged, said } from '../../../../support/firewall-checks.ts'
import { listener } from '../../../../support/listeners.ts'

const SSH = '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'
const LO = '-A INPUT -i lo -j ACCEPT'
const EST = '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const web = listener('tcp', '0.0.0.0', 80, 'nginx')
const sshd = listener('tcp', '0.0.0.0', 22, 'sshd')

describe('INPUT', () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      'a drop with a comment',
      [LO, EST, SSH, '-A INPUT -m comment --comment "default deny" -j DROP'],
      /^pass: rule 4: /,
    ],
    [
      'a rule behind the reject',
      [LO, EST, SSH, '-A INPUT -j REJECT', '-A INPUT -p tcp --dport 80 -j ACCEPT'],
      /^pass: rule 4: /,
    ],
    [
      'a chain that drops',
      [':gone', LO, SSH, '-A INPUT -g gone', '-A gone -j LOG', '-A gone -j DROP'],
      /^pass: filter gone rule 2: /,
    ],
    ['the interface of the world', [LO, SSH, '-A INPUT -i eth0 -j DROP'], /^pass/],
    ['a range that is open', ['INPUT DROP', SSH, '-A INPUT -p tcp --dport 1024:65535 -j ACCEPT'], /^pass: policy DROP/],
    ['answers of name servers', ['INPUT DROP', SSH, '-A INPUT -p udp --sport 53 -j ACCEPT'], /^pass: policy DROP/],
    ['a range that is closed', [SSH, '-A INPUT -p tcp --dport 1:1023 -j DROP'], /^fail: policy ACCEPT/],
    ['tcp alone closed', [SSH, '-A INPUT -p tcp -j DROP'], /^fail: policy ACCEPT/],
    [
      'an accept for an interface',
      ['INPUT DROP', LO, '-A INPUT -i eth0 -j ACCEPT'],
      /^fail: rule 2: -i eth0 -j ACCEPT/,
    ],
    [
      'an accept for new connections',
      ['INPUT DROP', '-A INPUT -m conntrack --ctstate NEW -j ACCEPT'],
      /^fail: rule 1: /,
    ],
    [
      'a chain that accepts',
      ['INPUT DROP', ':all', '-A INPUT -j all', '-A all -p udp -j ACCEPT'],
      /^fail: filter all rule 1: /,
    ],
    ['a set nobody can see into', ['-A INPUT -m set --match-set all src -j DROP'], /^unknown: depends on rule 1: /],
  ])('%s', (_, rules, words) => {
    expect(said('FW-default-deny-v4', { v4: filter(...rules) })).toMatch(words)
  })

  test('a strict IPv4 by its last rule does not hide an open IPv6', () => {
    const v4 = filter(LO, EST, SSH, '-A INPUT -m comment --comment "no more" -j REJECT')
    expect(said('FW-v6-open', { v4 })).toBe('fail: v4 closed, v6 open')
    const open = filter('INPUT DROP', '-A INPUT -i eth+ -j ACCEPT', '-A INPUT -p ipv6-icmp -j ACCEPT')
    const network = {
      interfaces: [{ name: 'eth0', addresses: [{ family: 'v6', address: '2001:db8::10', prefix: 64 } as const] }],
      defaultInterface: { v4: 'eth0', v6: 'eth0' },
      forwards: { v4: false, v6: false },
    }
    expect(said('FW-v6-open', { v4, v6: open, facts: { network } })).toBe('fail: v4 closed, v6 open')
    expect(said('FW-v6-open', { v4: filter('-A INPUT -m set --match-set all src -j DROP') })).toMatch(/^unknown: IPv4 /)
  })

  test('has no fix that would close nothing, and says what opens it', () => {
    const v4 = filter(LO, '-A INPUT -i eth0 -j ACCEPT')
    expect(fixOf('FW-default-deny-v4', { v4 })).toBeNull()
    expect(judged('FW-default-deny-v4', { v4, listeners: [web, sshd] }).details).toEqual([
      'open because of it:',
      'tcp 80 (nginx)',
      'tcp 22 (sshd)',
    ])
  })
})

describe('ports', () => {
  test('are open without a decision where a rule for everything lets them in', () => {
    const v4 = filter('INPUT DROP', LO, '-A INPUT -i eth0 -j ACCEPT')
    expect(said('FW-open-by-policy-v4', { v4, listeners: [web] })).toBe('fail: tcp 80 (nginx)')
  })

  test('are decided where a rule, or the jump to its chain, names them', () => {
    const named = filter('INPUT DROP', ':web', '-A INPUT -p tcp --dport 80 -j web', '-A web -j ACCEPT')
    expect(said('FW-open-by-policy-v4', { v4: named, listeners: [web] })).toBe('pass: none')
    const several = filter('-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT')
    expect(said('FW-open-by-policy-v4', { v4: several, listeners: [web] })).toBe('pass: none')
  })
})

describe('FORWARD and OUTPUT', () => {
  const network = {
    interfaces: [
      { name: 'eth0', addresses: [{ family: 'v4', address: '192.0.2.10', prefix: 24 } as const] },
      { name: 'eth1', addresses: [{ family: 'v4', address: '10.0.0.1', prefix: 24 } as const] },
    ],
    defaultInterface: { v4: 'eth0', v6: null },
    forwards: { v4: true, v6: false },
  }
  test.each<[string, readonly string[], RegExp]>([
    ['nothing', [], /^fail: policy ACCEPT/],
    ['a policy', ['FORWARD DROP', '-A FORWARD -i eth1 -o eth0 -j ACCEPT'], /^pass: policy DROP/],
    ['a last rule with a comment', ['-A FORWARD -m comment --comment x -j DROP'], /^pass: rule 1: /],
    ['answers alone', ['FORWARD DROP', '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'], /^pass/],
    ['a way in for all', ['FORWARD DROP', '-A FORWARD -o eth1 -j ACCEPT'], /^fail: rule 1: /],
  ])('FORWARD with %s', (_, rules, words) => {
    expect(said('FW-forward-v4', { v4: filter(...rules), facts: { network } })).toMatch(words)
  })

  test.each<[string, readonly string[], RegExp]>([
    ['nothing', [], /^fail: policy ACCEPT/],
    ['a reject at the end', ['-A OUTPUT -p tcp --dport 443 -j ACCEPT', '-A OUTPUT -j REJECT'], /^pass: rule 2: /],
    ['an accept for all', ['OUTPUT DROP', '-A OUTPUT -o eth0 -j ACCEPT'], /^fail: rule 1: /],
    ['an accept for some users', ['OUTPUT DROP', '-A OUTPUT -m owner --uid-owner 0 -j ACCEPT'], /^unknown: /],
  ])('OUTPUT with %s', (_, rules, words) => {
    expect(said('FW-output-v4', { v4: filter(...rules) })).toMatch(words)
  })
})
