import { safe, say } from '../model/safe.ts'
import { type Note, type Timer, timerOf } from '../model/transaction.ts'
import type { Context } from './context.ts'
import { keptOf, reachedBy } from './kept.ts'
import { readStatus, type ServerStatus } from './protocol.ts'
import { statusCommand } from './scripts.ts'

type Ending = NonNullable<ServerStatus['ended']>

/**
 * Reads the truth from the server and makes it the state. Silence, or half an answer, leaves things as they are, or in
 * doubt. Gives whether the server said what is pending.
 */
export async function look(context: Context): Promise<boolean> {
  const result = await context.host.exec(statusCommand(context.lastId()))
  const status = result.ok
    ? readStatus(result.value.stdout, context.clock.now(), (holder) => holder === context.holder)
    : null
  if (status) settle(context, status)
  else silence(context)
  return status !== null
}

function settle(context: Context, status: ServerStatus): void {
  const now = context.state()
  const known = timerOf(now)
  if (status.state === 'none') {
    if (known || now.phase === 'in-doubt') ended(context, context.lastId(), status.ended, status.notes, status.kept)
    return
  }
  // Asked before the end came, and answered after it.
  if ('id' in now && now.id === status.timer?.id) return
  if (known && status.timer && known.id !== status.timer.id)
    ended(context, known.id, status.ended, status.notes, status.kept)
  if (status.timer) pending(context, status.timer, status)
}

function silence(context: Context): void {
  const now = context.state()
  const timer = timerOf(now)
  if (!timer || now.phase === 'in-doubt' || context.clock.now() <= timer.firesAt) return
  context.doubt(
    say`The deadline has passed and the server can't be asked. It rolls back by itself; what it did is read once the link is back.`,
  )
}

/** A transaction that is no longer pending: says how it ended, by the server's own record. */
export function ended(
  context: Context,
  id: string,
  ending: Ending | null,
  notes: readonly Note[],
  kept: string | null,
): void {
  const plan = context.plans.get(id) ?? null
  if (ending?.outcome === 'confirmed') {
    const { lasts, note } = keptOf(kept)
    return context.set({
      phase: 'confirmed',
      id,
      notes: [...(note ? [note] : []), ...reachedBy(plan), ...notes],
      lasts,
    })
  }
  if (ending?.outcome === 'rolled-back') return context.set({ phase: 'rolled-back', id, by: ending.cause, notes, plan })
  const timer = timerOf(context.state())
  if (timer)
    return context.set({
      phase: 'lost',
      id,
      known: say`It was armed by ${timer.owner} from ${timer.from} at ${timer.armedAt}, and was to roll back at ${timer.deadlineAt} unless confirmed. The server has no record of it any more: somebody may have removed /var/lib/hardtui.`,
    })
  context.set({
    phase: 'aborted',
    reason: say`The server knows of no change under way and keeps no record of this one: nothing was armed.`,
    next: say`Press R to read the server as it is now.`,
    stages: context.stages(),
    plan,
  })
}

/** Phases whose own answer is still to come: a reading beside them must not overtake it. */
const BUSY = new Set(['checking', 'arming', 'applying', 'verifying', 'proving', 'confirming'])

function pending(context: Context, timer: Timer, status: ServerStatus): void {
  const now = context.state()
  const stages = context.stages()
  if (status.state === 'reverting' || status.state === 'reverted')
    return context.set({ phase: 'rolling-back', timer, stages, cause: status.failed ? 'failure' : 'timer' })
  if (BUSY.has(now.phase)) return
  if (status.state !== 'armed') return context.doubt(say`The server is ending this change (${safe(status.state)}).`)
  if (now.phase === 'awaiting-confirm') {
    // The reading says itself who took it over: what was said of that before has had its day.
    const notice = timer.taken && !timer.mine ? null : now.notice
    return context.set({ ...now, timer, notice })
  }
  context.set({
    phase: 'awaiting-confirm',
    timer,
    stages,
    proof: { outcome: 'pending' },
    notice: status.applied
      ? null
      : say`The timer is armed but nothing was applied: roll back with X, or let it run out.`,
  })
}
