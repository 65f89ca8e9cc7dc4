import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { Timer, Transaction } from '../../services/model/transaction.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import { EMPTY, type Line, line, span, wrap } from '../text/line.ts'
import { clockWords, plural } from './numbers.ts'

type Doubt = { readonly known: Safe; readonly unknown: Safe }

const ARMING: Doubt = {
  known: say`nothing is changed yet: a change is applied only after its timer is armed`,
  unknown: say`whether the timer got armed`,
}
const RUNNING: Doubt = {
  known: say`the timer is armed, and nobody confirmed`,
  unknown: say`whether the change is in force, in whole or in part`,
}
const BY_PHASE: Partial<Readonly<Record<Transaction['phase'], Doubt>>> = {
  idle: {
    known: say`a change is pending on the server, or is being ended there`,
    unknown: say`how it ends`,
  },
  checking: ARMING,
  arming: ARMING,
  verifying: { ...RUNNING, unknown: say`whether what was applied is as planned` },
  proving: { known: say`the change is applied and the timer armed`, unknown: say`whether a new login works` },
  'awaiting-confirm': {
    known: say`the change was applied, and nobody confirmed it from here`,
    unknown: say`whether it still waits, was rolled back, or was ended by somebody else`,
  },
  confirming: {
    known: say`the order to confirm was sent`,
    unknown: say`whether it arrived in time: the change is confirmed, or it is rolled back`,
  },
  'rolling-back': {
    known: say`the order to roll back was given`,
    unknown: say`whether it arrived, and whether everything is put back`,
  },
}

/** What the link does: `lost 0:12 ago, 3 tries failed, next one in 4 s` */
export function linkWords({ connection: { link, tries }, now }: ConsoleState): Safe {
  if (link.state === 'up') return say`up: the server is being asked`
  if (link.state !== 'lost') return say`not connected`
  const failed = tries === 0 ? say`` : say`, ${plural(tries, say`try`, say`tries`)} failed`
  const next =
    link.nextTryAt === null
      ? say`; press R to try again`
      : link.nextTryAt <= now
        ? say`, trying now`
        : say`, next try in ${Math.ceil((link.nextTryAt - now) / 1000)} s`
  return say`lost ${clockWords((now - link.since) / 1000)} ago${failed}${next}: ${link.reason}`
}

/** Phases after which a confirm, from here or elsewhere, may have reached the server. */
const MAY_BE_CONFIRMED: ReadonlySet<Transaction['phase'] | null> = new Set(['awaiting-confirm', 'confirming', 'idle'])

/** When the server ends it by itself, as far as the last reading knows. */
function timerWords(timer: Timer | null, state: ConsoleState): { readonly timer: Safe; readonly never: Safe } {
  if (!timer)
    return {
      timer: say`none that this console knows of`,
      never: say`a timer that was armed runs out within ${clockWords(state.windowSeconds)} of arming; the server then tidies up by itself`,
    }
  const unless = MAY_BE_CONFIRMED.has(state.doubt) ? say`unless a confirm arrived, ` : say``
  if (timer.firesAt > state.now)
    return {
      timer: say`runs on the server until ${timer.deadlineAt}, by the last reading`,
      never: say`${unless}the server puts everything back at ${timer.deadlineAt}`,
    }
  return {
    timer: say`ran out at ${timer.deadlineAt}, by the last reading`,
    never: say`${unless}the server has put everything back, or is doing so`,
  }
}

const LABEL = 11

/** What is known, what is not, and what happens without anybody's doing. */
export function doubtLines(
  transaction: Extract<Transaction, { phase: 'in-doubt' }>,
  state: ConsoleState,
  width: number,
): readonly Line[] {
  const { known, unknown } = BY_PHASE[state.doubt ?? 'applying'] ?? RUNNING
  const words = timerWords(transaction.timer, state)
  const name = safe(state.connection.target.name)
  const row = (label: Safe, value: Safe): readonly Line[] =>
    wrap(value, Math.max(10, width - LABEL)).map(
      (one, at): Line => [span(safe((at === 0 ? label : '').padEnd(LABEL)), 'dim'), ...one],
    )
  return [
    line(say`⚠ IN DOUBT: what happened is not known yet.`, 'bad'),
    ...wrap(transaction.doubt, width, 'strong'),
    EMPTY,
    ...row(say`known`, known),
    ...row(say`not known`, unknown),
    ...row(say`timer`, words.timer),
    ...row(say`link`, linkWords(state)),
    ...row(say`if no link`, words.never),
    ...row(
      say`meanwhile`,
      say`wait, it asks by itself; from elsewhere: hardtui status ${name}, or on the server: sh /var/lib/hardtui/guard.sh status`,
    ),
    EMPTY,
  ]
}
