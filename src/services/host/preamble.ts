import type { Duplex } from 'node:stream'
import type { HostError } from '../model/errors.ts'
import type { Target } from '../model/host.ts'
import { say } from '../model/safe.ts'
import { failure, notSsh, place, socketFailure } from './failures.ts'

// RFC 4253, 4.2 lets a server write lines before its version; more than this is no SSH server.
const PREAMBLE_CAP = 64 * 1024

/** What a server says before its version line. */
export type Preamble = ReturnType<typeof listenBeforeHandshake>

/** Watches what comes before the server's version line, which ssh2 would collect by the megabyte. */
export function listenBeforeHandshake(stream: Duplex) {
  let text = ''
  let bytes = 0
  let ssh = false
  const start = (onTooMuch: () => void): void => {
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (text.length < 4_096) text += chunk.toString('latin1', 0, 4_096)
      ssh = ssh || /(^|\n)SSH-/.test(`${text.slice(-4_096)}${chunk.toString('latin1')}`)
      if (ssh) stream.removeListener('data', onData)
      else if (bytes > PREAMBLE_CAP) onTooMuch()
    }
    stream.on('data', onData)
  }
  return {
    start,
    text: () => text,
    isSsh: () => ssh,
    /** The time for the handshake is over. */
    late: (target: Target): HostError =>
      ssh
        ? failure(
            'timeout',
            say`${place(target)} began the handshake and did not finish it.`,
            say`Try again; if it stays, something on the way swallows large packets (MTU).`,
          )
        : notSsh(target, text),
    failure: (target: Target, error: { readonly message: string; readonly code?: string }): HostError => {
      if (ssh)
        return failure('unreachable', say`${place(target)} broke off the handshake.`, say`Try again in a moment.`)
      return text === '' ? socketFailure(target, error.code ?? 'ECONNRESET', error.message) : notSsh(target, text)
    },
  }
}
