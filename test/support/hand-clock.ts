import type { Clock } from '../../src/state/clock.ts'

/** A clock that stands still until the test moves it. */
export type HandClock = Clock & { readonly advance: (ms: number) => void }

export function handClock(start = Date.UTC(2026, 10, 23, 9, 18, 7)): HandClock {
  let now = start
  let waiting: { readonly at: number; readonly run: () => void }[] = []
  return {
    now: () => now,
    after: (ms, run) => {
      const one = { at: now + ms, run }
      waiting.push(one)
      return () => {
        waiting = waiting.filter((other) => other !== one)
      }
    },
    advance: (ms) => {
      const end = now + ms
      for (;;) {
        const next = waiting.toSorted((a, b) => a.at - b.at)[0]
        if (!next || next.at > end) break
        waiting = waiting.filter((other) => other !== next)
        now = Math.max(now, next.at)
        next.run()
      }
      now = end
    },
  }
}
