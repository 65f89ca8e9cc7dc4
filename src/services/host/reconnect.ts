import type { Result } from '../model/errors.ts'
import type { Link } from '../model/host.ts'
import type { Safe } from '../model/safe.ts'
import type { Connection } from './connection.ts'

/** Milliseconds to wait before each try; the last one repeats. */
export type BackOff = readonly number[]

export const BACK_OFF: BackOff = [1_000, 2_000, 4_000, 8_000, 10_000]

/** What each wait is spread by: several consoles must not knock in step on a server that comes back. */
const JITTER = 0.2

export type ReconnectParts = {
  readonly open: (signal: AbortSignal) => Promise<Result<Connection>>
  readonly use: (connection: Connection) => void
  readonly show: (link: Link) => void
  readonly clock: () => number
  readonly random: () => number
  readonly backOff: BackOff
}

/** Brings a lost link back, one try at a time. */
export type Reconnect = {
  readonly lost: (reason: Safe) => void
  /** Tries at once where no further try is planned; a planned one keeps its time, for servers punish haste. */
  readonly hurry: () => void
  readonly stop: () => void
}

export function createReconnect({ open, use, show, clock, random, backOff }: ReconnectParts): Reconnect {
  let timer: NodeJS.Timeout | undefined
  let attempt: AbortController | null = null
  let parked = false
  let stopped = false
  let tries = 0
  let since = 0

  const wait = (reason: Safe): void => {
    if (stopped) return
    const base = backOff[Math.min(tries, backOff.length - 1)] ?? 0
    const delay = Math.round(base * (1 + JITTER * (2 * random() - 1)))
    tries += 1
    show({ state: 'lost', since, reason, nextTryAt: clock() + delay })
    timer = setTimeout(tryNow, delay)
  }
  const tryNow = async (): Promise<void> => {
    parked = false
    attempt = new AbortController()
    const opened = await open(attempt.signal)
    attempt = null
    if (stopped) {
      if (opened.ok) opened.value.destroy()
      return
    }
    if (opened.ok) {
      tries = 0
      use(opened.value)
      return
    }
    const { kind, message } = opened.error
    // Another try would only ask him the same again, or knock on a door that may be someone else's.
    parked = kind === 'host-key-mismatch' || kind === 'cancelled'
    if (parked) show({ state: 'lost', since, reason: message, nextTryAt: null })
    else wait(message)
  }
  return {
    lost: (reason) => {
      since = clock()
      wait(reason)
    },
    hurry: () => {
      if (parked && !stopped) tryNow()
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      attempt?.abort()
    },
  }
}
