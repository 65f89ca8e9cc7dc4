import { travels, whyNoPassword } from '../model/account.ts'
import type { Output } from '../model/command.ts'
import type { HostError } from '../model/errors.ts'
import type { HostFacts } from '../model/host.ts'
import type { ChangePlan } from '../model/plan.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { type StageLine, type Timer, timerOf } from '../model/transaction.ts'
import type { Context } from './context.ts'
import { look } from './look.ts'
import { messageOf, readMessage, readMessages } from './protocol.ts'
import { prove } from './prove.ts'
import { refusalOf } from './refusals.ts'
import { applyCommand, armCommand, type Owner } from './scripts.ts'
import { freshStages, mark, markFailure } from './stages.ts'

/** Passwords of accounts by their names: in memory alone. */
type Secrets = ReadonlyMap<string, string>
const NO_SECRETS: Secrets = new Map()

/** Check, checkpoint, arm, apply, verify, prove: in this order, none skipped. */
export async function apply(context: Context, plan: ChangePlan, secrets: Secrets = NO_SECRETS): Promise<void> {
  const facts = context.facts()
  if (!facts || timerOf(context.state())) return
  const hard = plan.blockers.find((blocker) => blocker.kind !== 'lock-out')
  if (hard) return abort(context, plan, hard.message, hard.next)
  const odd = oddAccount(plan, secrets)
  if (odd) return abort(context, plan, odd, say`Nothing was sent. Look at what is staged and try again.`)
  const id = context.newId()
  const passwords = passwordsFor(plan, secrets)
  context.begin(id, plan, passwords)
  const timer = await arm(context, id, plan, facts)
  if (timer && (await applyArmed(context, timer, passwords))) await prove(context)
}

/** Those that the plan asks for, and no others. */
const passwordsFor = (plan: ChangePlan, secrets: Secrets): Secrets =>
  new Map(
    plan.steps.flatMap((step) => {
      if (step.kind !== 'account' || step.change.verb !== 'create' || !step.change.password) return []
      return [[step.change.name, secrets.get(step.change.name) ?? ''] as const]
    }),
  )

/** Why the accounts of a plan can't be sent; null where they can. */
function oddAccount(plan: ChangePlan, secrets: Secrets): Safe | null {
  const odd = plan.steps.find((step) => step.kind === 'account' && !travels(step.change))
  if (odd) return say`What is to become of the ${odd.title} can't be sent as it is.`
  for (const [name, password] of passwordsFor(plan, secrets)) {
    const why = whyNoPassword(password)
    if (why) return say`The password for ${safe(name)} can't be used. ${why}`
  }
  return null
}

/** How this console names itself to the server when it arms or takes over. */
export const ownerOf = (context: Context, { session, login }: HostFacts): Owner => ({
  name: login.user,
  address: session.clientAddress,
  connection: `${session.clientAddress} ${session.clientPort} ${session.serverAddress} ${session.serverPort}`,
  holder: context.holder,
})

const abort = (context: Context, plan: ChangePlan, reason: Safe, next: Safe): void =>
  context.set({ phase: 'aborted', reason, next, stages: markFailure(context.stages(), reason), plan })

async function arm(context: Context, id: string, plan: ChangePlan, facts: HostFacts): Promise<Timer | null> {
  const began = context.clock.now()
  const owner = ownerOf(context, facts)
  let lines = mark(freshStages(), 'checked', 'running', say`rehearsing the change and its rollback on the server`)
  context.set({ phase: 'checking', stages: lines })
  const result = await context.host.exec(armCommand(id, plan, owner), (line) => {
    const next = progress(lines, line, context.clock.now() - began)
    if (next === lines) return
    lines = next
    context.set({ phase: 'arming', stages: lines })
  })
  if (!result.ok) return armingFailed(context, plan, result.error)
  const messages = readMessages(result.value.stdout)
  const armed = messageOf(messages, 'armed')
  if (result.value.status !== 0 || armed === null) {
    const { reason, next } = refusalOf(messages) ?? brokenAnswer(result.value)
    abort(context, plan, reason, next)
    return null
  }
  const timer = timerFrom(armed, id, plan, facts, context.clock.now())
  lines = mark(lines, 'armed', 'done', safe(messageOf(messages, 'triggers') ?? ''), context.clock.now() - began)
  context.set({ phase: 'applying', timer, stages: mark(lines, 'applied', 'running') })
  return timer
}

function progress(lines: readonly StageLine[], line: string, elapsedMs: number): readonly StageLine[] {
  const message = readMessage(line)
  if (message?.word === 'checkpoint') return mark(lines, 'checkpoint', 'done', safe(message.rest.trim()))
  if (message?.word !== 'checked') return lines
  const checked = say`tried in a scratch namespace, rollback too; nothing moved since review`
  return mark(
    mark(lines, 'checked', 'done', checked, elapsedMs),
    'armed',
    'running',
    say`fire drill, boot guard, watch service, second trigger`,
  )
}

function armingFailed(context: Context, plan: ChangePlan, error: HostError): null {
  if (error.kind === 'disconnected' || error.kind === 'timeout')
    context.doubt(say`No answer while arming: nothing is applied yet, but whether the timer is armed is not known.`)
  else abort(context, plan, error.message, error.next)
  return null
}

/** Reads `@armed ID CENTISECONDS DEADLINE SINCE`: the deadline shown is the server's own. */
function timerFrom(armed: string, id: string, plan: ChangePlan, facts: HostFacts, now: number): Timer {
  const [, left, deadlineAt, since] = armed.split(' ')
  return {
    id,
    owner: facts.login.user,
    from: safe(facts.session.clientAddress),
    armedAt: safe(since ?? '?'),
    deadlineAt: safe(deadlineAt ?? '?'),
    firesAt: now + Number(left) * 10,
    windowSeconds: plan.rollbackAfterSeconds,
    mine: true,
    taken: null,
    summary: plan.changes.map((change) => say`${change.target} ${change.summary}`),
    first: null,
  }
}

async function applyArmed(context: Context, timer: Timer, secrets: Secrets): Promise<boolean> {
  const began = context.clock.now()
  const result = await context.host.exec(applyCommand(timer.id, secrets))
  const messages = result.ok ? readMessages(result.value.stdout) : []
  const applied = messageOf(messages, 'applied')
  const failed = messageOf(messages, 'failed')
  if (applied !== null) {
    const took = context.clock.now() - began
    const lines = mark(context.stages(), 'applied', 'done', safe(applied.trim()), took)
    context.set({ phase: 'verifying', timer, stages: mark(lines, 'verified', 'done', say`server is as planned`) })
    return true
  }
  if (failed !== null)
    context.set({
      phase: 'rolling-back',
      timer,
      stages: markFailure(context.stages(), safe(failed)),
      cause: 'failure',
    })
  else if (messageOf(messages, 'gone') !== null) await look(context)
  else
    context.doubt(
      say`No answer while applying. The timer is armed on the server: unless you confirm, it rolls back by itself.`,
    )
  return false
}

const brokenAnswer = (output: Output): { reason: Safe; next: Safe } => ({
  reason: say`Arming ended with status ${output.status}: ${safe(output.stderr.trim().split('\n').at(-1) || 'no reason given')}`,
  next: say`Nothing was applied. Press R and try again.`,
})
