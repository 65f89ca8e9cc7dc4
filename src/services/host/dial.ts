import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import type { Target } from '../model/host.ts'

/**
 * Opens the byte stream a connection runs over. Rejects with Node's own error; a signal that fires gives up and
 * closes whatever was opened.
 */
export type Dial = (target: Target, signal: AbortSignal) => Promise<Duplex>

/**
 * TCP without Nagle's delay, which is worth 40 to 160 ms per exchange and which ssh2 leaves on; or, where
 * ssh_config(5) has a ProxyCommand, that command's standard input and output.
 */
export const dialDefault: Dial = (target, signal) =>
  target.proxyCommand === undefined ? dialTcp(target, signal) : dialCommand(target.proxyCommand, signal)

const dialTcp: Dial = (target, signal) =>
  new Promise((resolve, reject) => {
    const socket = connect({
      host: target.host,
      port: target.port,
      noDelay: true,
      keepAlive: true,
      // Node gives each address 250 ms, which a slow line needs for one round trip.
      autoSelectFamilyAttemptTimeout: 2_500,
    })
    const abort = (): void => {
      socket.destroy()
      reject(new Error('given up'))
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort)
      socket.removeListener('error', reject)
      resolve(kept(socket))
    })
  })

/** Until ssh2 listens, an error (a reset) would have nobody to go to and end the whole process. */
function kept<S extends Duplex>(stream: S): S {
  stream.on('error', () => {})
  return stream
}

/** The command is the operator's own, from his ssh_config, and is run by sh as ssh(1) does. */
const dialCommand = (command: string, signal: AbortSignal): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'ignore'], signal })
    child.once('error', reject)
    child.once('spawn', () => {
      const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
      stream.once('close', () => child.kill())
      resolve(kept(stream))
    })
  })
