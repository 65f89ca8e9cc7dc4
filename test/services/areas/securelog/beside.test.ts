import { describe, expect, test } from 'vitest'
import { createSurvey } from '../../../../src/services/areas/securelog/survey.ts'
import type { Survey } from '../../../../src/services/model/securelog.ts'
import { someHost } from '../some-host.ts'

function surveyOf(...lines: readonly string[]): Survey {
  const survey = createSurvey(someHost(), Date.parse('2026-11-27T12:00:00Z'))
  for (const line of [...lines, '= end']) survey.feed(line)
  return survey.result()
}

describe('what fail2ban keeps out', () => {
  // As fail2ban 1.0.2 prints it.
  const status = [
    'fStatus for the jail: sshd',
    'f|- Filter',
    'f|  |- Currently failed:\t1',
    'f|  |- Total failed:\t9',
    'f|  `- File list:\t/var/log/auth.log',
    'f`- Actions',
    'f   |- Currently banned:\t2',
    'f   |- Total banned:\t3',
    'fip 203.0.113.5',
    'fip 2001:db8::7',
  ]

  test('is told by jail, with the addresses', () => {
    const addresses = new Set(['203.0.113.5', '2001:db8::7'])
    expect(surveyOf('= jails', '= jail sshd', ...status, '= jail recidive').bans).toEqual({
      state: 'read',
      jails: [
        { name: 'sshd', banned: 2, total: 3, addresses },
        { name: 'recidive', banned: null, total: null, addresses: new Set() },
      ],
    })
  })

  test('is not known where it does not answer, or the reading ended early', () => {
    expect(surveyOf('= nojails').bans).toEqual({ state: 'unread' })
    expect(surveyOf().bans).toEqual({ state: 'absent' })
    const survey = createSurvey(someHost(), 0)
    survey.feed('= jails')
    expect(survey.result().bans).toEqual({ state: 'unread' })
  })

  test('can’t be said by a line of the log', () => {
    const log = ['= file 1795780800 /var/log/auth.log', '+= jails', '+= jail sshd', '+fip 203.0.113.5', '= done 0']
    expect(surveyOf(...log).bans).toEqual({ state: 'absent' })
  })
})

describe('what the server calls an address', () => {
  test('is what its hosts file says first, without comments', () => {
    const { names } = surveyOf(
      ...['= hosts', 'h127.0.0.1 localhost', 'h# 192.0.2.9 no', 'h192.0.2.7\tbastion.example bastion # ours', 'h'],
      ...['h192.0.2.7 other', 'hnonsense here', 'h2001:db8::7 desk', 'h192.0.2.8 \u001b[31mred'],
    )
    expect([...names]).toEqual([
      ['127.0.0.1', 'localhost'],
      ['192.0.2.7', 'bastion.example, bastion'],
      ['2001:db8::7', 'desk'],
      ['192.0.2.8', '␛[31mred'],
    ])
  })
})
