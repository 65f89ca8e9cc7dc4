import { expect, test } from 'vitest'
import { dns } from '../../../../src/services/areas/dns/area.ts'
import { dnsEditing } from '../../../../src/services/areas/dns/editing.ts'
import type { DnsFacts } from '../../../../src/services/areas/dns/facts.ts'
import { relaid } from '../../../../src/services/areas/dns/lay.ts'
import type { DnsReply } from '../../../../src/services/model/dns.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'
import { say } from '../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../support/plans.ts'
import { UNSEEN } from '../../../support/seen.ts'
import { CONF, dnsParts, factsFrom, fix, judge } from './configs.ts'

const SEEN = { ...UNSEEN, host: hostFacts }
const ZONE = 'zone "example.org" { type master; file "/x"; };\n'
const HEAD = 'acl TRUSTSRC { localhost; 10.77.0.0/24; fd00:77::/64; };\n\n'

/** The file as a fix leaves it; null where there is none. */
function fixed(id: string, text: string, more: Readonly<Record<string, string>> = {}): string | null {
  const edits = fix(id, factsFrom(dnsParts(text, more)))
  const [edit] = edits ?? []
  return edit?.kind === 'file' ? edit.text : null
}

test.each([
  [
    'its own line before the end, comments kept',
    'options {\n\tallow-query { any; }; // é all\n};\n',
    `${HEAD}options {\n\tallow-query { any; }; // é all\n\tallow-recursion { TRUSTSRC; };\n\tallow-query-cache { TRUSTSRC; };\n};\n`,
  ],
  [
    'in one line',
    'options { allow-query { any; }; };',
    `${HEAD}options { allow-query { any; };  allow-recursion { TRUSTSRC; }  allow-query-cache { TRUSTSRC; }; };`,
  ],
  [
    'in the place of the list that is there',
    'options {\n  allow-recursion { any; };\n};\n',
    `${HEAD}options {\n  allow-recursion { TRUSTSRC; };\n\tallow-query-cache { TRUSTSRC; };\n};\n`,
  ],
  [
    'in the view that opens it, while a narrow list of the options stays',
    'options {\n\tallow-recursion { 10.1.0.0/16; };\n\tallow-query-cache { 10.1.0.0/16; };\n};\nview out { allow-recursion { any; }; allow-query-cache { any; }; };\n',
    `${HEAD}options {\n\tallow-recursion { 10.1.0.0/16; };\n\tallow-query-cache { 10.1.0.0/16; };\n};\nview out { allow-recursion { TRUSTSRC; }; allow-query-cache { TRUSTSRC; }; };\n`,
  ],
  [
    'by the list of that name that is there',
    `${HEAD}options {\n\tallow-recursion { any; };\n};\n`,
    `${HEAD}options {\n\tallow-recursion { TRUSTSRC; };\n\tallow-query-cache { TRUSTSRC; };\n};\n`,
  ],
])('recursion is limited: %s', (name, text, wanted) => {
  const made = fixed('DNS-open-resolver', text)
  if (name === 'in one line') expect(made?.replaceAll(/\s+/g, ' ')).toContain('allow-recursion { TRUSTSRC; }')
  else expect(made).toBe(bytesOf(wanted))
})

test('a list of that name that lets strangers in is no help', () => {
  expect(fixed('DNS-open-resolver', 'acl trustsrc { any; };\noptions { allow-query { any; }; };\n')).toBeNull()
})

test('without options, or with two files that can’t be told apart, there is no fix', () => {
  expect(fixed('DNS-open-resolver', 'acl a { any; };\n')).toBeNull()
})

test.each([
  ['DNS-recursion', 'options {\n\trecursion yes;\n};\n', 'options {\n\trecursion no;\n};\n'],
  ['DNS-version', 'options {\n};\n', 'options {\n\tversion none;\n};\n'],
  [
    'DNS-query-source-port',
    'options {\n\tquery-source address * port 5353;\n};\n',
    'options {\n\tquery-source address *;\n};\n',
  ],
  ['DNS-query-source-port', 'options {\n\tquery-source port 5353; # pinned\n};\n', 'options {\n\t # pinned\n};\n'],
  ['DNS-query-source-port', 'options {\n\tquery-source port 5353;\n};\n', 'options {\n};\n'],
])('%s: %j becomes %j', (id, text, wanted) => {
  expect(fixed(id, `${text}${ZONE}`)).toBe(`${wanted}${ZONE}`)
})

