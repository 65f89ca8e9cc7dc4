import { expect, test } from 'vitest'
import { clientOf } from '../../../../src/services/areas/dns/acl.ts'
import { configOf, isServed, zonesOf } from '../../../../src/services/areas/dns/config/named.ts'
import { statementsOf } from '../../../../src/services/areas/dns/config/statements.ts'
import { ownAddresses } from '../../../../src/services/areas/dns/own.ts'
import { mayOf, mayRecurse, type ZoneRight } from '../../../../src/services/areas/dns/rulings.ts'
import type { Address } from '../../../../src/services/model/addresses.ts'
import { OWN } from './configs.ts'

const config = (text: string) => {
  const statements = statementsOf('x', text)
  if (!statements.ok) throw new Error(statements.error)
  return configOf(statements.value)
}
const address = (text: string): Address => clientOf(text) as Address
const by = (text: string, own: string | null = OWN) => ({
  config: config(text),
  own: own === null ? null : ownAddresses(own.split('\n')),
})
const ask = (text: string, from: string, own: string | null = OWN) =>
  mayRecurse(by(text, own), { from: address(from), to: address(from.includes(':') ? '2001:db8::10' : '192.0.2.10') })

test.each([
  ['nothing said: neighbours may', '', '192.0.2.99', 'yes'],
  ['nothing said: strangers may not', '', '203.0.113.9', 'no'],
  ['allow-query alone opens recursion', 'options { allow-query { any; }; };', '203.0.113.9', 'yes'],
  [
    'the cache alone is what recursion follows',
    'options { allow-query { any; }; allow-query-cache { 192.0.2.0/24; }; };',
    '203.0.113.9',
    'no',
  ],
  [
    'recursion for all, and a closed cache',
    'options { allow-recursion { any; }; allow-query-cache { none; }; };',
    '203.0.113.9',
    'no',
  ],
  ['no recursion', 'options { recursion no; allow-recursion { any; }; };', '192.0.2.99', 'no'],
  [
    'a list by name, in capitals',
    'acl Ours { 203.0.113/24; }; options { allow-recursion { OURS; }; };',
    '203.0.113.9',
    'yes',
  ],
  ['the first that matches', 'options { allow-recursion { !203.0.113.9; any; }; };', '203.0.113.9', 'no'],
  [
    'a list that says no inside says nothing',
    'options { allow-recursion { { !203.0.113.9; }; any; }; };',
    '203.0.113.9',
    'yes',
  ],
  [
    'a prefix that comes again in a negated list is turned round',
    'options { allow-recursion { any; !{ any; }; }; };',
    '203.0.113.9',
    'no',
  ],
  ['a key is nobody’s who does not sign', 'options { allow-recursion { key "k"; }; };', '192.0.2.99', 'no'],
  ['a list that is not there', 'options { allow-recursion { gone; }; };', '192.0.2.99', 'unknown'],
  [
    'a list that is not there, behind one that decides',
    'options { allow-recursion { any; gone; }; };',
    '192.0.2.99',
    'yes',
  ],
  [
    'by the address that was asked',
    'options { allow-recursion { any; }; allow-recursion-on { 127.0.0.1; }; };',
    '203.0.113.9',
    'no',
  ],
  [
    'a view of its own words',
    'options { recursion no; }; view a { match-clients { 203.0.113.9; }; recursion yes; allow-recursion { any; }; };',
    '203.0.113.9',
    'yes',
  ],
  ['no view', 'view a { match-clients { 10/8; }; };', '203.0.113.9', 'no'],
  [
    'views of other classes are passed by',
    'view c chaos { recursion yes; }; view i { recursion no; };',
    '192.0.2.99',
    'no',
  ],
] as const)('who may recurse: %s', (_, text, from, answer) => {
  expect(ask(text, from).answer).toBe(answer)
})

test('what depends on addresses that could not be read is not known', () => {
  expect(ask('', '192.0.2.99', null).answer).toBe('unknown')
  expect(ask('options { allow-recursion { any; }; };', '192.0.2.99', null).answer).toBe('yes')
  expect(ask('view a { match-clients { localnets; }; };', '192.0.2.99', null).answer).toBe('unknown')
})

test('lists that name each other end', () => {
  expect(ask('acl a { b; }; acl b { a; }; options { allow-recursion { a; }; };', '192.0.2.99').answer).toBe('unknown')
})

test('lists of lists of lists that double each time end too, and say nothing', () => {
  const doubled = Array.from({ length: 40 }, (_, at) => `acl a${at + 1} { a${at}; a${at}; };`)
  const text = `acl a0 { localhost; }; ${doubled.join(' ')} options { allow-recursion { a40; }; };`
  expect(ask(text, '192.0.2.99').answer).toBe('unknown')
})

test('why, and where it is written', () => {
  expect(ask('options {\n allow-query { any; };\n};', '203.0.113.9')).toMatchObject({
    because: 'allow-query, which allow-recursion follows',
    at: { file: 'x', line: 2 },
  })
})

test.each([
  ['allow-transfer', '', '9.18.49', 'yes'],
  ['allow-transfer', '', '9.20.4', 'no'],
  ['allow-transfer', 'options { allow-transfer { none; }; };', '9.18.49', 'no'],
  ['allow-update', '', '9.18.49', 'no'],
  ['allow-query', 'options { allow-query { 10/8; }; };', '9.18.49', 'no'],
] as const)('%s of a zone with %j in %s: %s', (right: ZoneRight, text, release, answer) => {
  const all = by(`${text} zone "example.org" { type primary; file "x"; };`)
  const [zone] = zonesOf(all.config)
  if (!zone) throw new Error('no zone')
  const from = address('203.0.113.9')
  expect(mayOf(all, zone, right, { from, to: from }, release).answer).toBe(answer)
})

test('a zone of a view that somebody does not come to is none of his', () => {
  const all = by(`view in { match-clients { 10/8; }; zone "a" { type master; allow-transfer { any; }; }; };
    view out { match-clients { any; }; zone "a" { type master; allow-transfer { none; }; }; };`)
  const from = address('203.0.113.9')
  expect(
    zonesOf(all.config).map((zone) => mayOf(all, zone, 'allow-transfer', { from, to: from }, null).answer),
  ).toEqual(['no', 'no'])
})

test('a zone’s own word comes first; a port or a transport makes it another question', () => {
  const all = by(`options { allow-transfer { none; }; };
    zone "a" { type master; allow-transfer { any; }; }; zone "b" { type master; allow-transfer port 853 { any; }; };`)
  const from = address('203.0.113.9')
  expect(
    zonesOf(all.config).map((zone) => mayOf(all, zone, 'allow-transfer', { from, to: from }, null).answer),
  ).toEqual(['yes', 'unknown'])
})

test('zones that every resolver has for itself are none that it serves', () => {
  const { config: read } = by(
    'zone "." { type hint; }; zone "localhost" { type master; }; zone "127.in-addr.arpa" { type master; }; zone "Example.org" { type slave; };',
  )
  expect(
    zonesOf(read)
      .filter(isServed)
      .map(({ name }) => name),
  ).toEqual(['Example.org'])
})
