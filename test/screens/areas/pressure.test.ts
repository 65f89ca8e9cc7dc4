import { describe, expect, test } from 'vitest'
import { aboutPressure, pressureLines, pressureRow, surveyNote } from '../../../src/screens/areas/pressure.ts'
import { createSurvey } from '../../../src/services/areas/securelog/survey.ts'
import { pressureItems } from '../../../src/state/areas/securelog/pressure.ts'
import { factsOfScene, filter } from '../../support/firewall-checks.ts'
import { hostFacts } from '../../support/plans.ts'

const NOW = Date.UTC(2026, 10, 27)
const FAILED = '+Nov 20 09:00:00 web1 sshd[1]: Failed password for root from 203.0.113.7 port 1 ssh2'

/** The row that sums up what a server printed of its log. */
function sumOf(...printed: readonly string[]) {
  const survey = createSurvey(hostFacts, NOW)
  for (const line of [`= file ${NOW / 1000} /var/log/auth.log`, ...printed]) survey.feed(line)
  return { what: 'sum', survey: survey.result(), firewall: null } as const
}
const words = (row: ReturnType<typeof sumOf>): string =>
  pressureRow(row, 100)
    .map(({ text }) => text)
    .join('')

describe('the sum of who tried', () => {
  test.each([
    ['all of it was read', ['= done 0 0', '= end'], 'No try failed.', '1 try failed, from 1 address'],
    [
      'the reading was cut off',
      ['= done 0 0'],
      'No try failed in what was read.',
      'at least 1 try failed, from 1 address',
    ],
    [
      'a file could not be read',
      ['= done 1 0', '= end'],
      'No try failed in what was read.',
      'at least 1 try failed, from 1 address',
    ],
  ])('where %s', (_what, marks, none, one) => {
    expect(words(sumOf(...marks))).toBe(none)
    expect(words(sumOf(FAILED, ...marks))).toBe(one)
    const note = surveyNote(sumOf(FAILED, ...marks).survey).map(({ text }) => text)
    expect(note.join('')).toBe(one.startsWith('at least') ? 'at least 1 failed' : '1 failed')
  })

  test('says the same in its row, in one sentence about it, and at the top of all about it', () => {
    const row = sumOf(FAILED)
    const [first] = pressureLines(row, 100)
    expect(first?.map(({ text }) => text).join('')).toBe(words(row))
    expect(aboutPressure(row)).toContain(words(row))
  })
})

describe('what the firewall keeps out', () => {
  const facts = factsOfScene({
    v4: filter(
      'INPUT ACCEPT',
      '-A INPUT -s 203.0.113.0/24 -j DROP',
      '-A INPUT -s 198.51.100.9 -m bpf --bytecode "1,6 0 0 0" -j DROP',
    ),
  })
  const from = (address: string): string => FAILED.replace('203.0.113.7', address)
  const said = (...printed: readonly string[]): string => {
    const { survey } = sumOf(...printed, '= done 0 0', '= end')
    const [sum] = pressureItems(survey, facts, hostFacts)
    const lines = sum ? pressureLines(sum.row, 120).map((line) => line.map(({ text }) => text).join('')) : []
    return (
      lines
        .find((line) => line.includes('firewall'))
        ?.trim()
        .replace(/ +/g, ' ') ?? ''
    )
  }
  const { serverPort } = hostFacts.session

  test('is counted over all who tried, or those who tried most; and nothing is said where nobody did', () => {
    expect(said(FAILED, from('198.51.100.7'))).toBe(
      `firewall keeps 1 of 2 addresses from port ${serverPort}, as its rules are now`,
    )
    expect(said(FAILED, from('198.51.100.9'))).toContain('keeps 1 of 2 addresses, and perhaps 1 more from')
    const many = Array.from({ length: 60 }, (_, nth) => from(`192.0.2.${nth + 1}`))
    expect(said(FAILED, FAILED, ...many)).toContain('keeps 1 of the 50 addresses that tried most from port')
    expect(said()).toBe('')
  })
})

describe('what fail2ban keeps out', () => {
  const asked = (...printed: readonly string[]): string =>
    pressureLines(sumOf(FAILED, '= done 0 0', ...printed, '= end'), 100)
      .map((line) => line.map(({ text }) => text).join(''))
      .filter((line) => /fail2ban|recidive/.test(line))
      .map((line) => line.trim().replace(/ +/g, ' '))
      .join('\n')
  const sshd = ['= jails', '= jail sshd', 'f   |- Currently banned:\t1', 'f   |- Total banned:\t1,2', 'fip 203.0.113.7']

  test('is told by jail, and that it could not be asked', () => {
    const total = sshd.map((line) => line.replace('1,2', '1234'))
    expect(asked(...total, '= jail recidive')).toBe(
      'fail2ban sshd has 1 address banned, 1,234 since it started\nrecidive did not say whom it has banned',
    )
    expect(asked('= jails')).toBe('fail2ban no jail is set up')
    expect(asked('= nojails')).toBe('fail2ban is there and could not be asked')
    expect(asked()).toBe('')
  })

  test('is said of an address that it is about, and of no other', () => {
    const other = FAILED.replace('.7 port', '.8 port')
    const { survey } = sumOf(FAILED, other, '= done 0 0', ...sshd, '= hosts', 'h203.0.113.7 scanner.example', '= end')
    const about = (address: string): string => {
      const item = pressureItems(survey, null, null).find(({ id }) => id === `pressure:address:${address}`)
      const lines = item ? pressureLines(item.row, 100).map((line) => line.map(({ text }) => text).join('')) : []
      return `${item && aboutPressure(item.row)} ${lines.join(' ').replace(/ +/g, ' ')}`
    }
    expect(about('203.0.113.7')).toMatch(/fail2ban \(sshd\) has it banned/)
    expect(about('203.0.113.7')).toMatch(
      /name scanner\.example, by .* network 203\.0\.113\.0\/24 fail2ban sshd has it banned/,
    )
    expect(about('203.0.113.8')).toMatch(/network 203\.0\.113\.0\/24/)
    expect(about('203.0.113.8')).not.toMatch(/fail2ban|scanner/)
  })
})
