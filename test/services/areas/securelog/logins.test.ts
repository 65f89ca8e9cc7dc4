import { expect, test } from 'vitest'
import { groupLogins } from '../../../../src/services/areas/securelog/logins.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import type { LogEntry, LogKind } from '../../../../src/services/model/securelog.ts'

let id = 0
const entry = (kind: LogKind, user: string, address: string, more: Partial<LogEntry> = {}): LogEntry => {
  id += 1
  return {
    ...{ id, time: safe('09:00:00'), day: safe('Nov 27'), at: id, kind, user: safe(user), address: safe(address) },
    ...{ port: null, method: safe('publickey'), program: safe('sshd'), pid: null, trusted: true, own: false },
    text: safe(`Accepted publickey for ${user} from ${address} port 1 ssh2: ED25519 SHA256:abc`),
    ...more,
  }
}
const said = (entries: readonly LogEntry[]) =>
  groupLogins(entries).map(
    ({ user, address, count, failuresBefore, own, trusted }) =>
      `${user} ${address} ×${count} after ${failuresBefore}${own ? ' you' : ''}${trusted ? '' : ' ?'}`,
  )

test('each user, address, method and key stands once, with how often, when first and when last', () => {
  const [one, two] = [entry('accepted', 'pat', '192.0.2.1'), entry('accepted', 'pat', '192.0.2.1')]
  const [group] = groupLogins([one, two])
  expect(group).toMatchObject({ key: 'SHA256:abc', count: 2, first: one, last: two })
  const other = entry('accepted', 'pat', '192.0.2.1', { text: safe('Accepted publickey … ssh2: RSA SHA256:other') })
  const byPassword = entry('accepted', 'pat', '192.0.2.1', { method: safe('password'), text: safe('Accepted … ssh2') })
  expect(groupLogins([one, other, byPassword]).map(({ key, method }) => [method, key])).toEqual([
    ['password', null],
    ['publickey', 'SHA256:other'],
    ['publickey', 'SHA256:abc'],
  ])
})

test('failures from the same address before the first login are counted, folded lines with it, later ones not', () => {
  const entries = [
    entry('failed', 'root', '203.0.113.7', { times: 30 }),
    entry('invalid', 'oracle', '203.0.113.7'),
    entry('failed', 'root', '203.0.113.8'),
    entry('accepted', 'shop', '203.0.113.7'),
    entry('failed', 'shop', '203.0.113.7'),
    entry('accepted', 'shop', '203.0.113.7'),
  ]
  expect(said(entries)).toEqual(['shop 203.0.113.7 ×2 after 31'])
})

test('failures since the last login like it count, for somebody may get in where another one has for years', () => {
  const colleague = entry('accepted', 'kim', '192.0.2.1')
  const guessed = [entry('failed', 'kim', '192.0.2.1', { times: 900 }), entry('accepted', 'kim', '192.0.2.1')]
  expect(said([colleague, ...guessed])).toEqual(['kim 192.0.2.1 ×2 after 900'])
  expect(
    said([colleague, ...guessed, entry('failed', 'kim', '192.0.2.1'), entry('accepted', 'kim', '192.0.2.1')]),
  ).toEqual(['kim 192.0.2.1 ×3 after 900'])
  // Whoever comes next from there comes after all of them.
  expect(said([colleague, ...guessed, entry('accepted', 'eve', '192.0.2.1')])).toContain('eve 192.0.2.1 ×1 after 900')
})

test('who is a stranger stands before the operator, and first who failed most', () => {
  const entries = [
    entry('accepted', 'ops', '192.0.2.9', { own: true }),
    entry('accepted', 'pat', '192.0.2.1'),
    entry('failed', 'x', '203.0.113.7'),
    entry('accepted', 'shop', '203.0.113.7', { trusted: false }),
    entry('accepted', 'ops', '192.0.2.9'),
  ]
  expect(said(entries)).toEqual([
    'shop 203.0.113.7 ×1 after 1 ?',
    'pat 192.0.2.1 ×1 after 0',
    'ops 192.0.2.9 ×2 after 0 you',
  ])
})

test('a key is what sshd names at the end, and nothing that a client put before it', () => {
  const odd = entry('accepted', 'x ssh2: ED25519 SHA256:forged', '192.0.2.1', {
    text: safe('Accepted password for x ssh2: ED25519 SHA256:forged from 192.0.2.1 port 1 ssh2'),
  })
  expect(groupLogins([odd])[0]?.key).toBeNull()
})
