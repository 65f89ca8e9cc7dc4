import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { fail, ok, type Result } from '../model/errors.ts'
import type { Ask, Target } from '../model/host.ts'
import type { Safe } from '../model/safe.ts'
import type { Credentials } from './auth.ts'
import type { Dial } from './dial.ts'
import { connectTimeout, givenUp, socketFailure } from './failures.ts'
import { type AcceptedKey, prepareHostKeys } from './host-key.ts'
import { AGENT_PATIENCE } from './identities.ts'
import { logIn } from './login.ts'
import { createPhase } from './phase.ts'
import { loadSsh2 } from './ssh2.ts'

/** Time limits of one connection attempt, in milliseconds. They stand still while a question is open. */
export type Limits = {
  readonly connect: number
  readonly handshake: number
  /** From one answer of the server to the next while logging in. */
  readonly login: number
  readonly agent: number
  readonly signature: number
  /** A dead link is noticed after this times (keepaliveCount + 1), later on a slow line (liveness.ts). */
  readonly keepalive: number
  readonly keepaliveCount: number
}

export const LIMITS: Limits = {
  connect: 10_000,
  handshake: 15_000,
  login: 30_000,
  ...AGENT_PATIENCE,
  keepalive: 2_000,
  keepaliveCount: 3,
}

/** One authenticated connection. */
export type Connection = {
  readonly client: Client
  /** What let us in. */
  readonly method: Safe
  readonly banner: readonly Safe[]
  /** One round trip as the handshake took it, in milliseconds: an upper bound, for limits. */
  readonly roundTripMs: number
  /** Called once, when the link is gone, however it went. */
  readonly onEnd: (listener: (reason: Safe) => void) => void
  /** One round trip of the protocol, in milliseconds; null when the link goes meanwhile. */
  readonly ping: () => Promise<number | null>
  /** Why the link is gone, or null while it is up. */
  readonly gone: () => Safe | null
  /** Says goodbye and closes. */
  readonly close: () => void
  /** Closes at once, for a reason that listeners are told. */
  readonly lose: (reason: Safe) => void
  /** Closes at once; a goodbye on a dead link would never end. */
  readonly destroy: () => void
}

export type OpenOptions = {
  readonly target: Target
  readonly ask: Ask
  readonly dial: Dial
  readonly credentials: Credentials
  readonly hostKey: AcceptedKey
  readonly onlyProven?: boolean
  readonly signal?: AbortSignal | undefined
  readonly limits?: Limits
}

/** Opens the stream, checks the host key, logs in. Nothing secret is sent before the host key is accepted. */
export async function openConnection(options: OpenOptions): Promise<Result<Connection>> {
  const { target, signal, limits = LIMITS } = options
  const giveUp = new AbortController()
  const abort = (): void => giveUp.abort()
  if (signal?.aborted) return fail(givenUp(target))
  signal?.addEventListener('abort', abort, { once: true })
  const phase = createPhase()
  const over = new AbortController()
  const ask: Ask = (question) => phase.paused(() => options.ask(question, over.signal))
  try {
    const [ssh2, keys, stream] = await Promise.all([
      loadSsh2(),
      prepareHostKeys(target, ask, options.hostKey),
      dialWithin(options.dial, target, giveUp, limits.connect),
    ])
    if (stream.ok && (!keys.ok || signal?.aborted)) stream.value.destroy()
    if (signal?.aborted) return fail(givenUp(target))
    if (!stream.ok) return stream
    if (!keys.ok) return keys
    return await logIn({ ...options, ask, limits, ssh2, keys: keys.value, stream: stream.value, phase, giveUp })
  } finally {
    phase.end()
    over.abort()
    signal?.removeEventListener('abort', abort)
  }
}

async function dialWithin(
  dial: Dial,
  target: Target,
  giveUp: AbortController,
  limitMs: number,
): Promise<Result<Duplex>> {
  let late = false
  const timer = setTimeout(() => {
    late = true
    giveUp.abort()
  }, limitMs)
  try {
    return ok(await orGivenUp(dial(target, giveUp.signal), giveUp.signal))
  } catch (error) {
    const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }
    if (late) return fail(connectTimeout(target))
    return fail(socketFailure(target, code ?? errors?.[0]?.code, message))
  } finally {
    clearTimeout(timer)
  }
}

/** Does not depend on the dialling to heed the signal; a stream that comes too late is closed. */
const orGivenUp = (dialling: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(new Error('given up'))
      dialling.then((stream) => stream.destroy()).catch(() => {})
    }
    signal.addEventListener('abort', abort, { once: true })
    dialling.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
