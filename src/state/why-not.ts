import type { ChangePlan } from '../services/model/plan.ts'
import { type Safe, safe, say } from '../services/model/safe.ts'
import { isPending, timerOf, tooNew } from '../services/model/transaction.ts'
import type { ConsoleState } from './console-state.ts'
import { pastOf } from './slices/history.ts'

/** Why this console changes nothing on this host at all; null when it may. */
export function whyReadOnly(state: ConsoleState): Safe | null {
  if (state.readOnly) return say`this console was started with --read-only`
  const { host } = state.connection
  if (!host) return say`the server has not been read yet`
  if (host.login.escalation === 'none' || host.login.escalation === 'password')
    return say`${host.login.user} can't become root here: ${host.escalationReason ?? say`sudo is not allowed`}`
  return null
}

const BUSY: ReadonlySet<string> = new Set(['checking', 'arming'])

/** Why nothing can be staged now; null when it can. */
export function whyNotStage(state: ConsoleState): Safe | null {
  const readOnly = whyReadOnly(state)
  if (readOnly) return readOnly
  const timer = timerOf(state.transaction)
  if (timer && !timer.mine) return say`a change that ${timer.owner} holds is waiting on the server: T shows it`
  if (timer || state.transaction.phase === 'in-doubt')
    return say`a change is waiting on the server: finish it first with C or X`
  if (BUSY.has(state.transaction.phase)) return say`a change is on its way to the server`
  return null
}

/** Why nothing can be armed and applied now, as far as that is told without making the plan. */
export const whyNotApply = (state: ConsoleState): Safe | null =>
  whyNotStage(state) ?? (state.staging.changes.length === 0 ? say`nothing is staged` : linkReason(state))

/** Why a plan can't be armed; null when it can, be it with the host's name typed. */
export function whyNotArm(plan: ChangePlan | null): Safe | null {
  if (!plan) return say`nothing is staged`
  const hard = plan.blockers.find((blocker) => blocker.kind !== 'lock-out')
  if (hard) return say`${hard.message} ${hard.next}`
  return plan.steps.length === 0 ? say`what is staged changes nothing: the server has it already` : null
}

const linkReason = (state: ConsoleState): Safe | null =>
  state.connection.link.state === 'up' ? null : say`there is no connection to the server now`

/** Why the running timer can't be answered to now. */
export function whyNotFinish(state: ConsoleState): Safe | null {
  const reason = whyNotAnswer(state)
  const timer = timerOf(state.transaction)
  if (reason || !timer || timer.mine) return reason
  return say`${timer.owner} from ${timer.from} holds it: take it over with T first`
}

/** Why a change that another console holds can't be taken over now. */
export function whyNotTakeOver(state: ConsoleState): Safe | null {
  const timer = timerOf(state.transaction)
  if (timer?.mine) return say`this console holds it already`
  return whyNotAnswer(state) ?? linkReason(state)
}

function whyNotAnswer(state: ConsoleState): Safe | null {
  const { transaction } = state
  if (state.readOnly) return say`this console was started with --read-only`
  if (!isPending(transaction)) return say`no change is waiting on the server`
  if (transaction.phase === 'awaiting-confirm') return null
  return say`the change is ${safe(PHASE_WORDS[transaction.phase] ?? 'still under way')}`
}

/** Why nothing can be rolled back now: unlike a confirm, that may come at any time while a timer runs. */
export function whyNotRollback(state: ConsoleState): Safe | null {
  const { transaction } = state
  if (state.readOnly) return say`this console was started with --read-only`
  if (!isPending(transaction)) return say`no change is waiting on the server`
  return transaction.phase === 'rolling-back' ? say`it is being rolled back already` : null
}

const PHASE_WORDS: Readonly<Record<string, string>> = {
  applying: 'still being applied',
  verifying: 'still being verified',
  proving: 'still being proved',
  confirming: 'being confirmed',
  'rolling-back': 'being rolled back',
  'in-doubt': 'in doubt',
}

/** Why a past transaction can't be undone from here; null when it can. */
export function whyNotUndo(state: ConsoleState, id: string | null): Safe | null {
  const past = id === null ? null : pastOf(state.history, id)
  if (!past) return say`there is nothing under the cursor`
  if (past.outcome === 'rolled-back') return say`it was rolled back, so there is nothing to undo`
  if (past.outcome === 'unknown') return say`how it ended is not recorded: look at the server as it is now`
  const record = state.history.records[past.id]?.value
  const newer = record ? tooNew(record) : null
  if (newer) return newer
  const reason = whyNotStage(state)
  if (reason) return reason
  return past.undoable ? null : say`the server keeps what that takes for the newest twenty changes only`
}
