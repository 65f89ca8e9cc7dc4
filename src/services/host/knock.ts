import { connect } from 'node:net'
import type { Target } from '../model/host.ts'
import { safe, say } from '../model/safe.ts'
import type { Knock, KnockAnswer } from '../model/seen-ports.ts'
import { addressFromHere } from './from-here.ts'

/** What an answer may take, in milliseconds: a first packet that was lost is sent again after one second and three. */
const PATIENCE_MS = 4_000

/**
 * What says that something on the way, or the host, did not want it (connect(2)): a reset or ICMP's port unreachable, and
 * its other errors. Without a route nothing was sent at all.
 */
const REFUSED: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'EACCES'])

/** Opens a TCP connection to an address and closes it at once. Never rejects. */
export function knockAt(address: string, port: number, timeoutMs = PATIENCE_MS): Promise<KnockAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port })
    const end = (answer: KnockAnswer): void => {
      clearTimeout(over)
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.destroy()
      resolve(answer)
    }
    const over = setTimeout(
      () => end({ state: 'silent', reason: say`no answer within ${timeoutMs / 1000} s` }),
      timeoutMs,
    )
    socket.once('connect', () => end({ state: 'open' }))
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      end(
        REFUSED.has(code)
          ? { state: 'refused', reason: say`refused (${safe(code ?? '', 40)})` }
          : { state: 'unknown', reason: say`nothing got there from here (${safe(code ?? 'unknown', 40)})` },
      ),
    )
  })
}

/** Knocks at ports of the host that the console is connected to. */
export const knocker =
  (target: Pick<Target, 'host' | 'proxyCommand'>): Knock =>
  async (port, { family, address: given }) => {
    const address = await addressFromHere(target, family, given)
    return address.ok ? knockAt(address.value, port) : { state: 'unknown', reason: address.error }
  }
