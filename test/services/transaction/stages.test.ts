import { expect, test } from 'vitest'
import { say } from '../../../src/services/model/safe.ts'
import { freshStages, mark, markFailure } from '../../../src/services/transaction/stages.ts'

const short = (stages: ReturnType<typeof freshStages>) => stages.map(({ id, state }) => `${id} ${state}`)

test('nothing has begun at first', () => {
  expect(short(freshStages())).toEqual([
    'checked waiting',
    'checkpoint waiting',
    'armed waiting',
    'applied waiting',
    'verified waiting',
    'proved waiting',
  ])
})

test('one stage is marked, and forgets what was said of it', () => {
  const running = mark(freshStages(), 'armed', 'running', say`drill`, 12)
  expect(running[2]).toEqual({ id: 'armed', state: 'running', detail: 'drill', elapsedMs: 12 })
  expect(mark(running, 'armed', 'done')[2]).toEqual({ id: 'armed', state: 'done', detail: '', elapsedMs: null })
  expect(short(running).filter((one) => !one.endsWith('waiting'))).toEqual(['armed running'])
})

test('a failure is that of what was under way, or of what was to come first', () => {
  const done = mark(freshStages(), 'checked', 'done')
  expect(short(markFailure(mark(done, 'armed', 'running'), say`no`))).toContain('armed failed')
  expect(short(markFailure(mark(done, 'armed', 'running'), say`no`))).toContain('checkpoint waiting')
  expect(markFailure(done, say`no`)[1]).toEqual({ id: 'checkpoint', state: 'failed', detail: 'no', elapsedMs: null })
  const all = freshStages().map((line) => ({ ...line, state: 'done' as const }))
  expect(markFailure(all, say`no`)).toBe(all)
})
