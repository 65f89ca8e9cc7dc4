import type { Duplex } from 'node:stream'
import { fail, ok, type Result } from '../model/errors.ts'
import type { Ask, Target } from '../model/host.ts'
import { type Connection, LIMITS, type OpenOptions } from './connection.ts'
import type { Dial } from './dial.ts'
import { connectTimeout, givenUp, socketFailure } from './failures.ts'
import { prepareHostKeys } from './host-key.ts'
import { logIn } from './login.ts'
import { createPhase } from './phase.ts'
import { loadSsh2 } from './ssh2.ts'

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
