import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  FIELD_IDS,
  type FieldId,
  readFields,
  writeField,
} from '../../../../../src/services/areas/firewall/form/fields.ts'
import { splitWords } from '../../../../../src/services/areas/firewall/words.ts'

const fields = (line: string) => Object.fromEntries(readFields(line))

describe('the fields of a rule', () => {
  test('are read from what iptables-save prints', () => {
    const line =
      '-s 192.0.2.0/24 ! -d 198.51.100.7/32 -i eth0 -p tcp -m multiport --dports 80,443 -m conntrack --ctstate NEW -m limit --limit 10/min --limit-burst 20 -m comment --comment "the web" -j REJECT --reject-with tcp-reset'
    expect(fields(line)).toEqual({
      source: '192.0.2.0/24',
      destination: '! 198.51.100.7/32',
      in: 'eth0',
      protocol: 'tcp',
      dport: '80,443',
      state: 'NEW',
      limit: '10/min burst 20',
      comment: 'the web',
      target: 'REJECT --reject-with tcp-reset',
    })
  })

  test('are read from what people type, in any order and in long words', () => {
    expect(fields('--jump ACCEPT --proto udp --destination-port 53')).toEqual({
      target: 'ACCEPT',
      protocol: 'udp',
      dport: '53',
    })
    expect(fields('-A INPUT 3 -p ! tcp -g web')).toEqual({ protocol: '! tcp', target: '-g web' })
    expect(fields('-p tcp "')).toEqual({})
  })
})

describe('a field that is written', () => {
  test.each<[string, FieldId, string, string]>([
    ['', 'protocol', 'tcp', '-p tcp'],
    ['-p tcp -j ACCEPT', 'dport', '443', '-p tcp --dport 443 -j ACCEPT'],
    ['-p tcp --dport 443 -j ACCEPT', 'dport', '80, 443', '-p tcp -m multiport --dports 80,443 -j ACCEPT'],
    ['-p tcp -m multiport --dports 80,443 -j ACCEPT', 'dport', '! 22', '-p tcp ! --dport 22 -j ACCEPT'],
    ['-p tcp -m tcp --dport 22 -j ACCEPT', 'dport', '', '-p tcp -j ACCEPT'],
    ['-p tcp -j ACCEPT', 'state', 'new, related', '-p tcp -m conntrack --ctstate NEW,RELATED -j ACCEPT'],
    ['-j DROP', 'limit', '5/min burst 9', '-m limit --limit 5/min --limit-burst 9 -j DROP'],
    ['-j DROP', 'comment', "it's so", '-m comment --comment "it\'s so" -j DROP'],
    ['-j DROP', 'target', 'LOG --log-prefix "x: "', '-j LOG --log-prefix "x: "'],
    ['-A INPUT -j DROP', 'source', '192.0.2.1', '-A INPUT -s 192.0.2.1 -j DROP'],
    ['iptables -t nat -I PREROUTING 2 -j DROP', 'in', 'eth0', 'iptables -t nat -I PREROUTING 2 -i eth0 -j DROP'],
    [
      '-m recent --set --name x -m limit --limit 1/sec -j DROP',
      'protocol',
      'udp',
      '-p udp -m recent --set --name x -m limit --limit 1/sec -j DROP',
    ],
  ])('“%s” with %s = “%s” is “%s”', (line, field, value, wanted) => {
    expect(writeField(line, field, value)).toBe(wanted)
  })

  test('is read back, and nothing else is lost', () => {
    const VALUES: Readonly<Record<FieldId, fc.Arbitrary<string>>> = {
      protocol: fc.constantFrom('tcp', 'udp', '! icmp'),
      dport: fc.constantFrom('22', '80,443', '! 1000:2000', 'https'),
      sport: fc.constantFrom('53', '1,2'),
      source: fc.constantFrom('192.0.2.1/32', '! 2001:db8::/32'),
      destination: fc.constantFrom('10.0.0.1'),
      in: fc.constantFrom('eth0', '! lo', 'wg+'),
      out: fc.constantFrom('eth1'),
      state: fc.constantFrom('NEW', 'RELATED,ESTABLISHED'),
      limit: fc.constantFrom('3/sec', '5/min burst 7'),
      comment: fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/).filter((text) => !text.startsWith('!')),
      target: fc.constantFrom('ACCEPT', 'REJECT --reject-with tcp-reset', 'web', '-g web', 'LOG --log-prefix "a b"'),
    }
    const write = fc.constantFrom(...FIELD_IDS).chain((field) => VALUES[field].map((value) => [field, value] as const))
    fc.assert(
      fc.property(fc.array(write, { maxLength: 15 }), (writes) => {
        let line = '-m recent --update --seconds 60 --name "a b" --rsource'
        const wanted = new Map<FieldId, string>()
        for (const [field, value] of writes) {
          line = writeField(line, field, value)
          wanted.set(field, value)
        }
        expect(fields(line)).toEqual(Object.fromEntries(wanted))
        const split = splitWords(line)
        expect(split.ok && split.value.join(' ')).toContain('-m recent --update --seconds 60 --name a b --rsource')
      }),
    )
  })

  test('never throws, whatever stands in the line', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...FIELD_IDS), fc.string(), (line, field, value) => {
        readFields(line)
        writeField(line, field, value)
      }),
    )
  })
})
