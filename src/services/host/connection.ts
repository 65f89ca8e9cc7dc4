import type { Client } from 'ssh2'
import type { Ask, LoginNeeds, Offer, Target } from '../model/host.ts'
import type { Safe } from '../model/safe.ts'
import type { Credentials } from './auth.ts'
import type { Dial } from './dial.ts'
import type { AcceptedKey } from './host-key.ts'
import { AGENT_PATIENCE } from './identities.ts'

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
  readonly needs: LoginNeeds
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

/** What logins to one server were offered. */
export type Offers = { readonly heard: (offer: () => Offer) => void; readonly last: () => readonly Offer[] }

/** How many logins are remembered: the console's own, and the one that proved a change. */
const REMEMBERED = 2

export function createOffers(): Offers {
  let all: readonly (() => Offer)[] = []
  return {
    heard: (offer) => {
      all = [offer, ...all].slice(0, REMEMBERED)
    },
    last: () => all.map((offer) => offer()),
  }
}

/** What a connection is opened with. */
export type OpenOptions = {
  readonly target: Target
  readonly ask: Ask
  readonly dial: Dial
  readonly credentials: Credentials
  readonly hostKey: AcceptedKey
  readonly offers: Offers
  readonly onlyProven?: boolean
  readonly signal?: AbortSignal | undefined
  readonly limits?: Limits
}
