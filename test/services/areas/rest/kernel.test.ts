import { describe, expect, test } from 'vitest'
import { restChecks } from '../../../../src/services/areas/rest/checks.ts'
import { restEditing } from '../../../../src/services/areas/rest/editing.ts'
import type { RestEdit, RestFacts } from '../../../../src/services/areas/rest/facts.ts'
import { OWN_FILE } from '../../../../src/services/areas/rest/kernel/read.ts'
import type { Past } from '../../../../src/services/model/editing.ts'
import { bytesOf } from '../../../../src/services/model/file-bytes.ts'
import { filePart } from '../../../support/file-part.ts'
import { hostFacts } from '../../../support/plans.ts'
import { UNSEEN } from '../../../support/seen.ts'
import { factsFrom, judged, kernelText } from './some-rest.ts'

const kernel = (...args: Parameters<typeof kernelText>): RestFacts => factsFrom({ 'rest-kernel': kernelText(...args) })
const fixOf = (id: string, facts: RestFacts): readonly RestEdit[] | null | undefined =>
  restChecks.find((one) => one.id === `REST-${id}`)?.fix?.(facts, hostFacts, { listeners: null })
const fixed = (id: string, facts: RestFacts): RestFacts => restEditing.lay(facts, fixOf(id, facts) ?? []).after
const ownText = (facts: RestFacts): string | null | undefined =>
  facts.kernel?.ok && facts.kernel.value.own.ok ? facts.kernel.value.own.value : undefined

const router = { ip_forward: 1, 'conf/eth0/forwarding': 1, 'conf/default/forwarding': 1, 'conf/all/forwarding': 1 }
const noV4 = { 'conf/all/accept_redirects': 0, 'conf/default/accept_redirects': 0, 'conf/eth0/accept_redirects': 0 }

describe('the kernel’s rule for all and single interfaces', () => {
  test.each([
    [
      'a host believes redirects where all say so',
      { 'conf/eth0/accept_redirects': 0, 'conf/default/accept_redirects': 0 },
      'accept-redirects',
      /^fail eth0 \(IPv4\)/,
    ],
    ['or its interface does', { 'conf/all/accept_redirects': 0 }, 'accept-redirects', /^fail eth0 \(IPv4\)/],
    [
      'a router only where both do',
      { ...router, 'conf/all/accept_redirects': 0 },
      'accept-redirects',
      /^fail eth0 \(IPv6\), new interfaces \(IPv6\)/,
    ],
    [
      'of IPv6 what all have says nothing',
      { ...noV4, 'ipv6/conf/all/accept_redirects': 0 },
      'accept-redirects',
      /^fail eth0 \(IPv6\)/,
    ],
    [
      'a router of IPv6 believes none',
      { ...noV4, 'ipv6/conf/eth0/forwarding': 1, 'ipv6/conf/default/accept_redirects': 0 },
      'accept-redirects',
      /no file keeps it/,
    ],
    [
      'source routes are taken where both say so',
      { 'conf/all/accept_source_route': 1 },
      'source-route',
      /^fail eth0 \(IPv4\)/,
    ],
    ['and not where one does', {}, 'source-route', /^pass none taken/],
    ['of IPv6 the smaller one decides', { 'ipv6/conf/eth0/accept_source_route': 1 }, 'source-route', /^pass/],
    ['the greater one filters', { 'conf/all/rp_filter': 2 }, 'rp-filter', /^fail no file keeps it/],
    ['one interface that does not is told', { 'conf/default/rp_filter': 1 }, 'rp-filter', /^fail eth0 \(IPv4\) \|/],
    ['redirects are sent by routers alone', {}, 'send-redirects', /^pass none sent/],
    ['where all or the interface say so', { ...router, 'conf/all/send_redirects': 0 }, 'send-redirects', /^fail eth0/],
    ['SYN cookies are on or off', { tcp_syncookies: 0 }, 'syncookies', /^fail off/],
  ] as const)('%s', (_name, values, id, words) => {
    expect(judged(id, kernel(values))).toMatch(words)
  })
})

const GOOD = { 'conf/all/rp_filter': 1, 'conf/default/rp_filter': 1 }

describe('the next boot', () => {
  test('is told by file and line, and makes a finding of what is right now', () => {
    const facts = kernel(GOOD, {
      files: ['/etc/sysctl.d/50-b.conf'],
      lines: [
        '/etc/sysctl.d/50-b.conf:3:net.ipv4.conf.all.rp_filter=0',
        '/etc/sysctl.d/50-b.conf:4:net.ipv4.conf.default.rp_filter=0',
      ],
    })
    expect(judged('rp-filter', facts)).toBe(
      'fail until the next boot | checked now; after a boot: eth0 (IPv4), new interfaces (IPv4) | now: net.ipv4.conf.all.rp_filter = 1 | now: net.ipv4.conf.default.rp_filter = 1 | at boot: /etc/sysctl.d/50-b.conf, line 3: net.ipv4.conf.all.rp_filter = 0 | at boot: /etc/sysctl.d/50-b.conf, line 4: net.ipv4.conf.default.rp_filter = 0',
    )
  })

  test('is not known where a file can’t be read, and then nothing is called right', () => {
    const text = kernelText(GOOD).replace('read by systemd', 'read by systemd\nunread /etc/sysctl.d/x.conf')
    expect(judged('rp-filter', factsFrom({ 'rest-kernel': text }))).toMatch(
      /^unknown checked now; at boot: .*x\.conf can't be read/,
    )
  })
})

