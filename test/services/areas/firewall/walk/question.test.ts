import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import { ask, questionWords, readQuestion } from '../../../../../src/services/areas/firewall/walk/question.ts'
import type { Family, Network } from '../../../../../src/services/model/firewall.ts'
import { safe } from '../../../../../src/services/model/safe.ts'

const NETWORK: Network = {
  interfaces: [
    { name: 'lo', addresses: [{ family: 'v4', address: '127.0.0.1', prefix: 8 }] },
    {
      name: 'eth0',
      addresses: [
        { family: 'v4', address: '192.0.2.10', prefix: 24 },
        { family: 'v6', address: '2001:db8::10', prefix: 64 },
      ],
    },
    { name: 'wg0', addresses: [{ family: 'v4', address: '10.9.0.1', prefix: 24 }] },
  ],
  defaultInterface: { v4: 'eth0', v6: 'eth0' },
  forwards: { v4: true, v6: false },
}
const AROUND = {
  network: NETWORK,
  portNames: new Map([
    ['tcp/443', safe('https')],
    ['udp/53', safe('domain')],
  ]),
  session: { clientAddress: '198.51.100.20', clientPort: 50022, serverAddress: '192.0.2.10', serverPort: 22 },
}

const read = (line: string) => {
  const question = readQuestion(line, AROUND)
  if (!question.ok) throw new Error(question.error)
  return question.value
}
const refusal = (line: string): string => {
  const question = readQuestion(line, AROUND)
  return question.ok ? '' : question.error
}

describe('a question', () => {
  test.each([
    ['from 203.0.113.5 tcp 443', '203.0.113.5 → 192.0.2.10 tcp 443, in over eth0'],
    ['203.0.113.5 https', '203.0.113.5 → 192.0.2.10 tcp 443, in over eth0'],
    ['tcp/443 from 10.9.0.7', '10.9.0.7 → 192.0.2.10 tcp 443, in over wg0'],
    ['to 198.51.100.53 udp domain', '192.0.2.10 → 198.51.100.53 udp 53, out over eth0'],
    ['2001:db8:5::1 ping', '2001:db8:5::1 → 2001:db8::10 ping, in over eth0'],
    ['from 10.9.0.7 to 203.0.113.5 :80', '10.9.0.7 → 203.0.113.5 tcp 80, in over wg0, out over eth0'],
    ['from 127.0.0.1 to 192.0.2.10 port 25', '127.0.0.1 → 192.0.2.10 tcp 25, in over lo, out over lo'],
  ])('%s is read as %s', (line, words) => {
    expect(questionWords(read(line))).toBe(words)
  })

  test.each([
    ['', 'Say from where'],
    ['tcp 443', 'Say from where'],
    ['from', 'needs an address'],
    ['from web1 tcp 443', 'is not an IP address'],
    ['from 203.0.113.5 to 2001:db8::1', 'one family'],
    ['203.0.113.5 tcp 70000', 'is no port'],
    ['203.0.113.5 icmp 80', 'has no ports'],
    ['203.0.113.5 frobnicate', 'is no address, protocol or port'],
  ])('“%s” is refused: %s', (line, words) => {
    expect(refusal(line)).toContain(words)
  })

  test('is refused where this host has no address of that family to be asked about', () => {
    const only = { ...NETWORK, interfaces: NETWORK.interfaces.filter(({ name }) => name === 'wg0') }
    for (const line of ['from 2001:db8:5::1 tcp 443', 'to 2001:db8:5::1 tcp 443'])
      expect(readQuestion(line, { ...AROUND, network: only })).toMatchObject({
        ok: false,
        error: 'This host has no v6 address.',
      })
  })

  test('takes a global address of this host before one of the link, and that where there is no other', () => {
    const linkLocal = { family: 'v6', address: 'FE80::1', prefix: 64 } as const
    const to = (...addresses: readonly { family: 'v6'; address: string; prefix: number }[]) => {
      const network = { ...NETWORK, interfaces: [{ name: 'eth0', addresses }] }
      const question = readQuestion('from 2001:db8:5::1 tcp 443', { ...AROUND, network })
      return question.ok ? question.value.to : question.error
    }
    expect(to(linkLocal, { family: 'v6', address: '2001:db8::10', prefix: 64 })).toBe('2001:db8::10')
    expect(to(linkLocal)).toBe('FE80::1')
  })

  test('is about the interface of the narrowest network that an address lies in', () => {
    const narrow = { name: 'vpn', addresses: [{ family: 'v4', address: '192.0.2.65', prefix: 28 } as const] }
    const network = { ...NETWORK, interfaces: [...NETWORK.interfaces, narrow] }
    const over = (from: string) => {
      const question = readQuestion(`from ${from} tcp 80`, { ...AROUND, network })
      return question.ok ? question.value.inInterface : question.error
    }
    expect(over('192.0.2.70')).toBe('vpn')
    expect(over('192.0.2.80')).toBe('eth0')
    expect(over('203.0.113.5')).toBe('eth0')
  })

  test('takes the host’s own addresses by the whole, and all of the loopback network', () => {
    expect(read('from 192.0.2.10 to 203.0.113.5 tcp 80')).toMatchObject({ direction: 'out', inInterface: null })
    expect(read('from 192.0.2.11 to 203.0.113.5 tcp 80')).toMatchObject({ direction: 'forward' })
    expect(read('from 2001:db8::11 to 2001:db8:9::1 tcp 80')).toMatchObject({ direction: 'forward' })
    expect(read('from 127.9.9.9 to 192.0.2.10 tcp 80')).toMatchObject({ direction: 'in', outInterface: 'lo' })
  })

  test.each([
    ['203.0.113.5 tcp 65535', 65_535],
    ['203.0.113.5 tcp', null],
    ['203.0.113.5 port https', 443],
    ['203.0.113.5,udp,domain', 53],
    ['203.0.113.5 udp/domain', 53],
    [':443 203.0.113.5', 443],
  ])('%s asks about port %j', (line, port) => expect(read(line).port).toBe(port))

  test.each([
    ['203.0.113.5 tcp 65536', 'is no port'],
    ['203.0.113.5 tcp domain', 'is no port'],
    ['203.0.113.5 ping 80', 'has no ports'],
    ['203.0.113.5 gre 80', 'has no ports'],
    ['203.0.113.5 port', 'needs a port'],
    ['from 203.0.113.5 to', 'needs an address'],
    ['  from  ', 'needs an address'],
    ['from 203.0.113.5 to web1', 'is not an IP address'],
  ])('“%s” is refused: %s', (line, words) => expect(refusal(line)).toContain(words))

  test('never throws, whatever is typed', () => {
    fc.assert(fc.property(fc.string(), (line) => void readQuestion(line, AROUND)))
    const word = fc.constantFrom(
      'from',
      'to',
      '::1',
      '10.0.0.1',
      'fe80::1%eth0',
      '::ffff:10.0.0.1',
      'udp',
      '53',
      'ping',
      'port',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 7 }), (words) => {
        const question = readQuestion(words.join(' '), AROUND)
        if (question.ok) ask(rules(question.value.family), question.value, NETWORK)
      }),
    )
  })
})

