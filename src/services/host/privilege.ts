import { fail, type HostError, ok, type Result } from '../model/errors.ts'
import type { Ask, Escalation } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { sudoNever, sudoReason } from './facts.ts'
import { cancelled, failure } from './failures.ts'
import { type Launch, verifyText } from './launch.ts'
import { type Ran, run } from './run.ts'
import { runFailure, type Wire } from './wire.ts'

/** How this host gives root, as far as is known. The password is in here, in memory, and nowhere else. */
export type Privileges = {
  /** How to start something that needs root; null when it can't be had. */
  readonly launch: () => Launch | null
  /** Asks for the sudo password and proves it. Several callers at once share one question. */
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

  const obtain = async (wire: Wire, reason: string): Promise<Result<void>> => {
    if (denied !== null) return fail(error())
    if (sudoNever(reason)) return deny(safe(sudoReason(reason)))
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const [answer] = (await ask({ kind: 'sudo-password', user: safe(user), attempt })) ?? []
      if (answer === undefined) {
        denied = say`the sudo password was not given`
        return fail(cancelled(say`The sudo password was not given, so nothing runs as root.`))
      }
      const proved = await provePassword(wire, answer)
      if (!proved.ok) return proved
      if (proved.value === 'right') {
        password = answer
        return ok(undefined)
      }
      if (proved.value !== 'wrong') return deny(proved.value.never)
    }
    return deny(say`the sudo password was wrong ${TRIES} times`)
  }

  return {
    launch: () => (denied !== null ? null : password === null ? { how: 'root' } : { how: 'password', password }),
    obtain: (wire, reason) => {
      asking ??= obtain(wire, reason).finally(() => {
        asking = null
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

async function provePassword(wire: Wire, password: string): Promise<Result<'right' | 'wrong' | { never: Safe }>> {
  let status = -1
  let words = ''
  const boundary = wire.boundary()
  const ran = await run(wire.channels, () => ({
    boundary,
    input: verifyText(password, boundary),
    limitMs: VERIFY_LIMIT,
    last: 'out',
    stdout: {
      data: () => {},
      end: (_id, code) => {
        status = code
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
  if (status === 0) return ok('right')
  const never = words.split('\n').find((line) => sudoNever(line)) ?? (status === 127 ? 'sudo is not installed' : null)
  return ok(never === null ? 'wrong' : { never: safe(sudoReason(never)) })
}

/** sudo asked for a password it was not given: the run did not begin and stderr has sudo's words. */
export const needsPassword = (ran: Ran): boolean =>
  ran.ending === 'closed' && !ran.began && ran.code !== null && /^sudo: |\bsudo\b/m.test(ran.noise.stderr)
