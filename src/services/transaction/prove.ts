import type { Output } from '../model/command.ts'
import { fail, type HostError, ok, type Result } from '../model/errors.ts'
import type { FreshLogin } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { type Proof, timerOf } from '../model/transaction.ts'
import type { Context } from './context.ts'
import { proveOutside } from './outside.ts'
import { noteProofCommand } from './scripts.ts'
import { mark } from './stages.ts'

/** Logs in anew and becomes root: a login that can no longer do that can't mend anything. */
async function login(context: Context): Promise<Result<FreshLogin>> {
  context.keepFresh(null)
  const made = await context.host.proveFreshLogin(context.proofWay())
  if (!made.ok) return made
  const root = await made.value.exec({ argv: ['id', '-u'], privilege: 'root', effect: 'read', timeoutMs: 15_000 })
  if (root.ok && root.value.stdout.trim() === '0') {
    context.keepFresh(made.value)
    return made
  }
  made.value.close()
  if (!root.ok) return root
  return fail({
    kind: 'no-privilege',
    message: say`A new login works, but it can't become root.`,
    next: say`Roll back with X unless that is what you want.`,
  })
}

/** A new login, and what is asked from outside beside it. */
async function proven(
  context: Context,
  id: string,
): Promise<Result<{ readonly login: FreshLogin; readonly words: Safe }>> {
  const made = await login(context)
  const proofs = context.plans.get(id)?.outside ?? []
  if (!made.ok) return made
  const words = worksWords(made.value, context.proofWay().user)
  if (proofs.length === 0 || !context.askDns) return ok({ login: made.value, words })
  const outside = await proveOutside(context.askDns, proofs)
  if (outside.failed === null)
    return ok({ login: made.value, words: say`${words}; ${safe(outside.words.join('; '), 400)}` })
  return fail({
    kind: 'unsupported-host',
    message: say`A new login works, but ${outside.failed}.`,
    next: say`Roll back with X, or wait for the timer: the change does not do what it is for.`,
  })
}

/** Proves that a new login works, after giving the change time to show its harm. */
export async function prove(context: Context): Promise<void> {
  const timer = timerOf(context.state())
  // One at a time: each is a new connection, which a rule may count.
  if (!timer || context.state().phase === 'proving') return
  const running = mark(context.stages(), 'proved', 'running', say`logging in anew, as you would`)
  context.set({ phase: 'proving', timer, stages: running })
  await new Promise<void>((resolve) => void context.clock.after(context.settleMs, resolve))
  const result = await proven(context, timer.id)
  const now = context.state()
  if (now.phase !== 'proving' || now.timer.id !== timer.id) return
  const proof: Proof = result.ok
    ? { outcome: 'works', detail: result.value.words, elapsedMs: result.value.login.elapsedMs }
    : { outcome: 'fails', why: result.error }
  const stages =
    proof.outcome === 'works'
      ? mark(now.stages, 'proved', 'done', proof.detail, proof.elapsedMs)
      : mark(now.stages, 'proved', 'failed', result.ok ? say`` : result.error.message)
  context.set({ phase: 'awaiting-confirm', timer: now.timer, stages, proof, notice: null })
  // For whoever confirms from elsewhere, should this console be shut out; nothing here depends on whether it arrives.
  const words = result.ok ? '' : result.error.message
  if (now.timer.mine && context.plans.has(timer.id))
    void (result.ok ? result.value.login : context.host).exec(
      noteProofCommand(timer.id, context.holder, result.ok, words),
    )
  if (!result.ok) await sayLimit(context, result.error)
}

/** A connection that nobody took, or that was refused. */
const UNHEARD: ReadonlySet<HostError['kind']> = new Set(['timeout', 'unreachable'])

/** Says of a failed proof that a limit on new logins may be why: then the next one works, once it comes late enough. */
async function sayLimit(context: Context, why: HostError): Promise<void> {
  const port = context.proofWay().port ?? context.facts()?.session.serverPort
  if (!UNHEARD.has(why.kind) || port === undefined) return
  const limit = (await context.limitOnLogins?.(port)) ?? null
  const now = context.state()
  if (limit === null || now.phase !== 'awaiting-confirm') return
  if (now.proof.outcome !== 'fails' || now.proof.why !== why) return
  const message = say`${why.message} A rate limit on new logins (${limit}) may have dropped it.`
  const next = say`Wait a minute, then prove again with p.`
  context.set({ ...now, proof: { outcome: 'fails', why: { ...why, message, next } } })
}

const worksWords = ({ session, method }: FreshLogin, user: string | undefined) => {
  const who = user === undefined ? say`` : say` as ${safe(user)}`
  return say`${safe(session.clientAddress)} → :${session.serverPort}${who} by ${method}, root works`
}

/** Runs something over a login newer than the change: the proof's own while it lives, else one made now. */
export async function overFreshLogin(
  context: Context,
  run: (login: Pick<FreshLogin, 'exec'>) => Promise<Result<Output>>,
): Promise<Result<Output>> {
  const kept = context.fresh()
  if (kept) {
    const result = await run(kept)
    if (result.ok || result.error.kind !== 'disconnected') return result
  }
  const made = await login(context)
  return made.ok ? run(made.value) : made
}
