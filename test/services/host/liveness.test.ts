import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { livenessOf, watchLiveness } from '../../../src/services/host/liveness.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

function watch(deadMs = 8_000) {
  const seen = { asked: 0, dead: 0 }
  const line = watchLiveness(
    { everyMs: 2_000, deadMs },
    () => void seen.asked++,
    () => void seen.dead++,
  )
  return { seen, ...line }
}

describe('a link', () => {
  test('is dead after eight seconds of silence, and is asked until then', () => {
    const { seen } = watch()
    vi.advanceTimersByTime(7_999)
    expect(seen).toEqual({ asked: 3, dead: 0 })
    vi.advanceTimersByTime(1)
    expect(seen).toEqual({ asked: 3, dead: 1 })
    vi.advanceTimersByTime(60_000)
    expect(seen.dead).toBe(1)
  })

  test('lives while anything comes, asked for or not, and is not asked meanwhile', () => {
    const { seen, heard, stop } = watch()
    for (let second = 0; second < 60; second++) {
      vi.advanceTimersByTime(1_000)
      heard()
    }
    expect(seen).toEqual({ asked: 0, dead: 0 })
    stop()
    vi.advanceTimersByTime(60_000)
    expect(seen.dead).toBe(0)
  })

  test('that is looked at late is asked at once: no timer runs backwards', () => {
    const { heard, stop } = watch()
    const timeout = vi.spyOn(globalThis, 'setTimeout')
    heard()
    // Between what was measured and what is set the machine is busy.
    const now = performance.now()
    let calls = 0
    vi.spyOn(performance, 'now').mockImplementation(() => now + 2_000 + 3_000 * calls++)
    vi.advanceTimersByTime(2_000)
    expect(timeout.mock.calls.map(([, ms]) => ms as number).filter((ms) => ms < 0)).toEqual([])
    expect(timeout).toHaveBeenCalled()
    stop()
  })

  test('is given another chance when this machine was asleep', () => {
    const { seen } = watch()
    vi.advanceTimersByTime(2_000)
    // Time goes on and no timer runs.
    const now = performance.now()
    vi.spyOn(performance, 'now').mockImplementation(() => now + 3_600_000)
    vi.advanceTimersByTime(2_000)
    expect(seen.dead).toBe(0)
  })
})

test('a slow line gets more time, and none less than ssh would give it', () => {
  expect(livenessOf(2_000, 3, 40).deadMs).toBe(8_000)
  expect(livenessOf(2_000, 3, 300).deadMs).toBe(8_000)
  expect(livenessOf(2_000, 3, 4_000).deadMs).toBe(32_000)
  expect(livenessOf(2_000, 3, 100_000).deadMs).toBe(60_000)
})
