/** Time as the console sees it: injected, so that tests can move it. */
export type Clock = {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Calls back once; the result cancels it. */
  readonly after: (ms: number, run: () => void) => () => void
}

/** The machine's own clock. A timer of it is no reason to stay: who leaves a change to its own timer must not wait for it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
}
