import type { HostError } from '../model/errors.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { type Transaction, timerOf } from '../model/transaction.ts'
import { ownerOf } from './begin.ts'
import type { Context } from './context.ts'
import { keptOf, reachedBy } from './kept.ts'
import { ended, look } from './look.ts'
import { type Message, messageOf, notesOf, readMessages } from './protocol.ts'
import { overFreshLogin } from './prove.ts'
import { confirmCommand, extendCommand, rollbackCommand, takeOverCommand } from './scripts.ts'

/** Makes the change last, over a login newer than it. */
export async function confirm(context: Context, mode: 'proven' | 'heard' | 'unproven'): Promise<void> {
  const before = context.state()
  if (before.phase !== 'awaiting-confirm') return
  const { timer, stages } = before
  context.set({ phase: 'confirming', timer, stages })
  const command = confirmCommand(timer.id, mode, context.holder)
  const result =
    mode === 'unproven'
      ? await context.host.exec(command)
      : await overFreshLogin(context, (login) => login.exec(command))
  if (!result.ok) return unanswered(context, before, result.error, say`confirming`)
  const messages = readMessages(result.value.stdout)
  if (messageOf(messages, 'confirmed') === null) return refusedOr(context, before, messages)
  const { lasts, note } = keptOf(messageOf(messages, 'kept'))
  const plan = context.plans.get(timer.id) ?? null
  context.set({ phase: 'confirmed', id: timer.id, notes: [...(note ? [note] : []), ...reachedBy(plan)], lasts })
}

/** One more window, over a login newer than the change. */
export async function extend(context: Context): Promise<void> {
  const before = context.state()
  if (before.phase !== 'awaiting-confirm') return
  const { timer } = before
  const result = await overFreshLogin(context, (login) =>
    login.exec(extendCommand(timer.id, timer.windowSeconds || 180, context.holder)),
  )
  if (!result.ok) return context.set({ ...before, notice: say`Not extended: ${result.error.message}` })
  const messages = readMessages(result.value.stdout)
  if (messageOf(messages, 'extended') === null) return refusedOr(context, before, messages)
  context.set({ ...before, notice: say`Extended by ${timer.windowSeconds || 180} s.` })
  await look(context)
}

/** Rolls back now, over whichever login still works. */
export async function rollback(context: Context): Promise<void> {
  const before = context.state()
  const timer = timerOf(before)
  if (!timer || before.phase === 'rolling-back') return
  context.set({ phase: 'rolling-back', timer, stages: context.stages(), cause: 'operator' })
  const first = await context.host.exec(rollbackCommand(timer.id))
  const result = first.ok ? first : await overFreshLogin(context, (login) => login.exec(rollbackCommand(timer.id)))
  if (!result.ok) return unanswered(context, before, result.error, say`rolling back`)
  const messages = readMessages(result.value.stdout)
  if (messageOf(messages, 'rolled-back') === null) return void (await look(context))
  ended(context, timer.id, { outcome: 'rolled-back', cause: 'operator' }, notesOf(messages), null)
}

/** Makes this console the holder of a change that another one armed; who held it reads so on the server. */
export async function takeOver(context: Context): Promise<void> {
  const before = context.state()
  const timer = timerOf(before)
  const facts = context.facts()
  if (!timer || !facts || before.phase !== 'awaiting-confirm') return
  const result = await context.host.exec(takeOverCommand(timer.id, ownerOf(context, facts)))
  if (!result.ok) return unanswered(context, before, result.error, say`taking over`)
  const messages = readMessages(result.value.stdout)
  if (messageOf(messages, 'took') === null) return refusedOr(context, before, messages)
  await look(context)
}

/** No answer: what happened is not known, and is said so, until the server has been asked. */
async function unanswered(context: Context, before: Transaction, error: HostError, doing: Safe): Promise<void> {
  const lost = error.kind === 'disconnected' || error.kind === 'timeout' || error.kind === 'unreachable'
  if (before.phase === 'awaiting-confirm' && !lost)
    return context.set({ ...before, notice: say`${error.message} ${error.next}` })
  context.doubt(
    say`No answer while ${doing}: ${error.message} What became of it is read from the server once it answers.`,
  )
  await look(context)
}

async function refusedOr(context: Context, before: Transaction, messages: readonly Message[]): Promise<void> {
  const taken = messageOf(messages, 'taken')
  if (taken !== null && before.phase === 'awaiting-confirm') {
    const [owner, from, at] = taken.split(' ')
    const notice = say`${safe(owner ?? '?')} (from ${safe(from ?? '?')}) took this change over at ${safe(at ?? '?')}: it is his to end, or take it back.`
    context.set({ ...before, timer: { ...before.timer, mine: false }, notice })
    return void (await look(context))
  }
  const first = messageOf(messages, 'first')
  if (first !== null && before.phase === 'awaiting-confirm')
    return context.set({ ...before, timer: { ...before.timer, first: safe(first) }, notice: safe(first) })
  const said = messageOf(messages, 'old') ?? messageOf(messages, 'early') ?? messageOf(messages, 'failed')
  if (said !== null && before.phase === 'awaiting-confirm') return context.set({ ...before, notice: safe(said) })
  // Back to what it was, so that the reading decides what it is now.
  context.set(before)
  await look(context)
}
