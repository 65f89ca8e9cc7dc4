import { randomBytes } from 'node:crypto'
import { fail, ok, type Result } from '../model/errors.ts'
import type { Ask, Connect, Follow, Host, HostFacts, Link, WayIn } from '../model/host.ts'
import { type Safe, say } from '../model/safe.ts'
import { noCredentials } from './auth.ts'
import { runBatch } from './batch.ts'
import { type Connection, createOffers, LIMITS, type Limits } from './connection.ts'
import { type Dial, dialDefault } from './dial.ts'
import { execCommand } from './exec.ts'
import { notConnected } from './failures.ts'
import { startFollow } from './follow.ts'
import { type Login, loginAnew } from './fresh-login.ts'
import type { AcceptedKey } from './host-key.ts'
import { DEFAULT_POLICY } from './login-policy.ts'
import { openConnection } from './open.ts'
import { createPrivileges, type Privileges } from './privilege.ts'
import { BACK_OFF, type BackOff, createReconnect } from './reconnect.ts'
import { startStream } from './stream.ts'
import { createWire, type Wire } from './wire.ts'

/** What a connection is made of; everything has a default that is right outside of tests. */
export type ConnectParts = {
  readonly dial?: Dial
  /** Epoch milliseconds of this machine. */
  readonly clock?: () => number
  /** From 0 to 1; spreads reconnects. */
  readonly random?: () => number
  readonly limits?: Limits
  readonly backOff?: BackOff
}

/** How often the round trip for the header is measured. Milliseconds. */
const MEASURE_EVERY = 10_000

/**
 * Makes the `Connect` of the model: the one way to a server. It is for one server, whose key is accepted once: every
 * later connection, after a failed login or on another port, must show the same.
 */
export function createConnect(parts: ConnectParts = {}): Connect {
  const hostKey: AcceptedKey = { blob: null }
  return async (target, ask, signal) => {
    const login: Login = {
      target,
      ask,
      dial: parts.dial ?? dialDefault,
      limits: parts.limits ?? LIMITS,
      credentials: noCredentials(),
      hostKey,
      offers: createOffers(),
      privileges: createPrivileges(target.user, ask),
    }
    const first = await openConnection({ ...login, signal })
    return first.ok ? ok(createHost(login, first.value, parts)) : first
  }
}

/** The host's one live connection, if any, and the state of the link as listeners see it. */
function createHost(login: Login, first: Connection, parts: ConnectParts): Host {
  const { target } = login
  const clock = parts.clock ?? Date.now
  const random = parts.random ?? (() => randomBytes(4).readUInt32BE() / 2 ** 32)
  const listeners = new Set<(link: Link) => void>()
  let link: Link = { state: 'connecting' }
  let current: Current | null = null
  let measuring: NodeJS.Timeout | undefined
  let ways: readonly WayIn[] = [{}]
  let knocks = 0
  let way: Login = login

  const show = (next: Link): void => {
    if (link.state === 'closed') return
    link = next
    for (const listener of [...listeners]) listener(next)
  }
  const measure = async (connection: Connection): Promise<void> => {
    const roundTripMs = await connection.ping()
    if (roundTripMs !== null && current?.connection === connection) show({ state: 'up', roundTripMs })
  }
  const use = (connection: Connection): void => {
    const { privileges } = way
    current = { connection, wire: createWire(connection, way.target), privileges }
    show({ state: 'up', roundTripMs: null })
    measure(connection)
    measuring = setInterval(() => measure(connection), MEASURE_EVERY)
    measuring.unref()
    connection.onEnd((reason) => {
      clearInterval(measuring)
      if (current?.connection !== connection) return
      current = null
      if (link.state !== 'closed') reconnect.lost(reason)
    })
  }
  const reconnect = createReconnect({
    open: (signal) => {
      way = by(login, ways[knocks++ % ways.length] ?? {})
      return openConnection({ ...way, signal })
    },
    use,
    show,
    clock,
    random,
    backOff: parts.backOff ?? BACK_OFF,
  })
  use(first)

  const withWire = async <T>(act: (wire: Wire, by: Privileges) => Promise<Result<T>>): Promise<Result<T>> =>
    current === null ? fail(notConnected(reasonOf(link))) : act(current.wire, current.privileges)

  return {
    target,
    link: () => link,
    onLink: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    banner: () => current?.connection.banner ?? [],
    probe: (probes, on) => {
      // Asking for news is also how the operator says "try again now".
      if (current === null) reconnect.hurry()
      const told = { ...on, facts: (facts: HostFacts) => on.facts({ ...facts, offers: login.offers.last() }) }
      return withWire((wire, privileges) => runBatch(wire, privileges, probes, told))
    },
    exec: (command, onLine) => withWire((wire, privileges) => execCommand(wire, privileges, command, onLine)),
    follow: (script, onLines, onEnd) =>
      current === null
        ? endedFollow(reasonOf(link), onEnd)
        : startFollow(current.wire, current.privileges, script, { onLines: (lines) => void onLines(lines), onEnd }),
    stream: (script, on) =>
      current === null
        ? endedFollow(reasonOf(link), on.end)
        : startStream(current.wire, current.privileges, script, on),
    comeBackBy: (others) => {
      ways = others.length > 0 ? others : [{}]
      knocks = 0
    },
    proveFreshLogin: (one = {}) => loginAnew(by(login, one)),
    close: () => {
      show({ state: 'closed' })
      reconnect.stop()
      clearInterval(measuring)
      current?.connection.close()
      current = null
      listeners.clear()
    },
  }
}

/** A connection, and how root is had over it. */
type Current = { readonly connection: Connection; readonly wire: Wire; readonly privileges: Privileges }

/** The login by another way than the one that was dialled. */
function by(login: Login, { port = login.target.port, user = login.target.user, sudoPassword }: WayIn): Login {
  const same = user === login.target.user ? login : asAnother(login, user, sudoPassword)
  return { ...same, target: { ...same.target, port } }
}

/** Nothing that let the operator in counts for another user: his keys are tried anew, and no password is sent. */
function asAnother(login: Login, user: string, sudoPassword: string | undefined): Login {
  const { target, credentials } = login
  const ask: Ask = async (question, over) =>
    sudoPassword !== undefined && question.kind === 'sudo-password' && question.attempt === 1
      ? [sudoPassword]
      : login.ask(question, over)
  const policy = { ...(target.policy ?? DEFAULT_POLICY), methods: ['publickey'] as const }
  return {
    ...login,
    target: { ...target, user, policy },
    credentials: { ...noCredentials(), unlocked: credentials.unlocked },
    privileges: createPrivileges(user, ask),
  }
}

const reasonOf = (link: Link): Safe => {
  if (link.state === 'lost') return link.reason
  return link.state === 'closed' ? say`it was closed.` : say`it is being opened.`
}

/** Ends as any follow does: later, not while the caller is still setting it up. */
function endedFollow(reason: Safe, onEnd: (reason: Safe) => void): Follow {
  let stopped = false
  setImmediate(() => {
    if (!stopped) onEnd(reason)
  })
  return {
    stop: () => {
      stopped = true
    },
  }
}
