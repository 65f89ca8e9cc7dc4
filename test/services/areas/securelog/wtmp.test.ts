import { describe, expect, test } from 'vitest'
import { createSurvey } from '../../../../src/services/areas/securelog/survey.ts'
import { readSession } from '../../../../src/services/areas/securelog/wtmp.ts'
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

  test('are not compared where last(1) is not there, was cut off, or something of the log could not be read', () => {
    expect(compared([], []).state).toBe('absent')
    expect(compared([session(13, '09:00:00')]).state).toBe('unread')
    expect(compared([session(13, '09:00:00'), END], ['= closed /var/log/secure', '= wtmp']).state).toBe('unread')
  })
})
