import { fail, type HostError, ok, type Result } from '../model/errors.ts'
import type { Ask, Escalation } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { sudoNever, sudoReason, sudoWantsTerminal } from './facts.ts'
import { cancelled, failure } from './failures.ts'
import { type Launch, type SudoHabits, verifyText } from './launch.ts'
import { type Ran, run } from './run.ts'
import { runFailure, type Wire } from './wire.ts'

/** How this host gives root, as far as is known. The password is in here, in memory, and nowhere else. */
export type Privileges = {
  /** How to start something that needs root; null when it can't be had. */
  readonly launch: () => Launch | null
  /**
   * Finds out what sudo wants by what it said: a terminal, which needs no question, or the password, which is asked for
   * and proved. Several callers at once share one question.
   */
  readonly obtain: (wire: Wire, reason: string) => Promise<Result<void>>
  readonly learn: (escalation: Escalation, reason: Safe | null) => void
  /** Root can't be had, and why; null as long as it may. */
  readonly denied: () => Safe | null
  readonly error: () => HostError
}

const TRIES = 3
/** pam_faildelay and slow directories included. Milliseconds. */
const VERIFY_LIMIT = 60_000

export function createPrivileges(user: string, ask: Ask): Privileges {
  let password: string | null = null
  let habits: SudoHabits = {}
  let denied: Safe | null = null
  let asking: Promise<Result<void>> | null = null
  const error = (): HostError =>
    failure(
      'no-privilege',
      say`This login can't become root: ${denied ?? say`sudo refuses`}.`,
      say`Log in as root, or give ${safe(user)} sudo rights; reading goes on as far as it can.`,
    )
  const deny = (reason: Safe): Result<void> => {
    denied = reason
    return fail(error())
  }

  const obtain = async (wire: Wire, reason: string, over: AbortSignal): Promise<Result<void>> => {
    if (denied !== null) return fail(error())
    if (sudoNever(reason)) return deny(safe(sudoReason(reason)))
    if (sudoWantsTerminal(reason)) {
      if (habits.wantsTerminal) return deny(say`sudo wants a terminal (requiretty) and does not take script(1) for one`)
      habits = { ...habits, wantsTerminal: true }
      return ok(undefined)
    }
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const [answer] = (await ask({ kind: 'sudo-password', user: safe(user), attempt }, over)) ?? []
      if (answer === undefined) {
        denied = say`the sudo password was not given`
        return fail(cancelled(say`The sudo password was not given, so nothing runs as root.`))
      }
      const proved = await provePassword(wire, answer, habits)
      if (!proved.ok) return proved
      if (proved.value.answer === 'right') {
        password = answer
        habits = { ...habits, readsAhead: proved.value.readsAhead }
        return ok(undefined)
      }
      if (proved.value.answer === 'never') return deny(proved.value.why)
    }
    return deny(say`the sudo password was wrong ${TRIES} times`)
  }

  return {
    launch: () => {
      if (denied !== null) return null
      return password === null ? { ...habits, how: 'root' } : { ...habits, how: 'password', password }
    },
    obtain: (wire, reason) => {
      if (asking !== null) return asking
      const over = new AbortController()
      asking = obtain(wire, reason, over.signal).finally(() => {
        asking = null
        over.abort()
      })
      return asking
    },
    learn: (escalation, reason) => {
      if (escalation === 'none') denied ??= reason ?? say`sudo refuses`
    },
    denied: () => denied,
    error,
  }
}

/** What sudo said to a password: only its own words make one wrong, for much else may be in the way of a right one. */
type Proof =
  | { readonly answer: 'right'; readonly readsAhead: boolean }
  | { readonly answer: 'wrong' }
  | { readonly answer: 'never'; readonly why: Safe }

const WRONG =
  /incorrect (password|authentication) attempt|no password was provided|authentication failed|authentication failure|(password|authentication|terminal) is required/i

async function provePassword(wire: Wire, password: string, habits: SudoHabits): Promise<Result<Proof>> {
  let status = -1
  let words = ''
  let which = ''
  const boundary = wire.boundary()
  const ran = await run(wire.channels, () => ({
    boundary,
    input: { first: verifyText(password, boundary, habits, wire.root) },
    limitMs: VERIFY_LIMIT,
    last: 'out',
    stdout: {
      data: (id, chunk) => {
        if (id === 'which' && which.length < 4_096) which += chunk.toString('utf8')
      },
      end: (id, code) => {
        if (id === 'out') status = code
      },
    },
    stderr: {
      data: (_id, chunk) => {
        if (words.length < 4_096) words += chunk.toString('utf8')
      },
      end: () => {},
    },
  }))
  if (!ran.ok) return ran
  if (ran.value.ending !== 'complete') {
    return fail(runFailure(wire, ran.value, say`The sudo password was being checked.`, VERIFY_LIMIT))
  }
  if (status === 0) return ok({ answer: 'right', readsAhead: /^sudo-rs/m.test(which) })
  const lines = words.split('\n').filter((line) => line.trim() !== '')
  const never = lines.find((line) => sudoNever(line)) ?? (status === 127 ? 'sudo: not found' : undefined)
  const said = never ?? (lines.some((line) => WRONG.test(line)) ? undefined : lines.at(-1))
  return ok(said === undefined ? { answer: 'wrong' } : { answer: 'never', why: safe(sudoReason(said)) })
}

/** sudo asked for a password it was not given: the run did not begin and stderr has sudo's words. */
export const needsPassword = (ran: Ran): boolean =>
  ran.ending === 'closed' && !ran.began && ran.code !== null && /\b(?:sudo|script)\b/m.test(ran.noise.stderr)
