import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import type { LoginNeeds } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { Auth } from './auth.ts'
import type { Connection } from './connection.ts'
import { type Liveness, watchLiveness } from './liveness.ts'
import { pinger, sendPing } from './ssh2-internals.ts'

/** How long a goodbye may take, in milliseconds. */
const GOODBYE = 500

/** The connection that an authenticated client makes; from here on its errors end the link instead of the login. */
export function established(
  client: Client,
  stream: Duplex,
  auth: Auth,
  banner: readonly Safe[],
  roundTripMs: number,
  needs: LoginNeeds,
  liveness: Liveness,
): Connection {
  const listeners: ((reason: Safe) => void)[] = []
  let reason: Safe | null = null
  // The first reason is the true one: ending a connection makes errors of its own.
  let why: Safe | null = null
  const lose = (words: Safe): void => {
    why ??= words
    // ssh2 would wait for the other side to say goodbye.
    stream.destroy()
  }
  const alive = watchLiveness(
    liveness,
    () => void sendPing(client, () => {}),
    () => lose(say`The server stopped answering.`),
  )
  stream.on('data', alive.heard)
  const end = (): void => {
    alive.stop()
    if (reason !== null) return
    reason = why ?? say`The server closed the connection.`
    for (const listener of listeners) listener(reason)
  }
  client.removeAllListeners('error')
  client.removeAllListeners('close')
  client.on('error', (error: Error & { level?: string }) => {
    if (error.level === 'agent') return
    why ??= say`The connection broke: ${safe(error.message)}.`
    stream.destroy()
  })
  client.on('close', end)
  stream.once('close', end)
  return {
    client,
    method: auth.label(),
    needs,
    banner,
    roundTripMs,
    onEnd: (listener) => {
      if (reason === null) listeners.push(listener)
      else listener(reason)
    },
    ping: async () => (reason === null ? pinger(client)() : null),
    gone: () => reason,
    close: () => {
      why ??= say`The connection was closed.`
      client.end()
      setTimeout(() => stream.destroy(), GOODBYE).unref()
    },
    lose,
    destroy: () => lose(say`The connection was closed.`),
  }
}
