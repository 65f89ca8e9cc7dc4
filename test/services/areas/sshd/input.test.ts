import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  choicesLike,
  keywordsLike,
  putTogether,
  readInput,
  takeApart,
} from '../../../../src/services/areas/sshd/input.ts'
import { say } from '../../../../src/services/model/safe.ts'

const on = (version: string | null = 'OpenSSH_9.2p1') => ({
  version: version === null ? null : say`${version as never}`,
})
const error = (text: string, version?: string): string => {
  const read = readInput(text, on(version))
  return read.ok ? 'taken' : read.error
}

describe('a typed line', () => {
  test.each<[text: string, match: string | null, keyword: string, value: string]>([
    ['PermitRootLogin no', null, 'PermitRootLogin', 'no'],
    ['  permitrootlogin=no ', null, 'permitrootlogin', 'no'],
    ['[User bob] PasswordAuthentication no', 'User bob', 'PasswordAuthentication', 'no'],
    [
      '[Match Address 10.0.0.0/8,!10.1.0.0/16] X11Forwarding yes',
      'Address 10.0.0.0/8,!10.1.0.0/16',
      'X11Forwarding',
      'yes',
    ],
    ['[User bob', 'User bob', '', ''],
    ['AllowUsers ops bob@10.0.0.0/8', null, 'AllowUsers', 'ops bob@10.0.0.0/8'],
    ['Port', null, 'Port', ''],
    ['', null, '', ''],
  ])('%j is taken apart', (text, match, keyword, value) => {
    expect(takeApart(text)).toEqual({ match, keyword, value })
  })

  test('is the same once it was taken apart and put together again', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const once = takeApart(putTogether(takeApart(text)))
        expect(takeApart(putTogether(once))).toEqual(once)
      }),
    )
  })

  test.each([
    ['PermitRootLogin no', { keyword: 'PermitRootLogin', values: ['no'], match: null }],
    ['port 22 10022', { keyword: 'Port', values: ['22', '10022'], match: null }],
    ['AllowUsers ops bob', { keyword: 'AllowUsers', values: ['ops bob'], match: null }],
    ['MaxAuthTries', { keyword: 'MaxAuthTries', values: null, match: null }],
    ['[User bob] permittty no', { keyword: 'PermitTTY', values: ['no'], match: 'User bob' }],
  ])('%j means what it says', (text, edit) => {
    expect(readInput(text, on())).toEqual({ ok: true, value: { kind: 'keyword', ...edit } })
  })

  test('is spelled as the release has it', () => {
    expect(readInput('KbdInteractiveAuthentication no', on('OpenSSH_8.4p1'))).toMatchObject({
      value: { keyword: 'ChallengeResponseAuthentication' },
    })
    expect(readInput('ChallengeResponseAuthentication no', on('OpenSSH_9.2p1'))).toMatchObject({
      value: { keyword: 'KbdInteractiveAuthentication' },
    })
  })

  test.each([
    ['', 'Type a keyword'],
    ['PermitRoot no', 'no keyword PermitRoot'],
    ['PermitRootLogin maybe', 'PermitRootLogin: '],
    ['Port 70000', 'Port: '],
    ['[User bob] Port 22', 'outside Match blocks'],
    ['[] X11Forwarding no', 'Name whom the Match block is for'],
    ['Match User bob', 'written by hand'],
    ['Include /etc/x', 'written by hand'],
  ])('%j is refused with the reason', (text, words) => {
    expect(error(text)).toContain(words)
  })

  test('is refused where the release has no such keyword', () => {
    expect(error('PerSourcePenalties no', 'OpenSSH_9.2p1')).toBe('This release of sshd has no PerSourcePenalties.')
    expect(error('PerSourcePenalties no', 'OpenSSH_10.0p2')).toBe('taken')
  })
})

test('what may stand there begins as typed', () => {
  expect(keywordsLike('permitroot', 'OpenSSH_9.2p1').map(({ name }) => name)).toEqual(['PermitRootLogin'])
  expect(keywordsLike('persourcepen', 'OpenSSH_9.2p1')).toEqual([])
  expect(keywordsLike('match', null)).toEqual([])
  expect(choicesLike('PermitRootLogin', 'pro')).toEqual(['prohibit-password'])
  expect(choicesLike('nothing', '')).toEqual([])
})
