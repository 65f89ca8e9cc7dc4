import { describe, expect, test } from 'vitest'
import {
  createGathering,
  createOverlap,
  createRecent,
  lineKey,
  RECENT,
} from '../../../../src/services/areas/securelog/gathering.ts'
import { createReader } from '../../../../src/services/areas/securelog/reader.ts'
import { createSurvey } from '../../../../src/services/areas/securelog/survey.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import type { LogEntry, Survey } from '../../../../src/services/model/securelog.ts'
import { someHost } from '../some-host.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')
const line = (nth: number, message: string): string =>
  `Nov 27 09:00:${String(nth).padStart(2, '0')} web1 sshd[${nth}]: ${message}`
const failed = (nth: number, address = '203.0.113.7'): string =>
  line(nth, `Failed password for root from ${address} port ${nth} ssh2`)
const accepted = (nth: number, user = 'shop', address = '203.0.113.7'): string =>
  line(nth, `Accepted password for ${user} from ${address} port ${nth} ssh2`)

const entriesOf = (lines: readonly string[]): readonly LogEntry[] => {
  const read = createReader({ kind: 'file', path: '/var/log/auth.log' }, someHost(), { id: 0, at: NOW })
  return lines.map((one) => read(one) as LogEntry)
}
function surveyOf(lines: readonly string[], ...marks: readonly string[]): Survey {
  const survey = createSurvey(someHost(), NOW)
  survey.feed(`= file ${NOW / 1000} /var/log/auth.log`)
  for (const one of [...lines.map((text) => `+${text}`), '= done 0 0', ...marks, '= end']) survey.feed(one)
  return survey.result()
}
const said = (gathering: ReturnType<typeof createGathering>): readonly string[] =>
  gathering.logins().map(({ user, count, failuresBefore }) => `${user} ×${count} after ${failuresBefore}`)

describe('who got in', () => {
  test('is gathered from the whole log and the lines that came since, each line once', () => {
    const old = [failed(1), accepted(2), failed(3)]
    const gathering = createGathering()
    gathering.follow(entriesOf(old.slice(1)))
    expect(gathering.whyNotAll()).toMatch(/^only the last lines/)
    gathering.begin(surveyOf(old), entriesOf([...old.slice(1), failed(4)]))
    // On its way while the log was read: the reading has it.
    gathering.add(entriesOf([failed(3), accepted(5, 'eve')]))
    expect([said(gathering), gathering.whyNotAll()]).toEqual([['eve ×1 after 3', 'shop ×1 after 1'], null])
  })

  test('stays known whatever is let go of the lines', () => {
    const gathering = createGathering()
    gathering.begin(surveyOf([failed(1)]), entriesOf([failed(1)]))
    gathering.add(entriesOf([accepted(2)]))
    for (let many = 0; many < 30; many++) gathering.add(entriesOf(Array.from({ length: 1000 }, () => failed(3))))
    expect(said(gathering)).toEqual(['shop ×1 after 1'])
  })

  test('goes on where the log is followed anew, as far as the lines reach back', () => {
    const gathering = createGathering()
    const start = [failed(1), accepted(2)]
    gathering.begin(surveyOf(start), entriesOf(start))
    gathering.add(entriesOf([failed(3)]))
    gathering.follow(entriesOf([accepted(2), failed(3), accepted(4, 'eve')]))
    expect([said(gathering), gathering.whyNotAll()]).toEqual([['eve ×1 after 2', 'shop ×1 after 1'], null])
    gathering.follow(entriesOf([failed(50), failed(51)]))
    expect(gathering.whyNotAll()).toMatch(/^lines came that were not read/)
    expect(said(gathering)).toHaveLength(2)
  })

  test.each([
    [
      'the reading was cut off',
      (gathering: ReturnType<typeof createGathering>) => {
        const survey = createSurvey(someHost(), NOW)
        survey.feed(`= file ${NOW / 1000} /var/log/auth.log`)
        survey.feed(`+${failed(1)}`)
        gathering.begin(survey.result(), [])
      },
      /^only the last lines/,
    ],
    [
      'a file could not be read',
      (gathering: ReturnType<typeof createGathering>) => {
        gathering.begin(surveyOf([failed(1)], '= closed /var/log/secure'), [])
      },
      /secure: only others may read it/,
    ],
    [
      'lines came that nobody could read',
      (gathering: ReturnType<typeof createGathering>) => {
        gathering.begin(surveyOf([failed(1)]), [])
        gathering.lose()
      },
      /^lines came/,
    ],
    [
      'the lines at hand do not reach back to it',
      (gathering: ReturnType<typeof createGathering>) => {
        gathering.begin(surveyOf([failed(1)]), entriesOf([failed(20)]))
      },
      /^lines came/,
    ],
  ])('is not everybody where %s', (_, happen, why) => {
    const gathering = createGathering()
    happen(gathering)
    expect(gathering.whyNotAll()).toMatch(why)
  })

  test('is not everybody where more got in, or tried, than are told apart', () => {
    const crowd = Array.from({ length: 20_001 }, (_, at) => accepted(1, `u${at}`))
    const gathering = createGathering()
    gathering.begin(surveyOf(crowd), [])
    expect(gathering.whyNotAll()).toMatch(/^more got in/)
    const many = Array.from({ length: 50_001 }, (_, at) => failed(1, `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`))
    gathering.begin(surveyOf(many), [])
    expect(gathering.whyNotAll()).toMatch(/^more addresses tried/)
  })
})

