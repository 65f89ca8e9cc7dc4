import { expect, test } from 'vitest'
import { CONF, dnsParts, factsFrom, judge } from './configs.ts'

const of = (version: string, day = '2026-11-28') => {
  const named = `program /usr/sbin/named\nversion ${version}\npid 7\nconf ${CONF}\nend\n`
  const facts = factsFrom(dnsParts('options { recursion no; };\n', { named }))
  const { outcome, observed } = judge('DNS-end-of-life', { ...facts, readAt: Date.parse(day) })
  return `${outcome}: ${observed}`
}

test.each([
  ['BIND 9.18.49 (Extended Support Version) <id:1>', 'fail: 9.18: ISC’s support ended 2026-07-01'],
  ['BIND 9.20.23 (Stable Release) <id:1>', 'pass: 9.20: ISC’s support ends 2028-07-01'],
  ['BIND 9.16.50 <id:1>', 'fail: 9.16: ISC’s support ended 2024-04'],
  ['BIND 9.14.12 <id:1>', 'fail: 9.14: ISC’s support ended in March 2022 or before'],
  ['BIND 9.11.37 <id:1>', 'fail: 9.11: ISC’s support ended in March 2022 or before'],
  ['BIND 9.21.1 <id:1>', 'fail: 9.21 is a branch for development'],
  ['BIND 9.22.0 <id:1>', 'unknown: 9.22 is newer than this console knows of'],
  ['BIND 10.0.0 <id:1>', 'unknown: 10.0 is newer than this console knows of'],
  ['BIND 8.4.7', 'fail: BIND 8 has been without support for decades'],
  // As distributions call what they build themselves.
  ['BIND 9.18.49-1~deb12u1-Debian (Extended Support Version) <id:>', 'pass: 9.18, mended by the distribution'],
  ['BIND 9.18.28-0ubuntu0.22.04.1-Ubuntu (Extended Support Version) <id:>', 'pass: 9.18, mended by the distribution'],
  [
    'BIND 9.11.36-RedHat-9.11.36-16.el8_10.2 (Extended Support Version) <id:68dbd5b>',
    'pass: 9.11, mended by the distribution',
  ],
  ['BIND', 'unknown: named did not say which release it is'],
])('%s', (version, said) => {
  expect(of(version)).toBe(said)
})

test('until the day before its end a branch is mended', () => {
  expect(of('BIND 9.18.40 <id:1>', '2026-06-30')).toBe('pass: 9.18: ISC’s support ends 2026-07-01')
  expect(of('BIND 9.18.40 <id:1>', '2026-07-01')).toMatch(/^fail/)
})
