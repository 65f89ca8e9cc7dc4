import { expect, test } from 'vitest'
import { filePart } from '../../../support/file-part.ts'
import { hostFacts } from '../../../support/plans.ts'
import { around, at53, CONF, dnsParts, factsFrom, judge, OUTSIDE } from './configs.ts'

const OPEN = 'options {\n\tallow-query { any; };\n};\n'
const bind = (facts: ReturnType<typeof factsFrom>) => {
  if (!facts.named) throw new Error('no BIND')
  return facts.named
}

test('a host without BIND is told nothing about it', () => {
  const facts = factsFrom({ named: 'end\n', own: 'end\n', made: 'end\n', resolvers: 'end\n' })
  expect(facts.named).toBeNull()
  expect(judge('DNS-open-resolver', facts)).toMatchObject({ outcome: 'notapplicable' })
})

test('program, release, unit, and networks that the host has made itself', () => {
  const facts = factsFrom(dnsParts(OPEN))
  expect(bind(facts)).toMatchObject({
    program: '/usr/sbin/named',
    release: '9.18.49',
    running: true,
    unit: { name: 'named.service', run: 'active', boot: 'enabled' },
  })
  expect(facts.made).toEqual(['br0'])
})

test('where the operator comes in is no network of the host’s own', () => {
  const own = `2: eth0    inet 192.0.2.10/24\n3: veth0    inet ${hostFacts.session.serverAddress}/24\nend`
  expect(factsFrom(dnsParts(OPEN, { own, made: 'made veth0\nmade br0\nend\n' })).made).toEqual(['br0'])
})

test('an alias of the unit is passed over, and a unit that is not there is none', () => {
  const unit = 'Id=bind9.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\nend\n'
  expect(bind(factsFrom(dnsParts(OPEN, { unit }))).unit).toBeNull()
})

test.each([
  [
    'named-checkconf refuses it',
    { printed: `${CONF}:3: unknown option 'x'\n${CONF}:9: token 'port' is deprecated\n\nstatus 1\n` },
    /unknown option/,
  ],
  ['it was cut off', { printed: OPEN }, /to its end/],
  ['there is no named-checkconf', { printed: 'no named-checkconf\n' }, /no named-checkconf/],
  ['no named.conf was found', { named: 'program /usr/sbin/named\npid 7\nend\n' }, /no named.conf/],
])('nothing is said of recursion where %s', (_, more, words) => {
  const verdict = judge('DNS-open-resolver', factsFrom(dnsParts(OPEN, more)))
  expect(verdict.outcome).toBe('unknown')
  expect(verdict.observed).toMatch(words)
})

test('what was printed counts where the files say otherwise, and nothing is changed then', () => {
  const facts = factsFrom(dnsParts('options { recursion no; };\n', { printed: `${OPEN}\nstatus 0\n` }))
  expect(judge('DNS-open-resolver', facts)).toMatchObject({
    outcome: 'fail',
    noFix: expect.stringContaining('by hand'),
  })
})

test('a file that holds a key’s secret is not read, and what else stands in it makes the places unsure', () => {
  const text = `include "/etc/bind/rndc.key";\n${OPEN}`
  const parts = (printed: string) =>
    dnsParts(text, { 'path.2': '/etc/bind/rndc.key\nsecret\n', paths: '2\nend\n', printed: `${printed}\nstatus 0\n` })
  expect(bind(factsFrom(parts(OPEN))).understood).toMatchObject({ fixed: null })
  expect(bind(factsFrom(parts(`${OPEN}acl hidden { 10.0.0.0/8; };\n`))).understood).toMatchObject({
    fixed: 'its files were not understood as named-checkconf prints them',
  })
})

