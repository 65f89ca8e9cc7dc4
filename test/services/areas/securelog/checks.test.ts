import { describe, expect, test } from 'vitest'
import { securelogChecks } from '../../../../src/services/areas/securelog/checks.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import {
  acknowledgementOf,
  type LogEntry,
  type LoginGroup,
  type SecureLogFacts,
} from '../../../../src/services/model/securelog.ts'
import { someHost } from '../some-host.ts'

const entry = { day: safe('Nov 3'), time: safe('09:00:00') } as LogEntry
const group = (user: string, change: Partial<LoginGroup> = {}): LoginGroup => ({
  ...{ id: user, user: safe(user), address: safe('203.0.113.7'), method: safe('password'), key: null, count: 1 },
  ...{ first: entry, last: entry, failuresBefore: 0, failuresAtLast: 0, own: false, trusted: true },
  ...change,
})
const factsWith = (change: Partial<SecureLogFacts>): SecureLogFacts => ({
  ...{ source: { kind: 'journal' }, entries: [], before: null, logins: [], known: null },
  ...{ whyNotAll: null, wtmp: { state: 'absent' } },
  ...change,
})
const verdictOf = (id: string, change: Partial<SecureLogFacts>) =>
  securelogChecks.find((check) => check.id === id)?.judge(factsWith(change), someHost(), { listeners: null })
const judged = (logins: readonly LoginGroup[], more: Partial<SecureLogFacts> = {}) =>
  Object.fromEntries(
    ['LOG-broken-in', 'LOG-strangers'].map((id) => {
      const { outcome, observed } = verdictOf(id, { logins, ...more }) ?? {}
      return [id, `${outcome} ${observed}`]
    }),
  )

describe('who got in', () => {
  test('after many failures is a break-in until somebody knows better', () => {
    const guessed = group('shop', { failuresBefore: 5 })
    expect(judged([guessed])['LOG-broken-in']).toBe('fail shop from 203.0.113.7')
    expect(judged([guessed], { known: new Set([acknowledgementOf(guessed)]) })).toEqual({
      'LOG-broken-in': 'pass nobody',
      'LOG-strangers': 'pass nobody but you and those you know',
    })
    expect(judged([group('shop', { failuresBefore: 4 })])['LOG-broken-in']).toBe('pass nobody')
  })

  test('is somebody else again once many failures came before one more login like his', () => {
    const known = new Set([acknowledgementOf(group('kim'))])
    expect(judged([group('kim', { failuresBefore: 4 })], { known })['LOG-strangers']).toMatch(/^pass/)
    expect(judged([group('kim', { failuresBefore: 900 })], { known })).toEqual({
      'LOG-broken-in': 'fail kim from 203.0.113.7',
      'LOG-strangers': 'fail kim from 203.0.113.7',
    })
    const looked = new Set([acknowledgementOf(group('kim', { failuresBefore: 900 }))])
    expect(judged([group('kim', { failuresBefore: 1500 })], { known: looked })['LOG-broken-in']).toMatch(/^fail/)
  })

  test('and is neither this session nor known is to be looked at', () => {
    expect(judged([group('a'), group('b'), group('me', { own: true })])['LOG-strangers']).toBe(
      'fail a from 203.0.113.7, and 1 more',
    )
    expect(judged([group('me', { own: true, failuresBefore: 9 })])).toEqual({
      'LOG-broken-in': 'pass nobody',
      'LOG-strangers': 'pass nobody but you and those you know',
    })
  })

  test('is never said to be nobody where there are lines that nobody read', () => {
    const whyNotAll = safe('only the last lines were read')
    expect(judged([group('me', { own: true })], { whyNotAll })).toEqual({
      'LOG-broken-in': 'unknown nobody so far: only the last lines were read',
      'LOG-strangers': 'unknown nobody but you and those you know so far: only the last lines were read',
    })
    expect(judged([group('a')], { whyNotAll })['LOG-strangers']).toMatch(/^fail/)
  })

  test('is named with when, how often, and after how many failures', () => {
    const logins = [group('shop', { failuresBefore: 37 }), group('kim', { failuresBefore: 6, count: 3 })]
    expect(verdictOf('LOG-broken-in', { logins })?.details).toEqual([
      'shop from 203.0.113.7 by password, once, Nov 3 09:00:00, after 37 tries that failed',
      'kim from 203.0.113.7 by password, 3 times, Nov 3 to Nov 3, after 6 tries that failed',
    ])
  })
})

describe('sessions that the log has no login for', () => {
  const verdict = (wtmp: SecureLogFacts['wtmp']) => verdictOf('LOG-unlogged', { wtmp })
  const session = {
    ...{ user: safe('eve'), address: safe('203.0.113.7'), at: Date.parse('2026-11-03T09:00:00Z') },
    by: 'last(1)',
  } as const
  const read = { state: 'read', unlogged: [], unloggedTries: [], btmp: null } as const

  test('are named with when they were', () => {
    expect(verdict({ ...read, unlogged: [session] })).toEqual({
      outcome: 'fail',
      observed: 'eve from 203.0.113.7',
      details: ['eve from 203.0.113.7, 2026-11-03 09:00: last(1) has it, the log has not'],
    })
  })

  test('stand before tries that the log does not know either', () => {
    const unloggedTries = [{ address: safe('203.0.113.9'), tries: 3 }]
    expect(verdict({ ...read, unlogged: [session], unloggedTries })).toMatchObject({
      ...{ outcome: 'fail', observed: 'eve from 203.0.113.7, and 1 more' },
      details: [expect.anything(), 'tries from 203.0.113.9: 3 by lastb(1), none by the log'],
    })
    expect(verdict({ ...read, unloggedTries })?.observed).toBe('tries from 203.0.113.9')
  })

  test.each([
    [{ state: 'read', unlogged: [], unloggedTries: [], btmp: null } as const, 'pass'],
    [{ state: 'unread', why: safe('btmp could not be read') } as const, 'unknown'],
    [{ state: 'absent' } as const, 'notapplicable'],
  ])('%j is %s', (wtmp, outcome) => {
    expect(verdict(wtmp)?.outcome).toBe(outcome)
  })
})
