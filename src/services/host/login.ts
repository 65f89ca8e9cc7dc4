import type { Duplex } from 'node:stream'
import type { Client, ConnectConfig, NextAuthHandler } from 'ssh2'
import { fail, type HostError, ok, type Result } from '../model/errors.ts'
import type { LoginNeeds, LoginPolicy } from '../model/host.ts'
import { type Safe, safeLines, say } from '../model/safe.ts'
import { ALGORITHMS } from './algorithms.ts'
import { type Auth, createAuth } from './auth.ts'
import type { Connection, Limits, OpenOptions } from './connection.ts'
import { established } from './established.ts'
import { cancelled, givenUp, notSsh, place, unanswered } from './failures.ts'
import { watchFlood } from './flood.ts'
import type { HostKeys } from './host-key.ts'
import { gatherIdentities } from './identities.ts'
import { algorithmsOf, keyType } from './known-hosts.ts'
import { livenessOf } from './liveness.ts'
import { handshakeFailure, loginRefused, noProperServer } from './login-failures.ts'
import { allowedOf, DEFAULT_POLICY } from './login-policy.ts'
import { listenForOffer } from './offer.ts'
import type { Phase } from './phase.ts'
import { listenBeforeHandshake, type Preamble } from './preamble.ts'
import type { Ssh2 } from './ssh2.ts'
import { onBareInfoRequest, onHostKeyNews, onLoginMessage, onUserauthFailure } from './ssh2-internals.ts'

/** All that a login needs, the stream open and the known host keys read. */
export type LogIn = OpenOptions & {
  readonly limits: Limits
  readonly ssh2: Ssh2
  readonly keys: HostKeys
  readonly stream: Duplex
  readonly phase: Phase
  readonly giveUp: AbortController
}

/** The handshake and the login on an open stream. Closes the stream when they fail. */
export const logIn = (given: LogIn): Promise<Result<Connection>> =>
  new Promise((resolve) => {
    const { ssh2, stream, target, phase, limits, keys, giveUp } = given
    const client = new ssh2.Client()
    const heard = listenBeforeHandshake(stream)
    const lists = listenForOffer(stream)
    let named: readonly string[] = []
    let settled = false

    const settle = (result: Result<Connection>): void => {
      if (settled) return
      settled = true
      phase.end()
      giveUp.signal.removeEventListener('abort', onAbort)
      if (result.ok) {
        const at = Date.now()
        const offered = lists()
        // Its host keys are named a moment later.
        if (offered) given.offers.heard(() => ({ ...offered, keys: named, at }))
      } else stream.destroy()
      resolve(result)
    }
    const refuse = (error: HostError): void => settle(fail(error))
    const onAbort = (): void => refuse(givenUp(target))
    giveUp.signal.addEventListener('abort', onAbort, { once: true })

    const auth: Auth = createAuth({
      ssh2,
      target,
      ask: given.ask,
      credentials: given.credentials,
      identities: gatherIdentities(ssh2, target, given.ask, given.credentials.unlocked, limits),
      onlyProven: given.onlyProven === true,
      cancel: () => refuse(cancelled(say`The login to ${place(target)} was cancelled.`)),
      refuse: (cause) => refuse(loginRefused(target, auth, cause)),
    })
    const lateLogin = (): void => refuse(loginRefused(target, auth, 'the server stopped answering'))
    const waitForLogin = (): void => phase.begin(limits.login, lateLogin)

    const verify: Verify = (blob, done) => {
      const again = keys.again(blob)
      if (again !== null) return again
      keys.verify(blob).then(
        (verdict) => {
          if (!verdict.ok) refuse(verdict.error)
          done(verdict.ok)
        },
        () => done(false),
      )
      return undefined
    }
    listen(given, client, { auth, heard, refuse, settle, waitForLogin })
    phase.begin(limits.handshake, () => refuse(heard.late(target)))
    try {
      client.connect(config(given, auth, verify, waitForLogin))
      onUserauthFailure(client, auth.refused)
      onBareInfoRequest(client, auth.told)
      onHostKeyNews(client, (blobs) => {
        named = blobs
      })
      heard.start(() => refuse(notSsh(target, heard.text())))
    } catch (error) {
      refuse(handshakeFailure(target, keys, error as Error))
    }
  })

/** ssh2's hostVerifier: an answer at once, or undefined and a later call. */
type Verify = (blob: Buffer, done: (valid: boolean) => void) => boolean | undefined

/** What the events of a login in progress lead to. */
type Course = {
  readonly auth: Auth
  readonly heard: Preamble
  readonly refuse: (error: HostError) => void
  readonly settle: (result: Result<Connection>) => void
  readonly waitForLogin: () => void
}

