import { type Transaction, timerOf } from '../model/transaction.ts'
import type { Context } from './context.ts'
import { look } from './look.ts'

/** How often a pending transaction is read again, and how soon once its deadline has passed; milliseconds. */
const CALM_MS = 5_000
const KEEN_MS = 700

/**
 * Keeps a pending transaction true to the server: another operator may end it, the timer will. Asks every few
 * seconds, right after the deadline, and as soon as a lost link is back.
 */
export function followUp(context: Context): void {
  let cancel: (() => void) | null = null
  let asking = false
  let closed = false

  const ask = async (): Promise<void> => {
    if (asking) return
    asking = true
    await look(context)
    asking = false
    schedule()
  }
  const schedule = (): void => {
    cancel?.()
    const wait = closed ? null : waitFor(context.state(), context.clock.now())
    cancel = wait === null ? null : context.clock.after(wait, () => void ask())
  }
  context.subscribe(schedule)
  context.host.onLink((link) => {
    closed = link.state === 'closed'
    if (closed) schedule()
    if (link.state === 'up' && waitFor(context.state(), context.clock.now()) !== null) void ask()
  })
}

/** Milliseconds until the server should be asked again; null when nobody needs to know. */
function waitFor(transaction: Transaction, now: number): number | null {
  if (transaction.phase === 'in-doubt' || transaction.phase === 'rolling-back') return KEEN_MS
  if (transaction.phase !== 'awaiting-confirm') return null
  const left = (timerOf(transaction)?.firesAt ?? now) - now
  return left <= 0 ? KEEN_MS : Math.min(CALM_MS, left + 300)
}
