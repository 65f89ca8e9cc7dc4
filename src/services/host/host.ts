import { randomBytes } from 'node:crypto'
import { fail, ok, type Result } from '../model/errors.ts'
import type { Connect, Follow, Host, Link } from '../model/host.ts'
import { type Safe, say } from '../model/safe.ts'
import { noCredentials } from './auth.ts'
import { runBatch } from './batch.ts'
import { type Connection, LIMITS, type Limits } from './connection.ts'
import { type Dial, dialDefault } from './dial.ts'
import { execCommand } from './exec.ts'
import { notConnected } from './failures.ts'
import { startFollow } from './follow.ts'
import { type Login, loginAnew } from './fresh-login.ts'
import type { AcceptedKey } from './host-key.ts'
import { DEFAULT_POLICY } from './login-policy.ts'
import { openConnection } from './open.ts'
import { createPrivileges } from './privilege.ts'
import { BACK_OFF, type BackOff, createReconnect } from './reconnect.ts'
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
      privileges: createPrivileges(target.user, ask),
    }
    const first = await openConnection({ ...login, signal })
    return first.ok ? ok(createHost(login, first.value, parts)) : first
  }
}

/** The host's one live connection, if any, and the state of the link as listeners see it. */
function createHost(login: Login, first: Connection, parts: ConnectParts): Host {
  const { target, privileges } = login
  const clock = parts.clock ?? Date.now
  const random = parts.random ?? (() => randomBytes(4).readUInt32BE() / 2 ** 32)
  const listeners = new Set<(link: Link) => void>()
  let link: Link = { state: 'connecting' }
  let current: { readonly connection: Connection; readonly wire: Wire } | null = null
  let measuring: NodeJS.Timeout | undefined
  let ports: readonly number[] = [target.port]
  let knocks = 0

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
    current = { connection, wire: createWire(connection, target) }
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
      const port = ports[knocks++ % ports.length] ?? target.port
      return openConnection({ ...login, target: { ...target, port }, signal })
    },
    use,
    show,
    clock,
    random,
    backOff: parts.backOff ?? BACK_OFF,
  })
  use(first)

  const withWire = async <T>(act: (wire: Wire) => Promise<Result<T>>): Promise<Result<T>> =>
    current === null ? fail(notConnected(reasonOf(link))) : act(current.wire)

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
      return withWire((wire) => runBatch(wire, privileges, probes, on))
    },
    exec: (command, onLine) => withWire((wire) => execCommand(wire, privileges, command, onLine)),
    follow: (script, onLines, onEnd) =>
      current === null
        ? endedFollow(reasonOf(link), onEnd)
        : startFollow(current.wire, privileges, script, { onLines, onEnd }),
    alsoTry: (others) => {
      ports = [...new Set([target.port, ...others])]
    },
    proveFreshLogin: ({ port = target.port, user = target.user } = {}) =>
      user === target.user ? loginAnew(login, port) : loginAnew(asAnother(login, user), port),
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

/** Nothing that let the operator in counts for another user: his keys are tried anew, and no password is sent. */
function asAnother(login: Login, user: string): Login {
  const { target, ask, credentials } = login
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
