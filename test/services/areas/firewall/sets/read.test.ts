import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { setsNamedIn, withFilled } from '../../../../../src/services/areas/firewall/sets/named.ts'
import { readSets } from '../../../../../src/services/areas/firewall/sets/read.ts'
import type { IpSet, IpSets } from '../../../../../src/services/model/ip-sets.ts'
import { outputFrom } from '../../../../support/probe-output.ts'

/** What the probe printed on Debian 12 (ipset 7.17). */
const DEBIAN = readFileSync('test/fixtures/sets/debian12.txt', 'utf8')

const read = (stdout: string): IpSets => readSets(outputFrom('sets', stdout))
function set(name: string, stdout = DEBIAN): IpSet {
  const sets = read(stdout)
  const found = sets.state === 'present' ? sets.byName.get(name) : undefined
  if (!found) throw new Error(`no set ${name}`)
  return found
}

describe('sets are read', () => {
  test('all of them, with their types, families and members', () => {
    const sets = read(DEBIAN)
    expect(sets.state === 'present' && [...sets.byName.keys()]).toEqual(
      'bad nets svc svc6 tri blocks ports lan macs dev soon odd empty list'.split(' '),
    )
    expect(set('bad')).toMatchObject({ type: 'hash:ip', family: 'v4', dimension: 1, entries: 2, doubt: null })
    expect(set('svc6')).toMatchObject({ family: 'v6', dimension: 2, doubt: null })
    expect(set('ports')).toMatchObject({ family: null, dimension: 1, doubt: null })
    expect(set('lan').family).toBe('v4')
    expect(set('empty')).toMatchObject({ members: [], doubt: null })
  })

  const net = (base: number, bits = 32) => ({ kind: 'net', base, bits })
  const port = (protocol: number | null, number: number) => ({ kind: 'port', protocol, port: number })
  test.each<[string, string, readonly object[], boolean?]>([
    ['bad', '198.51.100.7 comment "hello \\ there"', [net(0xc6336407)]],
    ['nets', '10.1.0.0/16 nomatch', [net(0x0a010000, 16)], true],
    ['nets', '203.0.113.7', [net(0xcb007107)]],
    ['blocks', '203.0.113.0', [net(0xcb007100, 24)]],
    ['svc', '192.0.2.1,tcp:80', [net(0xc0000201), port(6, 80)]],
    ['svc', '192.0.2.1,icmp:host-unreachable', [net(0xc0000201), port(1, 0x0301)]],
    ['svc', '192.0.2.1,icmp:echo-request', [net(0xc0000201), port(1, 0x0800)]],
    ['svc', '192.0.2.1,esp:0', [net(0xc0000201), port(50, 0)]],
    ['tri', '192.0.2.9,udp:53,10.0.0.0/8', [net(0xc0000209), port(17, 53), net(0x0a000000, 8)]],
    ['ports', '81', [port(null, 81)]],
    ['macs', '192.0.2.1', [net(0xc0000201), { kind: 'unseen' }]],
    ['macs', '192.0.2.2,02:00:00:00:0E:01', [net(0xc0000202), { kind: 'unseen' }]],
    ['dev', '10.0.0.0/8,eth0', [net(0x0a000000, 8), { kind: 'unseen' }]],
    ['list', 'nets', [{ kind: 'set', name: 'nets' }]],
  ])('%s has the member %s', (name, text, fields, nomatch = false) => {
    expect(set(name).members).toContainEqual({ text, fields, nomatch })
  })
})

describe('nothing is claimed', () => {
  const doubt = (name: string, stdout = DEBIAN): string | null => set(name, stdout).doubt

  test('of a set whose members were cut off, or not read at all', () => {
    expect(doubt('nets', DEBIAN.replace('203.0.113.7\nwhole\n', '203.0.113.7\n'))).toBe(
      'only 3 of its members were read',
    )
    expect(doubt('nets', DEBIAN.replace(/create nets.*203.0.113.7\nwhole\n/s, ''))).toBe(
      'its members could not be read',
    )
    expect(doubt('list', DEBIAN.slice(0, DEBIAN.indexOf('add list')))).toBe('only 0 of its members were read')
  })

  test('of members that come and go', () => {
    expect(doubt('soon')).toMatch(/timeout/)
    expect(doubt('f2b-sshd', DEBIAN.replaceAll(/\bbad\b/g, 'f2b-sshd'))).toMatch(/a program fills it/)
    const filled = withFilled(read(DEBIAN), ['-p tcp -j SET --add-set bad src', '-m set --match-set nets src -j DROP'])
    expect(filled.state === 'present' && filled.byName.get('bad')?.doubt).toMatch(/a rule fills it/)
    expect(filled.state === 'present' && filled.byName.get('nets')?.doubt).toBeNull()
  })

  test('of types, options and members that are not known', () => {
    expect(doubt('odd')).toMatch(/not worked out/)
    expect(
      doubt('bad', DEBIAN.replaceAll('bad hash:ip', 'bad hash:dns').replace('Type: hash:ip\n', 'Type: hash:dns\n')),
    ).toMatch(/not worked out/)
    expect(doubt('nets', DEBIAN.replace('add nets 203.0.113.7', 'add nets somewhere'))).toMatch(/understood/)
    expect(doubt('svc', DEBIAN.replace('icmp:host-unreachable', 'icmp:destination-unreachable'))).toMatch(/understood/)
  })

  test('where a comment tries to be a member of its own', () => {
    // The quotes around it give it away.
    const forged = DEBIAN.replace('"hello \\ there"', '"x\nadd bad 192.0.2.77"')
    expect(doubt('bad', forged)).toMatch(/understood/)
  })

  test.each([
    ['', 'what ipset(8) says of them did not arrive'],
    ['\n@@headers\n\n@@status\nabsent\n', 'ipset, which would list them, is not installed'],
    [
      '\n@@headers\nipset v7.17: Kernel error received: Operation not permitted\n\n@@status\n1\n',
      'ipset v7.17: Kernel error received: Operation not permitted',
    ],
  ])('where ipset says nothing: %j', (stdout, reason) => {
    expect(read(stdout)).toEqual({ state: 'unreadable', reason })
    expect(readSets(null).state).toBe('unreadable')
  })

  test('and no text makes the reader throw', () => {
    const piece = fc.constantFrom(...DEBIAN.split(/(?=[\n ])/), '"', '\\', '\u202e', ',', ':', '/')
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        read(pieces.join(''))
        read(`\n@@headers\n${pieces.join('')}\n@@status\n0\n@@members 1\n${pieces.join('')}`)
      }),
    )
  })
})

test('the sets that a rule names are found behind the options that name them', () => {
  expect(
    setsNamedIn('-m set ! --match-set bad src,dst -m set --match-set nets dst -j SET --add-set seen src --exist'),
  ).toEqual(['bad', 'nets', 'seen'])
  expect(setsNamedIn('-m comment --comment "--match-set x src" -j DROP')).toEqual([])
  expect(setsNamedIn('-m comment --comment "never closed --match-set x')).toEqual([])
})