test('it listens on loopback alone', () => {
  expect(fixed('DNS-listens-outside', 'options {\n\tlisten-on-v6 { any; };\n};\n')).toBe(
    'options {\n\tlisten-on-v6 { ::1; };\n\tlisten-on { 127.0.0.1; };\n};\n',
  )
  const options = 'options {\n\tlisten-on-v6 { any; };\n};\n'
  expect(fixed('DNS-listens-outside', options, { resolvers: '127.0.0.1\nend\n' })).not.toBeNull()
  expect(fixed('DNS-listens-outside', options, { resolvers: '192.0.2.10\nend\n' })).toBeNull()
  expect(fixed('DNS-listens-outside', 'options { listen-on { any; }; listen-on port 54 { any; }; };\n')).toBeNull()
})

test('the service is switched off, unless the host itself asks it', () => {
  expect(fix('DNS-runs', factsFrom(dnsParts('options { };\n')))).toMatchObject([
    { kind: 'unit', run: 'stop', boot: 'disable' },
  ])
  // Without a name server in resolv.conf(5) it is the one on this host that is asked.
  for (const resolvers of ['end\n', '127.0.0.1\nend\n', '192.0.2.10\nend\n', '1.2.3.4\n'])
    expect(fix('DNS-runs', factsFrom(dnsParts('options { };\n', { resolvers })))).toBeNull()
})

test('two fixes of one file become one change of it, and both are mended then', () => {
  const base = factsFrom(dnsParts(`options {\n\tallow-query { any; };\n};\n${ZONE}`))
  let facts: DnsFacts = base
  let held: ReturnType<typeof dnsEditing.fold>['held'] = []
  for (const id of ['DNS-open-resolver', 'DNS-version'])
    for (const edit of fix(id, facts) ?? []) {
      held = dnsEditing.fold(
        held,
        { id, area: 'dns', edit, origin: 'finding', ...dnsEditing.describe(edit, facts, facts) },
        facts,
      ).held
      facts = relaid(
        base,
        held.map((one) => one.edit),
      )
    }
  expect(held).toHaveLength(1)
  expect(judge('DNS-open-resolver', facts).outcome).toBe('pass')
  expect(judge('DNS-version', facts).outcome).toBe('pass')
})

/** What a plan gets of some edits. */
const partOf = (facts: DnsFacts, id: string, seen = SEEN) => {
  const edits = fix(id, facts) ?? []
  const { after, conflicts } = dnsEditing.lay(facts, edits)
  return dnsEditing.part({ base: facts, after, conflicts }, edits, seen)
}

test('a changed file is tried by named-checkconf, read by a reload, and proven from outside', () => {
  const part = partOf(factsFrom(dnsParts(`options {\n\tallow-query { any; };\n};\n${ZONE}`)), 'DNS-open-resolver')
  expect(part.steps.map((step) => [step.kind, step.title])).toEqual([
    ['file', CONF],
    ['unit', 'named.service'],
  ])
  expect(part.checks).toEqual(['named'])
  expect(part.named).toEqual({ conf: CONF, chroot: '' })
  expect(part.outside?.map(({ expects, what }) => [expects, what])).toEqual([
    ['no recursion', 'no recursion for 198.51.100.20'],
    ['its own answer', 'example.org answered'],
  ])
})

test('it is proven over IPv6 too where that was answered from an address that is known', () => {
  const answer = {
    ...{ state: 'answered' as const, recursion: true, authoritative: false, truncated: false },
    ...{ code: say`NOERROR`, answers: 13, elapsedMs: 1, from: '2001:db8::2' },
  }
  const { from, ...nameless } = answer
  const facts = factsFrom(dnsParts(`options {\n\tallow-query { any; };\n};\n${ZONE}`))
  const proven = (heard: DnsReply, address: string | undefined = '2001:db8::10') => {
    const way = { family: 'v6' as const, transport: 'udp' as const, ...(address === '' ? {} : { address }) }
    const outside = {
      at: 1,
      asked: [
        { ...way, answer: heard },
        { ...way, transport: 'tcp' as const, answer: heard },
      ],
    }
    return partOf({ ...facts, outside }, 'DNS-open-resolver').outside?.map((one) => [one.address, one.what])
  }
  expect(from).toBe('2001:db8::2')
  expect(proven(answer)).toEqual([
    [undefined, 'no recursion for 198.51.100.20'],
    [undefined, 'example.org answered'],
    ['2001:db8::10', 'no recursion for 2001:db8::2'],
    ['2001:db8::10', 'example.org answered over v6'],
  ])
  expect(proven(nameless)).toHaveLength(2)
  // Who came in by it has no other way.
  const session = { ...hostFacts.session, clientAddress: '2001:db8::2', serverAddress: '2001:db8::10' }
  const outside = {
    at: 1,
    asked: [{ family: 'v6' as const, transport: 'udp' as const, address: '2001:db8::10', answer }],
  }
  expect(
    partOf({ ...facts, outside }, 'DNS-open-resolver', { ...SEEN, host: { ...hostFacts, session } }).outside,
  ).toHaveLength(2)
  expect(proven(answer, '')).toHaveLength(2)
})

