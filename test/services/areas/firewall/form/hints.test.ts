import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FIELD_IDS, type FieldId } from '../../../../../src/services/areas/firewall/form/fields.ts'
import {
  candidates,
  type FormPlace,
  judgeField,
  lineCandidates,
} from '../../../../../src/services/areas/firewall/form/hints.ts'
import { parseRuleSet } from '../../../../../src/services/areas/firewall/parse.ts'
import { safe } from '../../../../../src/services/model/safe.ts'
import { firewallFacts } from '../../../../support/plans.ts'

const RULES = '*filter\n:INPUT ACCEPT [0:0]\n:web - [0:0]\n:constructor - [0:0]\nCOMMIT\n'
const place = (more: Partial<FormPlace> = {}): FormPlace => ({
  ...firewallFacts(RULES),
  at: { family: 'v4', table: 'filter', chain: 'INPUT' },
  ruleSet: parseRuleSet('v4', RULES),
  protocol: 'tcp',
  clientAddress: '198.51.100.20',
  listeners: new Map([
    ['tcp/8080', safe('java')],
    ['udp/53', safe('named')],
  ]),
  ...more,
})

describe('what is wrong with a field', () => {
  test.each<[FieldId, string, string | null]>([
    ['protocol', 'tcp', null],
    ['protocol', '! udp', null],
    ['protocol', 'tpc', 'not a protocol'],
    ['dport', '22', null],
    ['dport', 'ssh,http', null],
    ['dport', '1000:2000', null],
    ['dport', ':1023', null],
    ['dport', '65536', '65536 is no port'],
    ['dport', '2000:1000', 'runs backwards'],
    ['dport', 'toString', 'is no port'],
    ['source', '192.0.2.0/24', null],
    ['source', '192.0.2.0/255.255.255.0', null],
    ['source', '192.0.2.0/33', 'no length of a prefix'],
    ['source', '2001:db8::1', 'of the other family'],
    ['source', 'web1', 'not an IP address'],
    ['in', 'eth0', null],
    ['in', 'eth+', null],
    ['in', 'eth7', 'no such interface now'],
    ['out', 'eth0', 'go out nowhere'],
    ['state', 'new, established', null],
    ['state', 'OLD', 'OLD is no state'],
    ['limit', '10/min burst 20', null],
    ['limit', 'often', 'such as 10/min'],
    ['comment', 'x'.repeat(256), 'longer than 255 bytes'],
    ['target', 'REJECT --reject-with tcp-reset', null],
    ['target', 'web', null],
    ['target', 'INPUT', 'jump into itself'],
    ['target', 'toString', 'no such target or chain'],
  ])('%s “%s”: %s', (field, value, wrong) => {
    const said = judgeField(field, value, place())
    if (wrong === null) expect(said).toBeNull()
    else expect(said).toContain(wrong)
  })

  test('ports without a protocol that has them', () => {
    expect(judgeField('dport', '22', place({ protocol: '' }))).toContain('need protocol tcp or udp')
  })
})

describe('what can stand in a field', () => {
  test('is what the host has: its listeners first, its networks, chains and interfaces', () => {
    expect(candidates('dport', '', place())).toEqual(['8080', 'ssh', 'http'])
    expect(candidates('dport', 'ssh,h', place())).toEqual(['ssh,http'])
    expect(candidates('dport', '', place({ protocol: 'udp' }))).toEqual(['53'])
    expect(candidates('source', '1', place())).toEqual(['198.51.100.20', '192.0.2.10/24'])
    expect(candidates('in', '! e', place())).toEqual(['! eth0'])
    expect(candidates('target', 'w', place())).toEqual(['web'])
    expect(candidates('out', '', place())).toEqual([])
  })

  test('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FIELD_IDS), fc.string(), (field, text) => {
        judgeField(field, text, place())
        candidates(field, text, place())
        lineCandidates(text, text.length, place())
      }),
    )
  })
})

test('a word of the line becomes an option, or a value of the option before it', () => {
  const words = (line: string): readonly string[] => lineCandidates(line, line.length, place()).words
  expect(words('-p tcp --dp')).toEqual(['--dport', '--dports'])
  expect(words('-p u')).toEqual(['udp'])
  expect(words('-p tcp --dport 80')).toEqual(['8080'])
  expect(words('-m conn')).toEqual(['conntrack'])
  expect(words('-s 198')).toEqual(['198.51.100.20'])
})
