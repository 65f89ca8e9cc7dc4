import type { Client, ParsedKey, Prompt } from 'ssh2'

/**
 * What ssh2 1.17 knows and does not tell. Its version is pinned; where a field is missing, what depends on
 * it is left out instead of failing.
 */
type Internals = {
  readonly _callbacks?: ((error?: unknown) => void)[]
  readonly _protocol?: {
    readonly ping?: () => void
    readonly _handlers?: Partial<Record<LoginMessage, (...rest: never[]) => void>> & {
      USERAUTH_FAILURE?: (protocol: unknown, methods: readonly string[], partial: boolean) => void
      GLOBAL_REQUEST?: (
        protocol: { readonly requestSuccess: () => void },
        name: string,
        wantReply: boolean,
        data: unknown,
      ) => void
      USERAUTH_INFO_REQUEST?: (
        protocol: { readonly authInfoRes: (answers?: readonly string[]) => void },
        name: string,
        instructions: string,
        prompts: readonly Prompt[] | undefined,
      ) => void
    }
  }
}

const internals = (client: Client): Internals => client as unknown as Internals

/**
 * Calls back on every USERAUTH_FAILURE, before ssh2 acts on it. ssh2 does not hand the server's list on while an agent
 * is used, and so would not notice that a key counted and a second factor is wanted.
 */
export function onUserauthFailure(
  client: Client,
  listener: (methods: readonly string[], partial: boolean) => void,
): void {
  const handlers = internals(client)._protocol?._handlers
  const original = handlers?.USERAUTH_FAILURE
  if (handlers === undefined || original === undefined) return
  handlers.USERAUTH_FAILURE = (protocol, methods, partial) => {
    listener(methods, partial)
    original(protocol, methods, partial)
  }
}

/**
 * Calls back on every request for answers (RFC 4256, 3.2) that has no prompts, which ssh2 answers without a word to anybody
 * what the server had to tell. `answered` goes on.
 */
export function onBareInfoRequest(
  client: Client,
  listener: (name: string, instructions: string, answered: () => void) => void,
): void {
  const handlers = internals(client)._protocol?._handlers
  const original = handlers?.USERAUTH_INFO_REQUEST
  if (handlers === undefined || original === undefined) return
  handlers.USERAUTH_INFO_REQUEST = (protocol, name, instructions, prompts) => {
    if ((prompts?.length ?? 0) > 0) original(protocol, name, instructions, prompts)
    else listener(name, instructions, () => original(protocol, name, instructions, prompts))
  }
}

const LOGIN_MESSAGES = [
  'SERVICE_ACCEPT',
  'USERAUTH_FAILURE',
  'USERAUTH_SUCCESS',
  'USERAUTH_PASSWD_CHANGEREQ',
  'USERAUTH_PK_OK',
  'USERAUTH_INFO_REQUEST',
] as const
type LoginMessage = (typeof LOGIN_MESSAGES)[number]

/** Calls back on messages of a login that is over (RFC 4252, 5.3), on which ssh2 would begin it anew, questions and all. */
export function onLoginMessage(client: Client, listener: () => void): void {
  const handlers = internals(client)._protocol?._handlers
  if (handlers !== undefined) for (const name of LOGIN_MESSAGES) handlers[name] = listener
}

/** More host keys than any server has. */
const MOST_HOST_KEYS = 32

/**
 * Hands on the public host keys that a server names (PROTOCOL of OpenSSH, 2.5), in base64. Nobody here learns them: ssh2
 * would ask it to prove every one.
 */
export function onHostKeyNews(client: Client, listener: (blobs: readonly string[]) => void): void {
  const handlers = internals(client)._protocol?._handlers
  const original = handlers?.GLOBAL_REQUEST
  if (handlers === undefined || original === undefined) return
  handlers.GLOBAL_REQUEST = (protocol, name, wantReply, data) => {
    if (name !== 'hostkeys-00@openssh.com') return original(protocol, name, wantReply, data)
    if (wantReply) protocol.requestSuccess()
    const keys = Array.isArray(data) ? (data as readonly ParsedKey[]) : []
    listener(keys.slice(0, MOST_HOST_KEYS).map((key) => key.getPublicSSH().toString('base64')))
  }
}

/**
 * Sends the keepalive request of ssh(1) now. `answered` is called with its reply, or with an Error when the link goes
 * first. False when ssh2 has no such thing.
 */
export function sendPing(client: Client, answered: (outcome?: unknown) => void): boolean {
  const { _callbacks: callbacks, _protocol: protocol } = internals(client)
  if (callbacks === undefined || protocol?.ping === undefined) return false
  callbacks.push(answered)
  protocol.ping()
  return true
}

/** Measures one round trip, in milliseconds; null when the link goes meanwhile. */
export const pinger = (client: Client) => (): Promise<number | null> =>
  new Promise((resolve) => {
    const sent = performance.now()
    const answered = (outcome?: unknown): void => {
      // sshd answers with a failure, for it does not know the request; that is an answer.
      resolve(outcome instanceof Error ? null : performance.now() - sent)
    }
    if (!sendPing(client, answered)) resolve(null)
  })
