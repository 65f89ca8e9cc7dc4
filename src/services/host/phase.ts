/** A time limit that stands still while the operator is being asked something. */
export type Phase = {
  /** Begins a phase with its own limit in milliseconds; the one before is over. */
  readonly begin: (limitMs: number, onLate: () => void) => void
  /** Runs something that waits for a person; the limit starts anew afterwards. */
  readonly paused: <T>(wait: () => Promise<T>) => Promise<T>
  /** Whether a person is being waited for now. */
  readonly waiting: () => boolean
  /** How long persons have been waited for, in milliseconds. */
  readonly pausedMs: () => number
  readonly end: () => void
}

export function createPhase(): Phase {
  let timer: NodeJS.Timeout | undefined
  let limit: { readonly ms: number; readonly onLate: () => void } | null = null
  let prompts = 0
  let pausedMs = 0
  const start = (): void => {
    clearTimeout(timer)
    if (limit !== null && prompts === 0) timer = setTimeout(limit.onLate, limit.ms)
  }
  return {
    begin: (ms, onLate) => {
      limit = { ms, onLate }
      start()
    },
    paused: async (wait) => {
      prompts += 1
      const since = performance.now()
      clearTimeout(timer)
      try {
        return await wait()
      } finally {
        prompts -= 1
        pausedMs += performance.now() - since
        start()
      }
    },
    waiting: () => prompts > 0,
    pausedMs: () => pausedMs,
    end: () => {
      limit = null
      clearTimeout(timer)
    },
  }
}