test('files that are included, by a pattern too, stand where their include stands', () => {
  const facts = factsFrom(
    dnsParts('include "/etc/bind/conf.d/*.conf";\n', {
      'path.2': '/etc/bind/conf.d/a.conf\n',
      'file.2': filePart(OPEN),
      paths: '2\nend\n',
      printed: `${OPEN}\nstatus 0\n`,
    }),
  )
  expect(bind(facts).understood).toMatchObject({ fixed: null })
  expect(judge('DNS-open-resolver', facts).details?.[0]).toContain('/etc/bind/conf.d/a.conf:2')
})

test('an open resolver is one only where others than the host can ask', () => {
  const facts = factsFrom(dnsParts(OPEN))
  expect(judge('DNS-open-resolver', facts)).toMatchObject({
    outcome: 'fail',
    observed: 'for everybody',
    details: [`by allow-query, which allow-recursion follows (${CONF}:2)`, 'it listens at 192.0.2.10'],
  })
  expect(judge('DNS-open-resolver', facts, around(at53('127.0.0.1'))).outcome).toBe('pass')
  expect(judge('DNS-open-resolver', facts, around({ ...at53('192.0.2.10'), port: 953 })).outcome).toBe('pass')
  expect(judge('DNS-open-resolver', facts, { listeners: null }).outcome).toBe('unknown')
  const stopped = factsFrom(dnsParts(OPEN, { named: `program /usr/sbin/named\nconf ${CONF}\nend\n` }))
  expect(judge('DNS-open-resolver', stopped, around()).outcome).toBe('notapplicable')
})

const heard = (recursion: boolean) => ({
  at: 1,
  asked: [
    {
      family: 'v4' as const,
      transport: 'udp' as const,
      answer: {
        state: 'answered' as const,
        recursion,
        authoritative: false,
        truncated: false,
        code: 'NOERROR' as never,
        answers: 13,
        elapsedMs: 1,
      },
    },
  ],
})

test('what was answered outside stands beside what is written, and against it', () => {
  const facts = { ...factsFrom(dnsParts(OPEN)), outside: heard(true) }
  expect(judge('DNS-open-resolver', facts).details).toContain(
    'asked from here over udp v4: looks up names (NOERROR, 13 records)',
  )
  const closed = { ...factsFrom(dnsParts('options { recursion no; };\n')), outside: heard(true) }
  expect(judge('DNS-open-resolver', closed)).toMatchObject({ outcome: 'fail', observed: 'for you, at least' })
  expect(judge('DNS-open-resolver', { ...closed, outside: heard(false) }).outcome).toBe('pass')
  // He may be in a list by his other address, which is not known.
  const [v4] = heard(true).asked
  const other = { at: 1, asked: v4 ? [{ ...v4, family: 'v6' as const }] : [] }
  expect(judge('DNS-open-resolver', { ...closed, outside: other }).outcome).toBe('pass')
})

test('another name server is judged by what it answers, and unknown until it was asked', () => {
  const facts = factsFrom({ named: 'end\n', own: 'end\n', made: 'end\n', resolvers: 'end\n' })
  const dnsmasq = around(at53('0.0.0.0', 'dnsmasq'))
  expect(judge('DNS-other-resolver', facts, dnsmasq)).toMatchObject({
    outcome: 'unknown',
    observed: 'dnsmasq, not asked yet',
  })
  expect(judge('DNS-other-resolver', { ...facts, outside: heard(true) }, dnsmasq).outcome).toBe('fail')
  expect(judge('DNS-other-resolver', { ...facts, outside: heard(false) }, dnsmasq).outcome).toBe('pass')
  expect(judge('DNS-other-resolver', { ...facts, outside: { at: 1, asked: [] } }, dnsmasq)).toMatchObject({
    outcome: 'unknown',
    observed: 'dnsmasq gave no answer',
  })
  const both = around(at53('0.0.0.0', 'dnsmasq'), at53('192.0.2.10'))
  expect(judge('DNS-other-resolver', { ...facts, outside: heard(true) }, both)).toMatchObject({
    outcome: 'unknown',
    observed: 'dnsmasq beside BIND',
  })
  expect(judge('DNS-other-resolver', facts, OUTSIDE).outcome).toBe('pass')
})
