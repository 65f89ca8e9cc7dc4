/** When a link counts as dead. */
export type Liveness = {
  /** Milliseconds between two questions to a server that says nothing. */
  readonly everyMs: number
  /** Milliseconds of silence after which it is dead. */
  readonly deadMs: number
}

/** A slow line gets this many round trips: what was sent before a question has to arrive first, and TCP begins slowly. */
const ROUND_TRIPS = 8
const MOST_MS = 60_000

/**
 * How long silence means nothing: `(count + 1)` intervals of `everyMs`, as ssh(1) counts ServerAliveInterval, and longer
 * on a line whose round trip is slow.
 */
export const livenessOf = (everyMs: number, count: number, roundTripMs: number): Liveness => ({
  everyMs,
  deadMs: Math.max(everyMs * (count + 1), Math.min(MOST_MS, ROUND_TRIPS * roundTripMs)),
})

/**
 * Watches whether the other side is there: whatever it sends is a sign of life, and where nothing comes it is asked.
 * `ask` sends a question; `dead` is called once. Gives what is to be called for everything that arrives, and what stops
 * it. A machine that slept, or was too busy to listen, starts to count anew: what has arrived meanwhile is not read yet.
 */
export function watchLiveness(
  { everyMs, deadMs }: Liveness,
  ask: () => void,
  dead: () => void,
): { readonly heard: () => void; readonly stop: () => void } {
  let heardAt = performance.now()
  let askedAt = heardAt
  let timer: NodeJS.Timeout
  const schedule = (): void => {
    const at = Math.min(heardAt + deadMs, Math.max(heardAt, askedAt) + everyMs)
    timer = setTimeout(tick, Math.max(0, at - performance.now()), at)
  }
  const tick = (planned: number): void => {
    const now = performance.now()
    if (now - planned > 2 * everyMs) heardAt = now
    if (now - heardAt >= deadMs) return dead()
    if (now - Math.max(heardAt, askedAt) >= everyMs) {
      askedAt = now
      ask()
    }
    schedule()
  }
  schedule()
  return {
    heard: () => {
      heardAt = performance.now()
    },
    stop: () => clearTimeout(timer),
  }
}