test('nobody is told to read it where it does not run, and nobody is asked then', () => {
  const part = partOf(
    factsFrom(
      dnsParts('options {\n\tallow-query { any; };\n};\n', { named: `program /usr/sbin/named\nconf ${CONF}\nend\n` }),
    ),
    'DNS-version',
  )
  expect(part.steps.map(({ kind }) => kind)).toEqual(['file'])
  expect(part.outside).toEqual([])
})

test('nothing is changed where named runs without a unit that could be told', () => {
  const whyNot = (unit: string) => dnsEditing.whyNot?.(factsFrom(dnsParts('options { };\n', { unit })))
  expect(whyNot('end\n')).toContain('without a unit')
  expect(whyNot(dnsParts('').unit ?? '')).toBeNull()
})

test('once it listens on loopback alone, nobody answers outside', () => {
  // Its lists would let him in: he comes to nobody.
  const part = partOf(factsFrom(dnsParts('options {\n\tallow-query { any; };\n};\n')), 'DNS-listens-outside')
  expect(part.outside).toMatchObject([{ expects: 'no recursion' }])
})

test('a file that somebody changed since is a conflict', () => {
  const text = 'options {\n};\n'
  const edits = fix('DNS-version', factsFrom(dnsParts(text))) ?? []
  const now = factsFrom(dnsParts(`# new\n${text}`))
  const { after, conflicts } = dnsEditing.lay(now, edits)
  expect(conflicts).toMatchObject([{ reason: `${CONF} changed since, or can’t be read` }])
  expect(dnsEditing.part({ base: now, after, conflicts }, [], SEEN).blockers).toMatchObject([{ kind: 'conflict' }])
})

test('a file that named could not read is no change that can be armed', () => {
  const facts = factsFrom(dnsParts('options {\n};\n'))
  const edit = { kind: 'file', path: CONF, text: bytesOf('options {\n'), was: bytesOf('options {\n};\n') } as const
  const { after, conflicts } = dnsEditing.lay(facts, [edit])
  expect(dnsEditing.part({ base: facts, after, conflicts }, [edit], SEEN).blockers).toMatchObject([
    { message: expect.stringContaining('BIND would not take this') },
  ])
})

test('a past change goes back where the file holds still what was written, and else stays', () => {
  const [was, text] = [bytesOf('options {\n};\n'), bytesOf('options {\n\tversion none;\n};\n')]
  const past = { rules: [], accounts: [], units: [], files: [{ path: CONF, text, was }] }
  const id = () => 'x'
  expect(dnsEditing.undo(past, factsFrom(dnsParts(text)), id)).toEqual({
    edits: [{ kind: 'file', path: CONF, text: was, was: text }],
    remarks: [],
  })
  expect(dnsEditing.undo(past, factsFrom(dnsParts(was)), id).edits).toEqual([])
  expect(dnsEditing.undo(past, factsFrom(dnsParts('# other\n')), id).remarks[0]).toContain('it stays')
  expect(dnsEditing.undo(past, null, id).remarks[0]).toContain('it stays')
})

test('its files are its own', () => {
  const owns = dns.editing?.owns.file
  expect(
    ['/etc/bind/named.conf.options', '/etc/named.conf', '/var/named/chroot/etc/named.conf'].map((path) => owns?.(path)),
  ).toEqual([true, true, true])
  expect(
    ['/etc/ssh/sshd_config', '/etc/systemd/system/rpcbind.socket.d/hardtui.conf'].map((path) => owns?.(path)),
  ).toEqual([false, false])
})
