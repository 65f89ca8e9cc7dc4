import { factsOf } from '../services/model/reading.ts'
import { type Safe, safe, say } from '../services/model/safe.ts'
import { isPending } from '../services/model/transaction.ts'
import type { ConsoleState } from './console-state.ts'
import type { Selectors } from './lists/selectors.ts'

/** Why this console changes nothing on this host at all; null when it may. */
export function whyReadOnly(state: ConsoleState): Safe | null {
  if (state.readOnly) return say`this console was started with --read-only`
  const { host } = state.connection
  if (!host) return say`the server has not been read yet`
  if (host.login.escalation === 'none' || host.login.escalation === 'password')
    return say`${host.login.user} can't become root here: ${host.escalationReason ?? say`sudo is not allowed`}`
  if (host.init !== 'systemd')
    return say`this host has no systemd: no rollback timer that survives everything can be armed, so nothing is changed`
  return null
}

const BUSY: ReadonlySet<string> = new Set(['checking', 'arming'])

/** Why nothing can be staged now; null when it can. */
export function whyNotStage(state: ConsoleState): Safe | null {
  const readOnly = whyReadOnly(state)
  if (readOnly) return readOnly
  if (isPending(state.transaction) || state.transaction.phase === 'in-doubt')
    return say`a change is waiting on the server: finish it first with C or X`
  if (BUSY.has(state.transaction.phase)) return say`a change is on its way to the server`
  return null
}

/** Why no firewall rule can be staged now. */
export function whyNotStageRule(state: ConsoleState): Safe | null {
  const reason = whyNotStage(state)
  if (reason) return reason
  const reading = state.readings.byArea.firewall
  if (reading.state === 'unread') return say`the rules have not been read yet`
  if (reading.state !== 'present') return say`there are no rules to change: ${reading.reason}`
  const family = reading.facts.families[state.view.firewall.family]
  if (family.state === 'unreadable') return say`these rules can't be read: ${family.reason}`
  return null
}

/** Why nothing can be armed and applied now. */
export function whyNotApply(state: ConsoleState, lists: Selectors): Safe | null {
  const reason = whyNotStage(state)
  if (reason) return reason
  if (state.staging.changes.length === 0) return say`nothing is staged`
  const link = linkReason(state)
  if (link) return link
  if (factsOf(state.readings.byArea.firewall) === null) return say`the rules have not been read`
  const plan = lists.plan(state)
  const hard = plan?.blockers.find((blocker) => blocker.kind !== 'lock-out')
  if (hard) return say`${hard.message} ${hard.next}`
  return plan && plan.steps.length === 0 ? say`what is staged changes nothing: the server has it already` : null
}

const linkReason = (state: ConsoleState): Safe | null =>
  state.connection.link.state === 'up' ? null : say`there is no connection to the server now`

/** Why the running timer can't be answered to now. */
export function whyNotFinish(state: ConsoleState): Safe | null {
  const { transaction } = state
  if (state.readOnly) return say`this console was started with --read-only`
  if (!isPending(transaction)) return say`no change is waiting on the server`
  if (transaction.phase === 'awaiting-confirm') return null
  return say`the change is still ${safe(PHASE_WORDS[transaction.phase] ?? 'under way')}`
}

/** Why nothing can be rolled back now: unlike a confirm, that may come at any time while a timer runs. */
export function whyNotRollback(state: ConsoleState): Safe | null {
  const { transaction } = state
  if (state.readOnly) return say`this console was started with --read-only`
  if (!isPending(transaction)) return say`no change is waiting on the server`
  return transaction.phase === 'rolling-back' ? say`it is being rolled back already` : null
}

const PHASE_WORDS: Readonly<Record<string, string>> = {
  applying: 'being applied',
  verifying: 'being verified',
  proving: 'being proved',
  confirming: 'being confirmed',
  'rolling-back': 'being rolled back',
  'in-doubt': 'in doubt',
}