/** Of all banners together (RFC 4252, 5.4), and characters of one. */
const BANNER_LINES = 100
const BANNER_CAP = 16_384

/** Versions, then the key exchange: the least that a handshake takes (RFC 4253). */
const HANDSHAKE_ROUND_TRIPS = 2

function listen({ target, keys, hostKey, stream, phase, limits }: LogIn, client: Client, course: Course): void {
  const { auth, heard, refuse, settle, waitForLogin } = course
  const banner: Safe[] = []
  const { keepalive, keepaliveCount } = limits
  let floods: (words: Safe) => void = (words) => refuse(noProperServer(target, words))
  const flood = watchFlood(stream, (words) => floods(words))
  const began = performance.now()
  let roundTripMs = 0
  let stage: 'handshake' | 'login' = 'handshake'
  client.on('error', (error: Error & { level?: string; code?: string }) => {
    // ssh2 goes on to the next method by itself.
    if (error.level === 'agent') return
    if (phase.waiting()) return refuse(unanswered(target))
    // ssh2's own words are about its variables where a message comes out of turn.
    if (error instanceof TypeError || error instanceof RangeError)
      return refuse(noProperServer(target, say`it sends messages out of turn`))
    if (stage === 'login') return refuse(loginRefused(target, auth, error.message))
    refuse(heard.isSsh() ? handshakeFailure(target, keys, error) : heard.failure(target, error))
  })
  client.on('close', () =>
    refuse(
      phase.waiting()
        ? unanswered(target)
        : stage === 'login'
          ? loginRefused(target, auth, 'the server closed the connection')
          : heard.failure(target, { message: '' }),
    ),
  )
  client.on('banner', (text: string) => {
    if (banner.length < BANNER_LINES)
      banner.push(...safeLines(text.slice(0, BANNER_CAP).replaceAll('\r', '').trimEnd()).slice(0, BANNER_LINES))
  })
  // Once: every later key exchange of the connection (RekeyLimit, sshd_config(5)) is told in the same way.
  client.once('handshake', () => {
    stage = 'login'
    roundTripMs = (performance.now() - began - phase.pausedMs()) / HANDSHAKE_ROUND_TRIPS
    waitForLogin()
  })
  client.on('change password', () => refuse(loginRefused(target, auth, 'the server demands a new password')))
  client.on('ready', () => {
    auth.accepted()
    client.removeAllListeners('banner')
    const connection = established(
      client,
      stream,
      auth,
      banner,
      roundTripMs,
      needsOf(auth, target.policy ?? DEFAULT_POLICY, hostKey.blob, keys),
      livenessOf(keepalive, keepaliveCount, roundTripMs),
    )
    flood.loggedIn()
    onLoginMessage(client, () => connection.lose(say`The server was left: it began the login anew.`))
    floods = (words) => connection.lose(say`The server was left: ${words}.`)
    settle(ok(connection))
  })
}

/** The key was accepted before the login: it alone is what the next one will take. */
const needsOf = (auth: Auth, policy: LoginPolicy, key: Buffer | null, { algorithms }: HostKeys): LoginNeeds => {
  const { kex, cipher, hmac } = algorithmsFor(policy)
  return {
    ...auth.used(),
    can: { kex, cipher, hmac, hostKey: key === null ? algorithms : algorithmsOf(new Set([keyType(key)])) },
  }
}

const algorithmsFor = (policy: LoginPolicy) => ({
  ...ALGORITHMS,
  kex: allowedOf(policy, 'kex', ALGORITHMS.kex),
  cipher: allowedOf(policy, 'cipher', ALGORITHMS.cipher),
  hmac: allowedOf(policy, 'hmac', ALGORITHMS.hmac),
})

const config = ({ target, stream, keys }: LogIn, auth: Auth, hostVerifier: Verify, onStep: () => void): ConnectConfig =>
  ({
    sock: stream,
    username: target.user,
    ident: 'hardtui',
    // Ours stop while a person is typing; ssh2's would not.
    readyTimeout: 0,
    // Ours counts whatever the server says as a sign of life, not just its answers to this.
    keepaliveInterval: 0,
    algorithms: { ...algorithmsFor(target.policy ?? DEFAULT_POLICY), serverHostKey: keys.algorithms },
    hostVerifier,
    authHandler: (_methods: unknown, _partial: unknown, next: NextAuthHandler) => {
      onStep()
      auth.next().then(
        (method) => next(method as Parameters<NextAuthHandler>[0]),
        () => next(false as unknown as Parameters<NextAuthHandler>[0]),
      )
    },
  }) as unknown as ConnectConfig
