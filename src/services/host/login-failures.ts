import type { HostError } from '../model/errors.ts'
import type { Target } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { Auth } from './auth.ts'
import { dropped, failure, place } from './failures.ts'
import type { HostKeys } from './host-key.ts'
import { HOST_KEY_ALGORITHMS } from './known-hosts.ts'
import { DEFAULT_POLICY } from './login-policy.ts'

/** Why the handshake failed, from ssh2's own words; it names the list in which nothing was common. */
export function handshakeFailure(
  target: Target,
  keys: HostKeys,
  error: { readonly message: string; readonly code?: string },
): HostError {
  const missing = /no matching (.+)$/.exec(error.message)?.[1]
  if (missing === 'host key format' && keys.algorithms.length < HOST_KEY_ALGORITHMS.length) {
    return failure(
      'host-key-mismatch',
      say`${place(target)} no longer offers the key type known for it (${safe(keys.algorithms.join(', '))}). Nothing secret was sent.`,
      say`Ask whoever runs the server; if its keys were replaced, remove the old ones with ssh-keygen -R and connect again.`,
    )
  }
  if (missing !== undefined) {
    return failure(
      'unsupported-host',
      say`${place(target)} and this program have no ${safe(missing)} in common.`,
      say`Log in with ssh and allow a current one in sshd_config: curve25519-sha256, aes128-gcm@openssh.com, hmac-sha2-256, ssh-ed25519.`,
    )
  }
  if (error.code === 'ECONNRESET' || error.message === 'Connection lost before handshake') return dropped(target)
  return failure(
    'unreachable',
    say`The handshake with ${place(target)} failed: ${safe(error.message)}.`,
    say`Try again; if it stays, compare with ssh -v.`,
  )
}

/** What answers breaks the protocol; `words` say how. */
export const noProperServer = (target: Target, words: Safe): HostError =>
  failure(
    'unsupported-host',
    say`${place(target)} is no proper SSH server: ${words}. The login was given up.`,
    say`Ask whoever runs it what answers there, and compare with ssh -v.`,
  )

/** Why the login failed: what was tried, what the server would take. `cause` is the last thing that happened. */
export function loginRefused(target: Target, auth: Pick<Auth, 'methods' | 'tried'>, cause: string): HostError {
  const methods = auth.methods()
  const tried = auth.tried()
  const accepts = methods === null || methods.length === 0 ? say`nothing it named` : safe(methods.join(', '))
  const did = tried.length === 0 ? say`nothing could be tried` : safe(`tried: ${tried.join('; ')}`)
  const who = say`${safe(target.user)} on ${place(target)}`
  if (/too many authentication failures/i.test(cause)) {
    return failure(
      'auth-failed',
      say`The server gave up on ${who} after too many failed logins (${did}).`,
      say`Name the right key with -i and set IdentitiesOnly yes, or empty the agent.`,
    )
  }
  const { methods: allowed } = target.policy ?? DEFAULT_POLICY
  const forbidden = (methods ?? []).filter((one) => !(allowed as readonly string[]).includes(one))
  if (forbidden.length > 0 && forbidden.length === methods?.length) {
    return failure(
      'auth-failed',
      say`The login of ${who} failed: the server accepts ${accepts}, which your ssh_config does not let be used.`,
      say`Allow it there, or give -o: PreferredAuthentications, PasswordAuthentication, KbdInteractiveAuthentication, BatchMode.`,
    )
  }
  const why = /All configured authentication methods failed/.test(cause) ? say`` : say` (${safe(cause)})`
  return failure(
    'auth-failed',
    say`The login of ${who} failed${why}: the server accepts ${accepts}; ${did}.`,
    methods?.includes('publickey') && !methods.includes('password')
      ? say`Load the right key into the agent or name it with -i, and check the user.`
      : say`Check the user and the password, or name a key with -i.`,
  )
}
