import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decidesAtBoot,
  keyOf,
  nameOf,
  readInOrder,
  readSysctlLine,
} from '../../../../src/services/areas/rest/kernel/sysctl-files.ts'

const [A, B, LATE] = ['/usr/lib/sysctl.d/10-a.conf', '/etc/sysctl.d/50-b.conf', '/etc/sysctl.d/99-z.conf'] as const
const KEY = 'net/ipv4/conf/eth0/rp_filter'

/** Which line decides, as `PATH:LINE VALUE`. */
function decides(files: Readonly<Record<string, string>>, key = KEY, reader: 'systemd' | 'procps' = 'systemd') {
  const lines = Object.entries(files).flatMap(([path, text]) =>
    text.split('\n').flatMap((raw, at) => readSysctlLine(path, at + 1, raw) ?? []),
  )
  const found = decidesAtBoot(key, { reader, paths: Object.keys(files), lines })
  return found && `${found.path}:${found.line} ${found.value}`
}

describe('of several lines for one setting', () => {
  test('the last one of the last file by name decides, whatever folder that is in', () => {
    expect(decides({ [LATE]: `${KEY}=2`, [B]: `${KEY}=1`, [A]: `${KEY}=0` })).toBe(`${LATE}:1 2`)
    expect(decides({ [B]: `${KEY}=1\n# ${KEY}=3\n${KEY} = 2\n;${KEY}=0` })).toBe(`${B}:3 2`)
  })

  test('a file hides one of its name in a weaker folder, also one that holds nothing', () => {
    expect(decides({ [B]: '', '/usr/lib/sysctl.d/50-b.conf': `${KEY}=1` })).toBeNull()
  })

  test('a name comes before any pattern, wherever it stands; of patterns the last decides', () => {
    const glob = 'net.ipv4.conf.*.rp_filter=2'
    expect(decides({ [A]: `${KEY}=1`, [LATE]: glob })).toBe(`${A}:1 1`)
    expect(decides({ [A]: 'net.ipv4.conf.eth?.rp_filter=1', [LATE]: glob })).toBe(`${LATE}:1 2`)
    expect(decides({ [A]: glob, [LATE]: `-${KEY}` })).toBeNull()
    expect(decides({ [A]: 'net.ipv4.*.rp_filter=2' })).toBeNull()
    expect(decides({ [A]: 'net.ipv4.conf.[!e]*.rp_filter=2' })).toBeNull()
    expect(decides({ [A]: 'net.ipv4.conf.[a-f]th[01].rp_filter=2' })).toBe(`${A}:1 2`)
  })

  test('a name without a value takes back what was said of it for systemd alone', () => {
    expect(decides({ [A]: `${KEY}=1\n-${KEY}` })).toBeNull()
    expect(decides({ [A]: `${KEY}=1\n-${KEY}` }, KEY, 'procps')).toBe(`${A}:1 1`)
  })

  test('/etc/sysctl.conf comes after all others where procps reads it', () => {
    expect(readInOrder([LATE, A, '/etc/sysctl.conf'])).toEqual([A, LATE, '/etc/sysctl.conf'])
  })
})

describe('a line', () => {
  test.each([
    ['net.ipv4.ip_forward=1', 'net/ipv4/ip_forward', '1'],
    ['  -net/ipv4/conf/eth0.5/rp_filter  =  2 ', 'net/ipv4/conf/eth0.5/rp_filter', '2'],
    ['net.ipv4.conf.eth0/5.rp_filter = 2', 'net/ipv4/conf/eth0.5/rp_filter', '2'],
    ['-net.ipv4.ip_forward', 'net/ipv4/ip_forward', null],
    ['a.b = c = d', 'a/b', 'c = d'],
  ])('%j sets what it says', (raw, key, value) => {
    expect(readSysctlLine(A, 7, raw)).toEqual({ path: A, line: 7, key, value })
  })

  test.each(['', '  ', '# a=1', ' ; a=1', 'a.b', '=1', '-', '-=1'])('%j sets nothing', (raw) => {
    expect(readSysctlLine(A, 1, raw)).toBeNull()
  })
})

test('a path is written so that it is read as the same path', () => {
  const part = fc.stringMatching(/^[a-z0-9_.@-]{1,12}$/)
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      const key = ['net', 'ipv4', ...parts].join('/')
      expect(keyOf(nameOf(key))).toBe(key)
    }),
  )
})

test('a pattern matches what it was made of by putting stars and question marks in', () => {
  const pieces = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,4}$/), fc.constantFrom('*', '?', '')), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(pieces, (all) => {
      const name = all.map(([text, mark]) => (mark === '?' ? `${text}x` : text)).join('')
      const pattern = all.map(([text, mark]) => (mark === '*' ? `${text.slice(1)}*` : `${text}${mark}`)).join('')
      const starred = `*${pattern}`
      expect(decides({ [A]: `net.ipv4.conf.${starred}.x=1` }, `net/ipv4/conf/${name}/x`)).toBe(
        /[*?]/.test(starred) && fits(starred, name) ? `${A}:1 1` : null,
      )
    }),
  )
})

/** The same by a regular expression. */
const fits = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name)
