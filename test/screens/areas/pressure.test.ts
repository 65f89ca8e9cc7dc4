import { describe, expect, test } from 'vitest'
import { aboutPressure, pressureLines, pressureRow } from '../../../src/screens/areas/pressure.ts'
import { createSurvey } from '../../../src/services/areas/securelog/survey.ts'
import { hostFacts } from '../../support/plans.ts'

const NOW = Date.UTC(2026, 10, 27)
const FAILED = '+Nov 20 09:00:00 web1 sshd[1]: Failed password for root from 203.0.113.7 port 1 ssh2'

/** The row that sums up what a server printed of its log. */
function sumOf(...printed: readonly string[]) {
  const survey = createSurvey(hostFacts, NOW)
  for (const line of [`= file ${NOW / 1000} /var/log/auth.log`, ...printed]) survey.feed(line)
  return { what: 'sum', survey: survey.result() } as const
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
  })

  test('says the same in its row, in one sentence about it, and at the top of all about it', () => {
    const row = sumOf(FAILED)
    const [first] = pressureLines(row, 100)
    expect(first?.map(({ text }) => text).join('')).toBe(words(row))
    expect(aboutPressure(row)).toContain(words(row))
  })
})
