import { describe, expect, test } from 'vitest'
import type { Packet } from '../../../../../src/services/areas/firewall/walk/packet.ts'
import { walk } from '../../../../../src/services/areas/firewall/walk/walk.ts'
import { ruleSetOf } from '../../../../support/rule-sets.ts'

const packet: Packet = {
  protocol: 'tcp',
  source: '198.51.100.20',
  sourcePort: null,
  destination: '192.0.2.10',
  destinationPort: 22,
  inInterface: 'eth0',
  outInterface: null,
  state: 'NEW',
}
const input = (policy: string, ...rules: string[]) =>
  ruleSetOf(
    `*filter\n:INPUT ${policy} [0:0]\n:OUTPUT ACCEPT [0:0]\n:mine - [0:0]\n:gate - [0:0]\n${rules.map((rule) => `-A ${rule}\n`).join('')}COMMIT\n`,
  )
const asks = (set: ReturnType<typeof input>, over: Partial<Packet> = {}) =>
  walk(set, 'in', { ...packet, ...over }).answer

test.each<[string, string[], string]>([
  ['DROP', [], 'no'],
  ['ACCEPT', [], 'yes'],
  ['ACCEPT', ['INPUT -p tcp -m tcp --dport 22 -j DROP'], 'no'],
  ['DROP', ['INPUT -p tcp -m tcp --dport 22 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -p tcp -m tcp --dport 23 -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -p tcp -m tcp --dport 20:30 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -p tcp -m multiport --dports 80,22 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -s 198.51.100.0/24 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT ! -s 198.51.100.0/24 -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -s 198.51.100.0/255.255.255.0 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -i lo -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -i eth+ -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -m conntrack --ctstate NEW -p tcp --dport 22 -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -j mine', 'mine -p tcp -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -j mine', 'mine -j RETURN', 'INPUT -j ACCEPT'], 'yes'],
  ['DROP', ['INPUT -g mine', 'mine -p udp -j ACCEPT', 'INPUT -j ACCEPT'], 'no'],
  ['DROP', ['INPUT -j mine', 'mine -g gate', 'gate -p udp -j DROP', 'INPUT -j ACCEPT'], 'yes'],
  ['ACCEPT', ['INPUT -j LOG', 'INPUT -p tcp -j REJECT --reject-with tcp-reset'], 'no'],
  ['ACCEPT', ['INPUT -m recent --update --seconds 60 --name x -j DROP'], 'unsure'],
  ['ACCEPT', ['INPUT -m set --match-set bad src -j DROP', 'INPUT -p tcp -j ACCEPT'], 'unsure'],
  ['DROP', ['INPUT -m limit --limit 3/min -j ACCEPT'], 'unsure'],
  ['DROP', ['INPUT -m limit --limit 3/min -j ACCEPT', 'INPUT -j ACCEPT'], 'yes'],
  ['ACCEPT', ['INPUT -p tcp --sport 1024: -j DROP'], 'unsure'],
  ['DROP', ['INPUT -j SOMETHINGNEW'], 'unsure'],
  ['DROP', ['INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT'], 'yes'],
])('policy %s with %j: a new login %s', (policy, rules, answer) => {
  expect(asks(input(policy, ...rules))).toBe(answer)
})

test('a running session passes where only established packets do', () => {
  const set = input('DROP', 'INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT')
  expect(asks(set, { state: 'ESTABLISHED', sourcePort: 50022 })).toBe('yes')
})

test('the deciding rule is named with its place', () => {
  expect(walk(input('ACCEPT', 'INPUT -i lo -j ACCEPT', 'INPUT -p tcp --dport 22 -j DROP'), 'in', packet).because).toBe(
    'filter INPUT rule 2: -p tcp --dport 22 -j DROP',
  )
  expect(walk(input('DROP'), 'in', packet).because).toBe('filter INPUT policy DROP')
})