describe('the last lines', () => {
  test('are kept in their order, as many as there is room for', () => {
    const recent = createRecent([-2, -1])
    recent.add(0)
    expect(recent.keys()).toEqual([-2, -1, 0])
    for (let nth = 1; nth < RECENT + 2; nth++) recent.add(nth)
    const keys = recent.keys()
    expect([keys.length, keys[0], keys.at(-1)]).toEqual([RECENT, 2, RECENT + 1])
    expect(keys.every((key, at) => key === at + 2)).toBe(true)
    expect(createRecent([-1, ...keys]).keys()).toEqual(keys)
  })

  test('are known again by all that they say, and by nothing else', () => {
    const [one] = entriesOf([failed(1)]) as [LogEntry]
    const others: LogEntry[] = [
      { ...one, at: one.at + 1000 },
      { ...one, pid: safe('8') },
      { ...one, pid: null },
      { ...one, text: safe(`${one.text} `) },
      { ...one, text: safe(one.text.slice(1)) },
    ]
    expect(lineKey({ ...one, id: 9, own: true })).toBe(lineKey(one))
    expect(new Set([one, ...others].map(lineKey)).size).toBe(6)
  })

  test('are told apart, however alike, and use all of the numbers that there are', () => {
    const [one] = entriesOf([failed(1)]) as [LogEntry]
    const keys = Array.from({ length: 200_000 }, (_, nth) => lineKey({ ...one, text: safe(`port ${nth} ssh2`) }))
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.every(Number.isSafeInteger)).toBe(true)
    // A fair coin for each bit: 200,000 throws are within 1 % of the half.
    for (let bit = 0; bit < 53; bit++) {
      const set = keys.filter((key) => Math.floor(key / 2 ** bit) % 2 === 1).length
      expect(Math.abs(set / keys.length - 0.5)).toBeLessThan(0.01)
    }
  })
})

describe('the lines that a follow begins with', () => {
  const known = entriesOf([failed(1), failed(2)])

  test('are new where they were not read before; later ones always are', () => {
    const overlap = createOverlap(known, 4)
    const lines = entriesOf([failed(2), failed(3), failed(1), failed(4), failed(1)])
    expect(lines.map(overlap.isNew)).toEqual([false, true, false, true, true])
    expect(overlap.hasGap()).toBe(false)
  })

  test('have a gap before them where none of them was read before', () => {
    const overlap = createOverlap(known, 2)
    expect([overlap.isNew(null), overlap.hasGap(), overlap.isNew(entriesOf([failed(9)])[0] ?? null)]).toEqual([
      true,
      false,
      true,
    ])
    expect(overlap.hasGap()).toBe(true)
    expect(createOverlap([], 0).hasGap()).toBe(false)
  })
})
