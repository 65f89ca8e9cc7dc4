import type { ErrorKind, HostError } from '../model/errors.ts'
import type { Target } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'

/** A HostError from one sentence on what happened and one on what to do next. */
export const failure = (kind: ErrorKind, message: Safe, next: Safe): HostError => ({ kind, message, next })

/** `host port N` as it is written in messages; the host comes from the command line or from ssh_config. */
export const place = (target: Pick<Target, 'host' | 'port'>): Safe => say`${safe(target.host)} port ${target.port}`

/** The link went while something was under way. */
export const disconnected = (what: Safe): HostError =>
  failure(
    'disconnected',
    say`${what} The connection was lost, so its outcome is unknown.`,
    say`The console reconnects by itself; read the state again before you go on.`,
  )

/** Calls made while there is no link. Nothing was sent. */
export const notConnected = (reason: Safe): HostError =>
  failure(
    'disconnected',
    say`There is no connection to the server: ${reason}`,
    say`Nothing was sent. The console reconnects by itself; try again once the link is up.`,
  )

export const cancelled = (what: Safe): HostError =>
  failure('cancelled', say`${what}`, say`Start again when you are ready.`)

const SOCKET_TEXT: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ['refused the connection', 'Check the port and that sshd is running and listening there.'],
  ENOTFOUND: ['could not be found by name', 'Check the spelling, or give the address.'],
  EAI_AGAIN: ['could not be looked up: the name service does not answer', 'Check your network, or give the address.'],
  EHOSTUNREACH: ['cannot be reached: no route to the host', 'Check your network and the address.'],
  ENETUNREACH: ['cannot be reached: the network is unreachable', 'Check your network, VPN and address family.'],
  EACCES: ['cannot be reached: this machine forbids it', 'Check the firewall of this machine.'],
  EPERM: ['cannot be reached: this machine forbids it', 'Check the firewall of this machine.'],
}

/** What a failed TCP connection means; `code` is Node's, as in connect(2) and getaddrinfo(3). */
export function socketFailure(target: Target, code: string | undefined, text: string): HostError {
  if (code === 'ETIMEDOUT') return connectTimeout(target)
  if (code === 'ECONNRESET' || code === 'EPIPE') return dropped(target)
  const known = code === undefined ? undefined : SOCKET_TEXT[code]
  if (known === undefined) {
    const words = say`${place(target)} cannot be reached: ${safe(text)}.`
    return failure('unreachable', words, say`Check the address, the port and your network.`)
  }
  const [what, next] = known
  return failure('unreachable', say`${place(target)} ${safe(what)}.`, safe(next))
}

export const connectTimeout = (target: Target): HostError =>
  failure(
    'timeout',
    say`${place(target)} did not answer.`,
    say`A firewall on the way may drop your packets; check address, port and where you are connecting from.`,
  )

/** What sshd says instead of its version to an address it turns away: up to 9.7, and since. */
const TURNED_AWAY = /^(?:Exceeded MaxStartups|Not allowed at this time)$/

/** The connection was taken and closed at once: sshd_config(5), MaxStartups and PerSourcePenalties; hosts_access(5). */
export const dropped = (target: Target, heard = ''): HostError =>
  failure(
    'unreachable',
    say`${place(target)} closed the connection ${heard === '' ? say`before it said anything` : say`with “${safe(heard, 80)}”`}: it is refusing this address for now (MaxStartups, PerSourcePenalties or fail2ban)${heard === '' ? say`, or until its /etc/hosts.deny is mended` : say``}.`,
    say`Wait a minute before you try again; every further attempt may make it longer.`,
  )

/** Something answers, but not with SSH. `heard` is what it said first. */
export function notSsh(target: Target, heard: string): HostError {
  const [first = ''] = heard.split(/[\r\n]/)
  if (TURNED_AWAY.test(first)) return dropped(target, first)
  if (heard === '') {
    const words = say`${place(target)} took the connection but said nothing.`
    return failure('timeout', words, say`Check the port: an SSH server speaks first.`)
  }
  const words = say`${place(target)} does not speak SSH; it said: ${safe(first, 80)}`
  return failure('unreachable', words, say`Check the port; another program listens there.`)
}

/**
 * The server hung up while the operator was being asked: its patience (LoginGraceTime, sshd_config(5)) was shorter than
 * his. It counts as cancelled, for another try would only ask him the same, and he is not there.
 */
export const unanswered = (target: Target): HostError =>
  failure(
    'cancelled',
    say`${place(target)} closed the connection while it waited for your answer.`,
    say`Try again and answer sooner: LoginGraceTime of its sshd_config says how long it waits.`,
  )

/** The operator ended the attempt. */
export const givenUp = (target: Target): HostError => cancelled(say`The connection to ${place(target)} was given up.`)
