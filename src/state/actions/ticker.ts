import { timerOf } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'

export type Ticker = {
  /** Moves `now`, and goes on doing so once a second while something counts down. */
  readonly tick: () => void
  readonly stop: () => void
}

const counts = (state: ConsoleState): boolean =>
  timerOf(state.transaction) !== null || state.connection.link.state === 'lost'

/** Makes the one clock hand of the console: it stands still while nothing counts, so an idle console draws nothing. */
export function createTicker(kit: Kit): Ticker {
  let cancel: (() => void) | null = null
  function tick(): void {
    cancel?.()
    cancel = null
    const now = kit.deps.clock.now()
    kit.set(() => ({ now }))
    const state = kit.get()
    if (!counts(state)) return
    const timer = timerOf(state.transaction)
    // The shown second changes when the one left does, not when this clock's does.
    const rest = timer ? Math.max(0, timer.firesAt - now) % 1000 : 0
    cancel = kit.deps.clock.after(rest || 1000, tick)
  }
  return { tick, stop: () => cancel?.() }
}
