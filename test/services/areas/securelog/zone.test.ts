import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { offsetsOf, readZone } from '../../../../src/services/areas/securelog/zone.ts'

const at = (moment: string): number => Date.parse(moment)
const seconds = (moment: string): number => at(moment) / 1000

describe('the zone of a server', () => {
  test('has summer time where its name is known', () => {
    const zone = readZone(`+0100 ${seconds('2026-11-27T12:00:00Z')} Europe/Berlin`)
    expect(zone).toEqual({ minutes: 60, name: 'Europe/Berlin' })
    const offset = offsetsOf(zone)
    expect([
      ...[offset(at('2026-10-25T00:59:59Z')), offset(at('2026-10-25T01:00:00Z'))],
      ...[offset(at('2026-03-29T00:59:59Z')), offset(at('2026-03-29T01:00:00Z'))],
    ]).toEqual([120, 60, 60, 120])
  })

  test.each([
    ['without a name', `-0330 ${seconds('2026-11-27T12:00:00Z')} `, -210],
    ['of a name that nobody knows', `+0200 ${seconds('2026-11-27T12:00:00Z')} Atlantis/Capital`, 120],
    ['of a name that comes to something else', `+0900 ${seconds('2026-11-27T12:00:00Z')} Europe/Berlin`, 540],
    ['of a name in another season', `+0100 ${seconds('2026-07-01T12:00:00Z')} Europe/Berlin`, 60],
    ['as older readings have it', '+0530', 330],
    ['that is none', 'nonsense', 0],
  ])('%s is what it is now', (_, text, minutes) => {
    const zone = readZone(text)
    expect(zone).toEqual({ minutes, name: null })
    expect(offsetsOf(zone)(at('2026-07-01T12:00:00Z'))).toBe(minutes)
  })

  test('is at every moment what date(1) has it for', () => {
    const names = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Sao_Paulo']
    const moments = fc.integer({ min: seconds('2008-01-01T00:00:00Z'), max: seconds('2026-11-01T00:00:00Z') })
    for (const name of names) {
      const all = fc.sample(moments, 300)
      const env = { ...process.env, TZ: name }
      const input = all.map((moment) => `@${moment}\n`).join('')
      const told = execFileSync('date', ['-f', '-', '+%z'], { env, input, encoding: 'utf8' }).trim().split('\n')
      const now = execFileSync('date', ['+%z %s'], { env, encoding: 'utf8' }).trim()
      const offset = offsetsOf(readZone(`${now} ${name}`))
      const expected = told.map((text) => readZone(text).minutes)
      expect(all.map((moment) => offset(moment * 1000))).toEqual(expected)
    }
  })
})