describe('a fix', () => {
  test('sets all and new interfaces, and single ones that have it otherwise; it makes right what it is for', () => {
    const facts = kernel()
    for (const id of ['accept-redirects', 'rp-filter', 'log-martians']) {
      expect(judged(id, facts)).toMatch(/^fail/)
      expect(judged(id, fixed(id, facts))).toMatch(/^pass/)
    }
    expect(ownText(fixed('accept-redirects', facts))?.split('\n').slice(2)).toEqual([
      ...['net.ipv4.conf.all.accept_redirects = 0', 'net.ipv4.conf.default.accept_redirects = 0'],
      ...['-net.ipv4.conf.eth0.accept_redirects = 0', '-net.ipv4.conf.lo.accept_redirects = 0'].slice(0, 1),
      ...['net.ipv6.conf.all.accept_redirects = 0', 'net.ipv6.conf.default.accept_redirects = 0'],
      ...['-net.ipv6.conf.eth0.accept_redirects = 0', ''],
    ])
  })

  test('filters strictly where one interface has all roads, and loosely elsewhere', () => {
    const mode = (more: Parameters<typeof kernelText>[1]) => fixOf('rp-filter', kernel({}, more))?.[0]
    const set = (value: number) => ({ kind: 'set', key: 'net/ipv4/conf/all/rp_filter', value })
    expect(mode({})).toEqual(set(1))
    expect(mode({ links: 'eth0 \ndocker0 bridge\nveth1 ' })).toEqual(set(1))
    expect(mode({ links: 'eth0 \neth1 ' })).toEqual(set(2))
    expect(mode({ links: 'eth0 \nwg0 wireguard' })).toEqual(set(2))
    expect(mode({ routes: '0:\tfrom all lookup local\n100:\tfrom 192.0.2.0/24 lookup 5' })).toEqual(set(2))
    expect(mode({ routes: 'default eth0\ndefault eth1' })).toEqual(set(2))
  })

  test('is none where a later line would undo it at boot, and names that line', () => {
    const facts = kernel(
      {},
      {
        files: ['/etc/sysctl.d/99-sysctl.conf'],
        lines: ['/etc/sysctl.d/99-sysctl.conf:9:net.ipv4.conf.all.rp_filter=0'],
      },
    )
    expect(fixOf('rp-filter', facts)).toBeNull()
    expect(
      restChecks.find(({ id }) => id === 'REST-rp-filter')?.judge(facts, hostFacts, { listeners: null }).noFix,
    ).toBe('it would be set back at boot: change /etc/sysctl.d/99-sysctl.conf, line 9: net.ipv4.conf.all.rp_filter = 0')
  })

  test('keeps what else is in our file, and its line comes in place of one that sets the same', () => {
    const own = '# mine\nnet.ipv4.tcp_syncookies=0\nvm.swappiness = 1\nnet/ipv4/tcp_syncookies = 0'
    const facts = kernel(
      { tcp_syncookies: 0 },
      {
        ...{ own: filePart(own), files: [OWN_FILE] },
        lines: [`${OWN_FILE}:2:net.ipv4.tcp_syncookies=0`, `${OWN_FILE}:4:net/ipv4/tcp_syncookies = 0`],
      },
    )
    expect(ownText(fixed('syncookies', facts))).toBe('# mine\nnet.ipv4.tcp_syncookies = 1\nvm.swappiness = 1')
  })
})

describe('forwarding', () => {
  test.each([
    ['is a finding where nothing is found that needs it', {}, /^fail IPv4 on/],
    ['is none with a container’s bridge', { links: 'eth0 \ndocker0 bridge' }, /^pass needed: bridge docker0/],
    ['is none with a tunnel', { links: 'eth0 \nwg0 wireguard' }, /^pass needed: wireguard wg0/],
    [
      'is none with a rule that passes packets on',
      { forward: '-A FORWARD -i eth1 -j ACCEPT' },
      /^pass needed: -A FORWARD/,
    ],
  ])('%s', (_name, more, words) => {
    expect(judged('forwarding', kernel({ ip_forward: 1 }, more))).toMatch(words)
    expect(fixOf('forwarding', kernel({ ip_forward: 1 }, more))).toBeUndefined()
  })
})

describe('a plan', () => {
  test('has one step for the file, and says that it acts at once', () => {
    const base = kernel()
    const edits = fixOf('log-martians', base) ?? []
    const part = restEditing.part({ base, ...restEditing.lay(base, edits) }, edits, { ...UNSEEN, host: hostFacts })
    expect(part.blockers).toEqual([])
    expect(part.steps).toMatchObject([
      { kind: 'file', path: OWN_FILE, was: null, commands: [`cat > ${OWN_FILE}`, `sysctl -p ${OWN_FILE}`] },
    ])
  })

  test('is undone to the text from before, and says what stays', () => {
    const text = bytesOf('net.ipv4.tcp_syncookies = 1\n')
    const past: Past = { rules: [], accounts: [], units: [], files: [{ path: OWN_FILE, text, was: null }] }
    const now = kernel({}, { own: filePart(text) })
    const { edits, remarks } = restEditing.undo(past, now, () => 'x')
    expect(edits).toEqual([{ kind: 'restore', bytes: null, over: text }])
    expect(remarks[0]).toContain('stays until the next boot')
    expect(restEditing.undo(past, kernel({}, { own: filePart('other') }), () => 'x').edits).toEqual([])
  })
})
