import { isIPv6 } from 'node:net'
import { homedir, userInfo } from 'node:os'
import { fail, ok, type Result } from '../model/errors.ts'
import type { Target } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { DEFAULT_POLICY } from './login-policy.ts'
import { type Configured, runSshConfig, type SshConfig } from './ssh-config.ts'
import type { Operator, TargetOptions } from './target-options.ts'

/** Where the operator's own surroundings come from; the process's by default. */
export type Surroundings = Operator & {
  /** SSH_AUTH_SOCK. */
  readonly agent: string | null
  readonly sshConfig: SshConfig
}

/** A destination in parts; null where it says nothing. */
export type Destination = { readonly user: string | null; readonly host: string; readonly port: number | null }

const FORM = 'write user@host, user@host:port or user@[v6-address]:port'

const badHost = (host: string): boolean =>
  host === '' || host.startsWith('-') || /[\s\p{Cc}\p{Cf}'"`$\\;&<>|(){}]/u.test(host)
const badUser = (user: string): boolean => user === '' || user.startsWith('-') || /[\s\p{Cc}'"`$;&<>|(){}]/u.test(user)

/** A port number, or null when the text is none. */
export const parsePort = (text: string): number | null => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : null
}

/** Splits `user@host:port`; errors are one sentence for the command line. */
export function parseDestination(text: string): Result<Destination, Safe> {
  const bare = text.replace(/^ssh:\/\//, '').replace(/\/$/, '')
  const at = bare.lastIndexOf('@')
  const user = at < 0 ? null : bare.slice(0, at)
  const place = bare.slice(at + 1)
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(place)
  const colon = place.indexOf(':')
  const isAddress = isIPv6(place.replace(/%.*$/, ''))
  const host = bracketed?.[1] ?? (isAddress || colon < 0 ? place : place.slice(0, colon))
  const portText = bracketed ? bracketed[2] : isAddress || colon < 0 ? undefined : place.slice(colon + 1)
  if (user !== null && badUser(user)) return fail(say`The user in ${safe(text)} is not a user name: ${safe(FORM)}.`)
  if (bracketed && !isIPv6(host.replace(/%.*$/, ''))) {
    return fail(say`${safe(host)} in brackets is not a v6 address: ${safe(FORM)}.`)
  }
  if (badHost(host)) return fail(say`${safe(text)} does not name a host: ${safe(FORM)}.`)
  const port = portText === undefined ? null : parsePort(portText)
  if (portText !== undefined && port === null) {
    return fail(say`${safe(portText)} is not a port: give a number from 1 to 65535.`)
  }
  return ok({ user, host, port })
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** Whether a file is one that ssh(1) tries unasked, not one the operator named. */
export const isDefaultKey = (file: string): boolean =>
  /\/\.ssh\/id_(rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa)$/.test(file)

/** What holds where no ssh is installed to ask. */
const plainConfig = (home: string): Configured => ({
  host: null,
  port: null,
  user: null,
  identityFiles: DEFAULT_KEYS.map((name) => `${home}/.ssh/${name}`),
  identitiesOnly: false,
  agent: undefined,
  knownHostsFiles: [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`, '/etc/ssh/ssh_known_hosts'],
  hostKeyAlias: null,
  hashKnownHosts: false,
  proxyCommand: null,
  policy: DEFAULT_POLICY,
})

const surroundings = (): Surroundings => ({
  home: homedir(),
  user: userInfo().username,
  agent: process.env.SSH_AUTH_SOCK || null,
  sshConfig: runSshConfig,
})

/**
 * Resolves what the operator typed to a target: the command line first, then ssh_config(5) through `ssh -G` where
 * ssh is installed, then plain defaults. Errors are one sentence for the command line.
 */
export async function resolveTarget(
  text: string,
  options: TargetOptions = {},
  around: Surroundings = surroundings(),
): Promise<Result<Target, Safe>> {
  const parsed = parseDestination(text)
  if (!parsed.ok) return parsed
  if (options.user !== undefined && badUser(options.user)) return fail(say`${safe(options.user)} is not a user name.`)
  if (options.port !== undefined && parsePort(String(options.port)) === null) {
    return fail(say`${safe(String(options.port))} is not a port: give a number from 1 to 65535.`)
  }
  const { host } = parsed.value
  // -p and -l win over the destination's own, as in ssh(1) the explicit option does.
  const user = options.user ?? parsed.value.user
  const port = options.port ?? parsed.value.port
  const asked = await around.sshConfig(host, { ...options, ...(user && { user }), ...(port && { port }) }, around)
  if (!asked.ok) return asked
  const config = asked.value ?? plainConfig(around.home)
  const files = [...(options.identityFiles ?? []), ...config.identityFiles]
  return ok({
    name: text,
    host: config.host ?? host,
    port: port ?? config.port ?? 22,
    user: user ?? config.user ?? around.user,
    identityFiles: [...new Set(files)],
    agent: config.agent === undefined ? around.agent : config.agent,
    knownHostsFiles: config.knownHostsFiles,
    hostKeyAlias: config.hostKeyAlias ?? config.host ?? host,
    ...(config.hostKeyAlias !== null && { hostKeyAliased: true }),
    identitiesOnly: config.identitiesOnly,
    hashKnownHosts: config.hashKnownHosts,
    policy: config.policy,
    ...(config.proxyCommand !== null && { proxyCommand: config.proxyCommand }),
  })
}