test('a v4 rule never matches a v6 packet and a broken one never throws', () => {
  expect(asks(input('DROP', 'INPUT -s 198.51.100.20/32 -j ACCEPT'), { source: '2001:db8::7' })).toBe('no')
  expect(asks(input('DROP', 'INPUT -s 198.51.100.999/99 -j ACCEPT'))).toBe('unsure')
})

test('a raw table that drops is seen before the filter table accepts', () => {
  const set = ruleSetOf(
    '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 22 -j DROP\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n',
  )
  expect(asks(set)).toBe('no')
})

describe('where it is decided', () => {
  const place = (set: ReturnType<typeof input>, over: Partial<Packet> = {}) =>
    walk(set, 'in', { ...packet, ...over }).at

  test('is a rule with its id, or a policy', () => {
    const set = input(
      'DROP',
      'INPUT -i lo -j ACCEPT',
      'INPUT -p tcp -j mine',
      'mine -p tcp -m tcp --dport 22 -j ACCEPT',
    )
    const ruleId = set.tables[0]?.chains.find((chain) => chain.name === 'mine')?.rules[0]?.id
    expect(place(set)).toEqual({ table: 'filter', chain: 'mine', ruleNumber: 1, ruleId })
    expect(place(set, { destinationPort: 23 })).toEqual({
      table: 'filter',
      chain: 'INPUT',
      ruleNumber: 'policy',
      ruleId: null,
    })
    expect(place(ruleSetOf(''))).toBe(null)
  })

  test('is the filter table where a packet passes, whatever else has rules', () => {
    const set = ruleSetOf(
      '*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -j MARK --set-xmark 0x1\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n*security\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n',
    )
    expect(walk(set, 'in', packet).because).toBe('filter INPUT rule 1: -j ACCEPT')
  })

  test('is the sure rule where a doubtful one before it leads to the same end', () => {
    const set = input('DROP', 'INPUT -m limit --limit 3/min -j ACCEPT', 'INPUT -j ACCEPT')
    expect(walk(set, 'in', packet).because).toBe('filter INPUT rule 2: -j ACCEPT')
  })

  test('is, where it depends, the rule that leads away from the sure course', () => {
    const rules = [
      'INPUT -m limit --limit 3/min -j ACCEPT',
      'INPUT -m recent --rcheck --name x -j mine',
      'mine -j DROP',
    ]
    expect(walk(input('ACCEPT', ...rules), 'in', packet).because).toBe(
      'depends on filter INPUT rule 2: -m recent --rcheck --name x -j mine',
    )
    expect(walk(input('DROP', ...rules), 'in', packet).because).toBe(
      'depends on filter INPUT rule 1: -m limit --limit 3/min -j ACCEPT',
    )
  })

  test('is text of a server that can do nothing to a terminal', () => {
    const set = input('ACCEPT', 'INPUT -m comment --comment "\u001b[31mred" -j DROP')
    expect(walk(set, 'in', packet).because).toContain('␛[31mred')
  })
})

