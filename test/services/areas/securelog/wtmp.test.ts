import { describe, expect, test } from 'vitest'
import { createSurvey } from '../../../../src/services/areas/securelog/survey.ts'
import { readLatest, readSession } from '../../../../src/services/areas/securelog/wtmp.ts'
import type { Wtmp } from '../../../../src/services/model/securelog.ts'
import { someHost } from '../some-host.ts'

describe('a line of last(1)', () => {
  test.each([
    [
      'ops      pts/0        192.0.2.2        Fri Nov 27 23:43:04 2026 - Fri Nov 27 23:44:00 2026  (00:00)',
      'ops 192.0.2.2 2026-11-27T23:43:04.000Z',
    ],
    [
      'ops      pts/1        2001:db8::7      Tue Nov  3 09:00:00 2026   still logged in',
      'ops 2001:db8::7 2026-11-03T09:00:00.000Z',
    ],
    ['reboot   system boot  0.0.0.0          Fri Nov 27 23:23:01 2026   still running', null],
    ['root     tty1         0.0.0.0          Fri Nov 27 23:23:01 2026   still logged in', null],
    ['ops      pts/2        tmux(812).%0     Fri Nov 27 23:23:01 2026   still logged in', null],
    ['', null],
    ['wtmp begins Fri Nov 27 23:23:01 2026', null],
  ])('%j', (line, expected) => {
    const session = readSession(line)
    expect(session && `${session.user} ${session.address} ${new Date(session.at).toISOString()}`).toBe(expected)
  })
})

describe('a line of lastlog(8)', () => {
  test.each([
    [
      'ops              pts/0    192.0.2.2                                  Fri Nov 27 23:43:04 +0000 2026',
      'ops 192.0.2.2 2026-11-27T23:43:04.000Z',
    ],
    [
      'ops              pts/0    2001:db8::7                                Tue Nov  3 09:00:00 +0100 2026',
      'ops 2001:db8::7 2026-11-03T09:00:00.000Z',
    ],
    ['root             tty1                                                Fri Nov 27 23:43:04 +0000 2026', null],
    ['daemon                                                              **Never logged in**', null],
    ['Username         Port     From                                       Latest', null],
  ])('%j', (line, expected) => {
    const session = readLatest(line)
    expect(session && `${session.user} ${session.address} ${new Date(session.at).toISOString()}`).toBe(expected)
  })
})

