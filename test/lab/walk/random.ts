/** Choices that a seed repeats. */
export type Random = {
  /** A whole number from 0 to `below`, without it. */
  readonly number: (below: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <T>(from: readonly T[]) => T
  /** One of the values, each as often as its weight says. */
  readonly weighed: <T>(from: readonly (readonly [weight: number, value: T])[]) => T
}

/** mulberry32: small, and the same on every machine. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const number = (below: number): number => Math.floor(next() * below)
  return {
    number,
    chance: (probability) => next() < probability,
    pick: (from) => from[number(from.length)] as (typeof from)[number],
    weighed: (from) => {
      let rest = next() * from.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, value] of from) {
        rest -= weight
        if (rest < 0) return value
      }
      return (from.at(-1) as readonly [number, (typeof from)[number][1]])[1]
    },
  }
}