describe('the tables that come before', () => {
  const whole = (...lines: readonly string[]) => ruleSetOf(`${lines.join('\n')}\nCOMMIT\n`)
  const stateful = '*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate'

  test.each<[string, string[], string, Partial<Packet>?]>([
    [
      'what is not tracked is not new',
      ['*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j CT --notrack\nCOMMIT', `${stateful} NEW -j ACCEPT`],
      'no',
    ],
    [
      'what is not tracked is UNTRACKED',
      ['*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j NOTRACK\nCOMMIT', `${stateful} UNTRACKED -j ACCEPT`],
      'yes',
    ],
    [
      'what may be tracked or not',
      [
        '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m limit --limit 1/s -j CT --notrack\nCOMMIT',
        `${stateful} NEW -j ACCEPT`,
      ],
      'unsure',
    ],
    [
      'the first CT decides',
      [
        '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j CT --helper ftp\n-A PREROUTING -j CT --notrack\nCOMMIT',
        `${stateful} NEW -j ACCEPT`,
      ],
      'yes',
    ],
    [
      'another zone may not know a connection',
      ['*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j CT --zone 5\nCOMMIT', `${stateful} NEW -j ACCEPT`],
      'unsure',
    ],
    [
      'in another zone a reply may count as the first packet of a connection',
      [
        '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j CT --zone 5\nCOMMIT',
        `${stateful} NEW --ctdir ORIGINAL -j ACCEPT`,
      ],
      'unsure',
      { state: 'ESTABLISHED', reply: true },
    ],
    [
      'the raw table sees no state but INVALID',
      [
        '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m conntrack --ctstate NEW -j DROP\n-A PREROUTING -m conntrack ! --ctstate INVALID -j DROP',
      ],
      'yes',
    ],
    [
      'over the loopback interface it may see any',
      ['*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m conntrack --ctstate NEW -j DROP'],
      'unsure',
      { inInterface: 'lo' },
    ],
    [
      'a redirected packet has another port',
      [
        '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 22 -j REDIRECT --to-ports 2222\nCOMMIT',
        '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 2222 -j ACCEPT',
      ],
      'yes',
    ],
    [
      'and another address',
      [
        '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j REDIRECT\nCOMMIT',
        '*filter\n:INPUT DROP [0:0]\n-A INPUT -d 192.0.2.10/32 -p tcp -m tcp --dport 22 -j ACCEPT',
      ],
      'unsure',
    ],
    [
      'a packet that may be redirected has either',
      [
        '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m limit --limit 1/s -j REDIRECT --to-ports 2222\nCOMMIT',
        '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 2222 -j ACCEPT',
      ],
      'unsure',
    ],
    [
      'a packet sent elsewhere may not come in at all',
      ['*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 22 -j DNAT --to-destination 203.0.113.2'],
      'unsure',
    ],
    [
      'one that is certainly not sent elsewhere does',
      ['*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 23 -j DNAT --to-destination 203.0.113.2'],
      'yes',
    ],
    [
      'a running connection is not asked',
      ['*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DNAT --to-destination 203.0.113.2'],
      'yes',
      { state: 'ESTABLISHED' },
    ],
    [
      'the security table comes after the filter',
      ['*security\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT', '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT'],
      'no',
    ],
  ])('%s', (_, lines, answer, over) => {
    expect(walk(whole(...lines), 'in', { ...packet, ...over }).answer).toBe(answer)
  })
})

test('a rule sees what the one before it in its chain has done', () => {
  const set = ruleSetOf(
    '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j NOTRACK\n-A PREROUTING -m conntrack --ctstate UNTRACKED -j DROP\nCOMMIT\n',
  )
  expect(walk(set, 'in', packet)).toMatchObject({ answer: 'no', at: { chain: 'PREROUTING', ruleNumber: 2 } })
})

describe('a jump into a chain that may end', () => {
  test('leaves what comes after it in doubt, by the rule in there', () => {
    const set = input('DROP', 'INPUT -j mine', 'mine -m limit --limit 1/s -j RETURN', 'mine -j DROP', 'INPUT -j ACCEPT')
    expect(walk(set, 'in', packet)).toMatchObject({
      answer: 'unsure',
      because: 'depends on filter mine rule 1: -m limit --limit 1/s -j RETURN',
    })
  })

  test('leaves the rest as sure as it was where the jump itself may not be taken', () => {
    const rules = ['INPUT -m limit --limit 1/s -j mine', 'mine -m recent --rcheck --name x -j RETURN', 'mine -j DROP']
    expect(walk(input('DROP', ...rules, 'INPUT -j ACCEPT'), 'in', packet)).toMatchObject({
      answer: 'unsure',
      because: 'depends on filter INPUT rule 1: -m limit --limit 1/s -j mine',
    })
  })
})