describe('sessions beside the log', () => {
  const accepted = (day: number, time: string, user = 'ops') =>
    `+Nov ${day} ${time} web1 sshd[7]: Accepted password for ${user} from 192.0.2.2 port 4 ssh2`
  const session = (day: number, time: string, user = 'ops') =>
    `w${user}      pts/0        192.0.2.2        Fri Nov ${day} ${time} 2026 - Fri Nov ${day} 23:59:00 2026  (00:00)`
  const END = 'wwtmp begins Sun Nov  1 00:00:00 2026'
  function compared(last: readonly string[], marks: readonly string[] = ['= wtmp']): Wtmp {
    const survey = createSurvey(someHost(), Date.parse('2026-11-27T12:00:00Z'))
    const log = [
      '= uid 0',
      '= file 1795780800 /var/log/auth.log',
      accepted(10, '09:00:00'),
      accepted(12, '09:00:30'),
      accepted(20, '09:00:00'),
      '= done 0',
    ]
    for (const line of [...log, ...marks, ...last, '= end']) survey.feed(line)
    return survey.result().wtmp
  }
  const unlogged = (...last: readonly string[]) => {
    const wtmp = compared([...last, END])
    return wtmp.state === 'read'
      ? wtmp.unlogged.map(({ user, at }) => `${user} ${new Date(at).getUTCDate()}`)
      : wtmp.state
  }

  test('have a login of the same user from the same address, within a minute of it', () => {
    expect(unlogged(session(12, '09:00:31'), session(12, '09:01:20'))).toEqual([])
    expect(unlogged(session(12, '09:03:00'), session(12, '09:00:31', 'eve'), session(13, '09:00:31'))).toEqual([
      'ops 12',
      'eve 12',
      'ops 13',
    ])
  })

  test('may stand an hour beside it, where the clocks were changed in between', () => {
    expect(unlogged(session(12, '10:00:31'), session(12, '08:00:31'))).toEqual([])
  })

  test('of another time than the log’s say nothing', () => {
    expect(unlogged(session(1, '09:00:00', 'eve'), session(25, '09:00:00', 'eve'))).toEqual([])
  })

  test('may be told of by lastlog(8) as well, or by it alone', () => {
    const latest = (day: number, user: string) =>
      `g${user}              pts/0    192.0.2.2                                  Fri Nov ${day} 09:00:31 +0000 2026`
    const told = (...lines: readonly string[]) => {
      const wtmp = compared(lines, [])
      return wtmp.state === 'read' ? wtmp.unlogged.map(({ user, by }) => `${user} ${by}`) : wtmp.state
    }
    expect(told('= lastlog', latest(12, 'ops'), latest(13, 'eve'))).toEqual(['eve lastlog(8)'])
    expect(told('= wtmp', session(13, '09:00:31', 'eve'), END, '= lastlog', latest(13, 'eve'))).toEqual(['eve last(1)'])
  })

  test('that failed have a try of the same address in the log, within its time', () => {
    const bad = (day: number, address: string) =>
      `b${'nosuch'}   ssh:notty    ${address}        Fri Nov ${day} 09:00:31 2026 - Fri Nov ${day} 09:00:31 2026  (00:00)`
    const failed = '+Nov 15 09:00:00 web1 sshd[7]: Failed password for root from 203.0.113.7 port 4 ssh2'
    const first = '+Nov 10 08:00:00 web1 sshd[7]: Server listening on 0.0.0.0 port 22.'
    const last = '+Nov 20 09:00:00 web1 sshd[7]: Server listening on 0.0.0.0 port 22.'
    const told = (...lines: readonly string[]) => {
      const survey = createSurvey(someHost(), Date.parse('2026-11-27T12:00:00Z'))
      const log = ['= uid 0', '= file 1795780800 /var/log/auth.log', first, failed, last, '= done 0', '= btmp']
      for (const line of [...log, ...lines, '= end']) survey.feed(line)
      const { wtmp } = survey.result()
      return wtmp.state === 'read' ? { ...wtmp.btmp, unlogged: wtmp.unloggedTries } : wtmp.state
    }
    const end = ['b', 'bbtmp begins Sun Nov  1 00:00:00 2026']
    const since = (day: number): number => Date.parse(`2026-11-${day}T09:00:31Z`)
    expect(told(bad(15, '203.0.113.7'), ...end)).toEqual({ tries: 1, since: since(15), unlogged: [] })
    expect(told(bad(15, '203.0.113.9'), bad(14, '203.0.113.9'), bad(13, '203.0.113.7'), ...end)).toEqual({
      ...{ tries: 3, since: since(13) },
      unlogged: [{ address: '203.0.113.9', tries: 2 }],
    })
    // Before the log begins nobody can say anything.
    expect(told(bad(15, '203.0.113.9'), bad(10, '203.0.113.9').replace('Nov 10', 'Nov  9'), ...end)).toMatchObject({
      unlogged: [],
    })
    expect(told(bad(15, '203.0.113.7'))).toBe('unread')
    expect(told(bad(15, '203.0.113.9'))).toMatchObject({ unlogged: [{ address: '203.0.113.9' }] })
  })

  test('that are not in the log are told of whatever else could not be read, and only then is it unknown', () => {
    const found = compared([session(13, '09:00:31', 'eve'), END, '= btmp'])
    expect(found).toMatchObject({ state: 'read', unlogged: [{ user: 'eve' }] })
    const none = compared([session(12, '09:00:31'), END, '= btmp'])
    expect(none).toEqual({ state: 'unread', why: 'btmp could not be read to its end' })
    expect(compared([session(13, '09:00:31', 'eve')])).toMatchObject({ state: 'read', unlogged: [{ user: 'eve' }] })
  })

  test('are not compared where last(1) is not there, was cut off, or something of the log could not be read', () => {
    expect(compared([], []).state).toBe('absent')
    expect(compared([session(12, '09:00:31')])).toEqual({ state: 'unread', why: 'wtmp could not be read to its end' })
    expect(compared([session(13, '09:00:00'), END], ['= closed /var/log/secure', '= wtmp']).state).toBe('unread')
  })
})
