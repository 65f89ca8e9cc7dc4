import { randomBytes } from 'node:crypto'
import type { HostError } from '../model/errors.ts'
import type { LoginNeeds, Target } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { CHANNEL_LIMITS, type Channels, createChannels } from './channels.ts'
import type { Connection } from './connection.ts'
import { disconnected, failure } from './failures.ts'
import type { Ran } from './run.ts'

/** What a script needs of a connection. */
export type Wire = {
  readonly channels: Channels
  /** The folder that is / to this server; empty for a real one. */
  readonly root: string
  /** What let this connection in. */
  readonly needs: LoginNeeds
  /** What a slow line may add to the time that a command takes, in milliseconds. */
  readonly slackMs: number
  /** Why the link is gone, or null while it is up. */
  readonly gone: () => Safe | null
  /** 128 bits that no output can contain by chance or by will. */
  readonly boundary: () => string
}

/** Opening a channel, sending what it runs through a window that grows slowly, and the answer. */
const SLACK_ROUND_TRIPS = 6

/** The wire of one connection. */
export const createWire = (connection: Connection, { root = '' }: Target): Wire => ({
  channels: createChannels(connection.client, CHANNEL_LIMITS, connection.gone),
  root,
  needs: connection.needs,
  slackMs: SLACK_ROUND_TRIPS * connection.roundTripMs,
  gone: connection.gone,
  boundary: () => randomBytes(16).toString('hex'),
})

const firstWords = (ran: Ran): Safe =>
  safe((ran.noise.stderr || ran.noise.stdout).split('\n').find((line) => line.trim() !== '') ?? 'it said nothing', 160)

/** Why a run that did not come to its end failed. `what` is a sentence on what was being done. */
export function runFailure(wire: Wire, ran: Ran, what: Safe, limitMs: number): HostError {
  if (wire.gone() !== null) return disconnected(what)
  if (ran.ending === 'late') {
    return failure(
      'timeout',
      say`${what} It gave no result within ${Math.round(limitMs / 1000)} s, so its outcome is unknown.`,
      say`Read the state again; the server may be busy or the line slow.`,
    )
  }
  if (!ran.began) {
    return failure(
      'unsupported-host',
      say`This login does not give us a shell; it answers: ${firstWords(ran)}`,
      say`Use an account with a POSIX shell and without ForceCommand (sshd_config, authorized_keys command=).`,
    )
  }
  return failure(
    'disconnected',
    say`${what} It was cut off on the server before it ended, so its outcome is unknown.`,
    say`Read the state again before you go on.`,
  )
}