describe('a translation', () => {
  const nat = (chain: string, rule: string, rest: string) =>
    ruleSetOf(`*nat\n:${chain} ACCEPT [0:0]\n-A ${chain} ${rule}\nCOMMIT\n*filter\n${rest}COMMIT\n`)
  const forward = ':FORWARD ACCEPT [0:0]\n'
  const through = (rule: string, over: Partial<Packet> = {}) =>
    walk(nat('PREROUTING', rule, forward), 'forward', { ...packet, outInterface: 'eth1', ...over }).answer

  test('to the host itself makes of a packet that passes through another one', () => {
    expect(through('-p tcp -j REDIRECT')).toBe('unsure')
    expect(through('-p udp -j REDIRECT')).toBe('yes')
    expect(through('-p tcp -j DNAT --to-destination 203.0.113.5')).toBe('unsure')
    expect(through('-p tcp -j NETMAP --to 203.0.113.0/24')).toBe('unsure')
    expect(through('-p tcp -j REDIRECT', { state: 'ESTABLISHED' })).toBe('yes')
    expect(through('-p tcp -j REDIRECT', { state: 'RELATED' })).toBe('unsure')
    expect(through('-p icmp -j REDIRECT', { protocol: 'icmp', state: 'RELATED' })).toBe('yes')
  })

  test('of the source changes nothing that a later rule could see', () => {
    const masquerade = nat('POSTROUTING', '-o eth1 -j MASQUERADE', ':FORWARD DROP [0:0]\n-A FORWARD -j ACCEPT\n')
    const netmap = nat('POSTROUTING', '-j NETMAP --to 203.0.113.0/24', forward)
    for (const set of [masquerade, netmap])
      expect(walk(set, 'forward', { ...packet, outInterface: 'eth1' }).answer).toBe('yes')
  })

  test('of what the host sends may lead it anywhere, so that its destination is not known', () => {
    const out = (rest: string) =>
      walk(nat('OUTPUT', '-p tcp -j DNAT --to-destination 203.0.113.5', `:OUTPUT ACCEPT [0:0]\n${rest}`), 'out', {
        ...packet,
        inInterface: null,
        outInterface: 'eth0',
      }).answer
    expect(out('')).toBe('yes')
    expect(out('-A OUTPUT -d 192.0.2.10/32 -j DROP\n')).toBe('unsure')
    expect(out('-A OUTPUT -o eth0 -j DROP\n')).toBe('unsure')
    expect(out('-A OUTPUT -p tcp -m tcp --dport 22 -j DROP\n')).toBe('unsure')
    expect(out('-A OUTPUT -p udp -j DROP\n')).toBe('yes')
  })

  test('to several ports leaves the port unknown, and one without a port keeps it', () => {
    const port = (rule: string, dport: number) =>
      walk(
        nat('PREROUTING', rule, `:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport ${dport} -j ACCEPT\n`),
        'in',
        packet,
      ).answer
    expect(port('-p tcp -j REDIRECT --to-ports 2222', 2222)).toBe('yes')
    expect(port('-p tcp -j REDIRECT --to-ports 2222', 22)).toBe('no')
    expect(port('-p tcp -j REDIRECT --to-ports 2222-2230', 2222)).toBe('unsure')
    expect(port('-p tcp -j REDIRECT', 22)).toBe('yes')
  })

  test('is seen by what asks for it, unless the packet may have come over the loopback interface', () => {
    const dnat = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m conntrack --ctstate DNAT -j DROP\nCOMMIT\n'
    expect(asks(ruleSetOf(dnat))).toBe('yes')
    expect(asks(ruleSetOf(dnat), { inInterface: 'lo' })).toBe('unsure')
    const out = dnat.replaceAll('INPUT', 'OUTPUT')
    expect(walk(ruleSetOf(out), 'out', { ...packet, inInterface: null, outInterface: 'lo' }).answer).toBe('yes')
  })
})