const rules = (family: Family, ...lines: readonly string[]) =>
  parseRuleSet(
    family,
    ['*filter', ':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT DROP [0:0]', ...lines, 'COMMIT'].join('\n'),
  )

const answers = (line: string, ...lines: readonly string[]): readonly string[] => {
  const question = read(line)
  return ask(rules(question.family, ...lines), question, NETWORK).map(({ walked }) => walked.answer)
}

describe('the answer', () => {
  const STATE = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
  const BOTH = [`-A INPUT ${STATE}`, `-A OUTPUT ${STATE}`]

  test('says of each step of a connection whether it passes', () => {
    const open = '-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT'
    expect(answers('203.0.113.5 https', ...BOTH, open)).toEqual(['yes', 'yes', 'yes'])
    expect(answers('203.0.113.5 https', open)).toEqual(['yes', 'no', 'no'])
    expect(answers('203.0.113.5 https', ...BOTH)).toEqual(['no', 'yes', 'yes'])
  })

  test('is asked of OUTPUT for what leaves, and of FORWARD for what passes through', () => {
    expect(answers('to 198.51.100.53 udp 53', ...BOTH, '-A OUTPUT -o eth0 -p udp -j ACCEPT')).toEqual([
      'yes',
      'yes',
      'yes',
    ])
    const through = [
      '-A FORWARD -i wg0 -o eth0 -j ACCEPT',
      '-A FORWARD -i eth0 -o wg0 -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    ]
    expect(answers('from 10.9.0.7 to 203.0.113.5 80', ...through)).toEqual(['yes', 'yes', 'yes'])
    expect(answers('from 203.0.113.5 to 10.9.0.7 80', ...through)).toEqual(['no', 'yes', 'yes'])
  })

  test('asks both chains about what the host sends itself', () => {
    const out = '-A OUTPUT -o lo -j ACCEPT'
    expect(answers('from 127.0.0.1 to 127.0.0.1 25', out)).toEqual(['no', 'no', 'no'])
    expect(answers('from 127.0.0.1 to 127.0.0.1 25', out, '-A INPUT -i lo -j ACCEPT')).toEqual(['yes', 'yes', 'yes'])
  })

  test('is about the flags of the handshake, the types of an echo, and the host’s own addresses', () => {
    const handshake = '-A OUTPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j ACCEPT'
    const open = '-A INPUT -p tcp -j ACCEPT'
    expect(answers('203.0.113.5 https', open, handshake)).toEqual(['yes', 'yes', 'no'])
    const echo = [
      '-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT',
      '-A OUTPUT -p icmp -m icmp --icmp-type 0 -j ACCEPT',
    ]
    expect(answers('203.0.113.5 ping', ...echo)).toEqual(['yes', 'yes', 'yes'])
    const six = ['-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT']
    expect(answers('2001:db8:5::1 ping', ...six)).toEqual(['yes', 'no', 'no'])
    const local = '-A INPUT -m addrtype --dst-type LOCAL -p udp -j ACCEPT'
    expect(answers('203.0.113.5 udp 53', local)[0]).toBe('yes')
  })

  test('names what it depends on', () => {
    const question = read('203.0.113.5 ping')
    const [first] = ask(rules('v4', '-A INPUT -p icmp -m limit --limit 1/sec -j ACCEPT'), question, NETWORK)
    expect(first?.walked).toMatchObject({ answer: 'unsure', because: expect.stringContaining('filter INPUT rule 1') })
  })
})
