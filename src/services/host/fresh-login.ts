import { fail, ok, type Result } from '../model/errors.ts'
import type { Ask, FreshLogin, Target } from '../model/host.ts'
import { safe, say } from '../model/safe.ts'
import type { Credentials } from './auth.ts'
import type { Limits, Offers } from './connection.ts'
import type { Dial } from './dial.ts'
import { execCommand } from './exec.ts'
import { parseSession } from './facts.ts'
import { failure, place } from './failures.ts'
import type { AcceptedKey } from './host-key.ts'
import { openConnection } from './open.ts'
import type { Privileges } from './privilege.ts'
import { createWire } from './wire.ts'

/** Everything a login of this operator on this host needs. */
export type Login = {
  readonly target: Target
  readonly ask: Ask
  readonly dial: Dial
  readonly limits: Limits
  readonly credentials: Credentials
  readonly hostKey: AcceptedKey
  readonly offers: Offers
  readonly privileges: Privileges
}

/** Milliseconds. */
const PRIVILEGE_LIMIT = 20_000

/**
 * A login beside the running one, as the operator would log in himself: connection, key exchange, authentication with
 * what worked before, and the step to root where this login has one. Makes no attempt that is likely to fail, for
 * sshd counts those against our address (PerSourcePenalties, sshd_config(5)).
 */
export async function loginAnew(login: Login): Promise<Result<FreshLogin>> {
  const { privileges, target } = login
  const started = performance.now()
  const opened = await openConnection({ ...login, onlyProven: true })
  if (!opened.ok) return opened
  const connection = opened.value
  const wire = createWire(connection, target)
  const privilege = privileges.denied() === null ? 'root' : 'login'
  const argv = ['sh', '-c', 'printf %s "$HARDTUI_CONNECTION"']
  const step = await execCommand(wire, privileges, { argv, privilege, effect: 'read', timeoutMs: PRIVILEGE_LIMIT })
  if (!step.ok) {
    connection.destroy()
    return step
  }
  const session = parseSession(step.value.stdout)
  if (step.value.status !== 0 || session.clientPort === 0) {
    connection.destroy()
    const words = say`A new login on ${place(target)} works, but gives no usable shell: ${safe(step.value.stderr, 160)}`
    return fail(failure('unsupported-host', words, say`Roll back, or look at the login by hand.`))
  }
  return ok({
    exec: (command) => execCommand(wire, privileges, command),
    elapsedMs: Math.round(performance.now() - started),
    session,
    method: connection.method,
    close: connection.close,
  })
}
