import type { Client, ClientChannel } from 'ssh2'
import { fail, ok, type Result } from '../model/errors.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { failure, notConnected } from './failures.ts'
import { sendPing } from './ssh2-internals.ts'

/** A session channel in use. */
export type Lease = {
  readonly channel: ClientChannel
  /** Closes the channel and lets the next one in. */
  readonly release: () => void
}

export type OpenChannel = {
  /** The remote command. */
  readonly command: string
  /** Present for one that may be interrupted (a follow): called when another one needs the slot. */
  readonly onYield?: () => void
}

/** The session channels of one connection, never more at once than the server's MaxSessions lets through. */
export type Channels = {
  readonly open: (wanted: OpenChannel) => Promise<Result<Lease>>
  /** Whether somebody waits for a slot. */
  readonly busy: () => boolean
}

export type ChannelLimits = {
  readonly most: number
  /** How long a refused opening is tried again, in milliseconds. */
  readonly patience: number
  /** How long the server may leave an opening without any answer, in milliseconds. */
  readonly answer: number
}

export const CHANNEL_LIMITS: ChannelLimits = { most: 3, patience: 5_000, answer: 30_000 }

type Active = {
  readonly onYield: (() => void) | undefined
  yielding: boolean
  /** The server has let it in; before that it holds nothing of the server's. */
  holds: boolean
}
type Waiting = { readonly onYield: (() => void) | undefined; readonly enter: (active: Active) => void }

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * A queue in front of the server's MaxSessions (sshd_config(5)). It starts with three channels and learns from
 * refusals; `gone` says why the link went. A server frees a slot a little after the channel is closed, so a refusal is tried again for a while.
 */
export function createChannels(
  client: Client,
  limits: ChannelLimits = CHANNEL_LIMITS,
  gone: () => Safe | null = () => null,
): Channels {
  const active = new Set<Active>()
  const waiting: Waiting[] = []
  let most = limits.most
  let opened = 0

  const pump = (): void => {
    while (waiting.length > 0 && active.size < most) {
      // One that can't be interrupted goes before one that can: it is what the operator waits for.
      const urgent = waiting.findIndex((one) => one.onYield === undefined)
      const [next] = waiting.splice(Math.max(0, urgent), 1)
      if (next === undefined) return
      const slot: Active = { onYield: next.onYield, yielding: false, holds: false }
      active.add(slot)
      next.enter(slot)
    }
    // While a command is under way its slot will do; it ends by itself.
    const soon = [...active].some((one) => one.onYield === undefined)
    if (!soon && waiting.some((one) => one.onYield === undefined)) makeRoom()
  }
  // Only when nothing that ends by itself holds a session, and one at a time.
  const makeRoom = (): void => {
    const holding = [...active].filter((one) => one.holds)
    if (holding.some((one) => one.onYield === undefined || one.yielding)) return
    const [one] = holding
    if (one === undefined) return
    one.yielding = true
    one.onYield?.()
  }
  const leave = (slot: Active): void => {
    if (active.delete(slot)) pump()
  }

  /** The server takes fewer than we thought. Never less than one, or nothing would ever be tried again. */
  const refused = (slot: Active): void => {
    most = Math.max(1, Math.min(most, [...active].filter((one) => one.holds).length))
    if (slot.onYield === undefined) makeRoom()
  }

  const open = async ({ command, onYield }: OpenChannel): Promise<Result<Lease>> => {
    const slot = await new Promise<Active>((enter) => {
      waiting.push({ onYield, enter })
      pump()
    })
    let until = performance.now() + limits.patience
    // A follow is in no hurry: where the server takes just one session, a second one may wait for long.
    for (let wait = 10; ; wait = onYield === undefined ? Math.min(50, wait + 10) : Math.min(1_000, wait * 2)) {
      const calm = opened === 0 ? nudge(client) : () => {}
      const tried = await openOnce(client, command, limits.answer)
      calm()
      if (tried.state === 'open') {
        opened += 1
        slot.holds = true
        // Somebody may have come meanwhile, to whom this one can make room only from now on.
        pump()
        return ok({ channel: tried.channel, release: releaser(tried.channel, () => leave(slot)) })
      }
      if (tried.state === 'silent') {
        leave(slot)
        return fail(channelUnanswered(limits.answer))
      }
      if (tried.state === 'gone') {
        leave(slot)
        return fail(notConnected(gone() ?? say`the connection was lost.`))
      }
      // As long as others of ours hold channels the refusal is our own doing and passes.
      if ([...active].some((one) => one.holds)) {
        refused(slot)
        until = performance.now() + limits.patience
      } else if (performance.now() > until) {
        leave(slot)
        return fail(channelRefused(tried.reason, opened > 0))
      }
      await pause(wait)
    }
  }
  return { open, busy: () => waiting.length > 0 }
}

/** The slot comes free when the server has closed its side too, or does not do so for a while. Milliseconds. */
const CLOSING = 250

/** Closes a channel, and says once that its slot is free, however it was closed. */
function releaser(channel: ClientChannel, leave: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  channel.once('close', () => {
    clearTimeout(timer)
    leave()
  })
  return () => {
    channel.close()
    timer ??= setTimeout(leave, CLOSING)
  }
}

/** Milliseconds between two, and how many at most. */
const NUDGE = { every: 2, most: 25 }

/**
 * After a login sshd sends its host keys in a small packet, and then nothing until that is acknowledged (Nagle), which
 * the kernel puts off for 40 ms. Anything we send carries the acknowledgement: the first channel opens at once.
 */
function nudge(client: Client): () => void {
  let left = NUDGE.most
  const timer = setInterval(() => {
    left -= 1
    if (left < 0 || !sendPing(client, () => {})) clearInterval(timer)
  }, NUDGE.every)
  return () => clearInterval(timer)
}

type Tried =
  | { readonly state: 'open'; readonly channel: ClientChannel }
  | { readonly state: 'refused'; readonly reason: string }
  | { readonly state: 'gone' }
  | { readonly state: 'silent' }

const openOnce = (client: Client, command: string, limitMs: number): Promise<Tried> =>
  new Promise((resolve) => {
    let late = false
    const gone = (): void => done({ state: 'gone' })
    const done = (tried: Tried): void => {
      clearTimeout(timer)
      client.removeListener('close', gone)
      resolve(tried)
    }
    // A server may go on talking, and so be alive, and never say a word to this.
    const timer = setTimeout(() => {
      late = true
      done({ state: 'silent' })
    }, limitMs)
    client.once('close', gone)
    try {
      client.exec(command, (error, channel) => {
        if (late) return error ? undefined : channel.close()
        if (!error) return done({ state: 'open', channel })
        const refused = 'reason' in error || /Unable to exec|open failed/.test(error.message)
        done(refused ? { state: 'refused', reason: error.message } : { state: 'gone' })
      })
    } catch {
      done({ state: 'gone' })
    }
  })

const channelUnanswered = (limitMs: number) =>
  failure(
    'timeout',
    say`The server lets us in and answers no request for a session within ${limitMs / 1000} s.`,
    say`Try again; if it stays, compare with ssh, and look at the load of the server.`,
  )

const channelRefused = (reason: string, worked: boolean) =>
  failure(
    'channel-refused',
    say`The server lets us in but opens no session: ${safe(reason)}.`,
    worked
      ? say`Close other sessions of this connection, or raise MaxSessions in sshd_config.`
      : say`Check MaxSessions (0 forbids every session), ForceCommand and the login shell on the server.`,
  )