test('a chain is walked again where a packet comes to it as another', () => {
  const set = ruleSetOf(
    '*raw\n:PREROUTING ACCEPT [0:0]\n:a - [0:0]\n-A PREROUTING -j a\n-A PREROUTING -j NOTRACK\n-A PREROUTING -j a\n-A a -m conntrack --ctstate UNTRACKED -j DROP\nCOMMIT\n',
  )
  expect(asks(set)).toBe('no')
})

describe('what goes out and what goes through', () => {
  const set = ruleSetOf(
    [
      '*mangle\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -d 203.0.113.9/32 -j DROP\nCOMMIT',
      '*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]',
      '-A FORWARD -i eth0 -o eth1 -p udp -j ACCEPT\n-A OUTPUT -o eth1 -p udp -j ACCEPT\nCOMMIT\n',
    ].join('\n'),
  )
  const udp: Packet = {
    ...packet,
    protocol: 'udp',
    destination: '203.0.113.5',
    destinationPort: 53,
    outInterface: 'eth1',
  }

  test.each<['out' | 'forward', string, Partial<Packet>, string]>([
    ['out', 'eth1', {}, 'yes'],
    ['out', 'eth0', {}, 'no'],
    ['forward', 'eth1', {}, 'yes'],
    ['forward', 'eth1', { inInterface: 'eth2' }, 'no'],
    ['forward', 'eth1', { protocol: 'tcp' }, 'no'],
    ['forward', 'eth1', { destination: '203.0.113.9' }, 'no'],
    ['out', 'eth1', { destination: '203.0.113.9' }, 'no'],
  ])('%s by %s %j: %s', (direction, outInterface, over, answer) => {
    expect(walk(set, direction, { ...udp, outInterface, ...over }).answer).toBe(answer)
  })

  test('a mark may choose another way out', () => {
    const marked = ruleSetOf(
      '*mangle\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j MARK --set-xmark 0x1\nCOMMIT\n*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -o eth1 -j ACCEPT\nCOMMIT\n',
    )
    expect(walk(marked, 'out', udp).answer).toBe('unsure')
  })
})

describe('rule sets that no kernel takes', () => {
  test('going round in circles', () => {
    expect(asks(input('DROP', 'INPUT -j mine', 'mine -j gate', 'gate -j mine', 'INPUT -j ACCEPT'))).toBe('unsure')
  })

  test('deeper than anything', () => {
    const chains = Array.from({ length: 5000 }, (_, i) => i)
    const save = `*filter\n:INPUT DROP [0:0]\n${chains.map((i) => `:c${i} - [0:0]\n`).join('')}-A INPUT -j c0\n${chains.map((i) => `-A c${i} -j c${i + 1}\n`).join('')}COMMIT\n`
    expect(walk(ruleSetOf(save), 'in', packet).answer).toBe('unsure')
  })

  test('with more ways than could ever be walked one by one', () => {
    const chains = Array.from({ length: 60 }, (_, i) => i)
    const both = (i: number) => `-A c${i} -m limit --limit 1/s -j c${i + 1}\n-A c${i} -m mark --mark 0x1 -j c${i + 1}\n`
    const save = `*filter\n:INPUT DROP [0:0]\n${chains.map((i) => `:c${i} - [0:0]\n`).join('')}:c60 - [0:0]\n-A INPUT -j c0\n${chains.map(both).join('')}-A c60 -p udp -j ACCEPT\nCOMMIT\n`
    expect(walk(ruleSetOf(save), 'in', packet).answer).toBe('no')
  })

  test('with a chain named like a target', () => {
    const save = '*filter\n:INPUT DROP [0:0]\n:LOG - [0:0]\n-A INPUT -j LOG\n-A LOG -j ACCEPT\nCOMMIT\n'
    expect(walk(ruleSetOf(save), 'in', packet).answer).toBe('unsure')
  })

  test('with a rule that can not be read', () => {
    expect(asks(input('ACCEPT', 'INPUT -m comment --comment "never closed -j DROP'))).toBe('unsure')
  })
})
