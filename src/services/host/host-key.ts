import type { HostError, Result } from '../model/errors.ts'
import { fail, ok } from '../model/errors.ts'
import type { Ask, Target } from '../model/host.ts'
import { safe, say } from '../model/safe.ts'
import { cancelled, failure, place } from './failures.ts'
import {
  appendKnownHost,
  fingerprint,
  hostName,
  judgeHostKey,
  type KnownHost,
  keyType,
  knownHostLine,
  preferredAlgorithms,
  readKnownHosts,
  type Unreadable,
} from './known-hosts.ts'

/** The host-key side of one connection. */
export type HostKeys = {
  /** Host key algorithms to offer, best first. */
  readonly algorithms: readonly string[]
  /** Judges the key of the first key exchange; asks when it is unknown. */
  readonly verify: (blob: Buffer) => Promise<Result<void>>
  /**
   * Judges the key of a later key exchange of the connection, which must be the same one; null before there was a first.
   * At once, for ssh2 goes on sending under the old keys while it waits for an answer, and the server hangs up.
   */
  readonly again: (blob: Buffer) => boolean | null
}

const unreadable = ({ file, reason }: Unreadable): HostError =>
  failure(
    'host-key-mismatch',
    say`${safe(file)} can't be read (${safe(reason)}), so the server's key can't be checked.`,
    say`Make the file readable, or point UserKnownHostsFile of your ssh_config elsewhere.`,
  )

const changed = (target: Target, name: string, blob: Buffer, file: string, line: number): HostError =>
  failure(
    'host-key-mismatch',
    say`The key of ${place(target)} has changed: it offers ${safe(keyType(blob))} ${safe(fingerprint(blob))}, ${safe(file)} line ${line} has another. Someone may be listening in; nothing secret was sent.`,
    say`Ask whoever runs the server. Only when the new key is confirmed: ssh-keygen -f '${safe(file)}' -R '${safe(name)}'`,
  )

const revoked = (target: Target, file: string, line: number): HostError =>
  failure(
    'host-key-mismatch',
    say`The key of ${place(target)} is marked as revoked in ${safe(file)} line ${line}. Nothing secret was sent.`,
    say`Do not log in; ask whoever runs the server for its new key.`,
  )

const certificateOnly = (target: Target): HostError =>
  failure(
    'host-key-mismatch',
    say`${place(target)} is listed with @cert-authority, and host certificates can't be checked here.`,
    say`Log in once with ssh and add the server's plain key to known_hosts: ssh-keyscan shows it, the authority vouches for it.`,
  )

/** The names a target is looked up under: HostKeyAlias stands alone, a host carries its port (sshd(8)). */
const namesOf = (target: Target): readonly string[] => {
  if (target.hostKeyAliased || target.hostKeyAlias !== target.host) return [target.hostKeyAlias.toLowerCase()]
  const name = hostName(target.host, target.port)
  return target.port === 22 ? [name] : [name, hostName(target.host, 22)]
}

/** Reads the files and answers for one connection; fails closed when one can't be read. */
export async function prepareHostKeys(target: Target, ask: Ask, trusted: Buffer[]): Promise<Result<HostKeys>> {
  const read = await readKnownHosts(target.knownHostsFiles)
  if (!read.ok) return fail(unreadable(read.error))
  const entries = read.value
  const [name = target.host] = namesOf(target)
  let accepted: Buffer | null = null
  const verify = async (blob: Buffer): Promise<Result<void>> => {
    const verdict = await judge(target, ask, { entries, trusted }, blob)
    if (!verdict.ok) return verdict
    accepted = Buffer.from(blob)
    if (!trusted.some((key) => key.equals(blob))) trusted.push(accepted)
    return verdict
  }
  return ok({
    algorithms: preferredAlgorithms(entries, name, trusted.map(keyType)),
    verify,
    again: (blob) => accepted?.equals(blob) ?? null,
  })
}

/** What is known beforehand: the files, and the keys this run of the program has already accepted for the server. */
type Known = { readonly entries: readonly KnownHost[]; readonly trusted: readonly Buffer[] }

async function judge(target: Target, ask: Ask, { entries, trusted }: Known, blob: Buffer): Promise<Result<void>> {
  const names = namesOf(target)
  const [name = target.host] = names
  const verdict = judgeHostKey(entries, names, blob)
  if (verdict.state === 'known') return ok(undefined)
  if (verdict.state !== 'unknown') {
    const { state, file, line } = verdict
    return fail(state === 'changed' ? changed(target, name, blob, file, line) : revoked(target, file, line))
  }
  if (trusted.some((key) => key.equals(blob))) return ok(undefined)
  if (verdict.certAuthority) return fail(certificateOnly(target))
  const [file] = target.knownHostsFiles
  const answer = await ask({
    kind: 'host-key',
    host: place(target),
    keyType: safe(keyType(blob)),
    fingerprint: safe(fingerprint(blob)),
    file: safe(file ?? 'nowhere'),
  })
  if (answer?.[0] !== 'yes') return fail(cancelled(say`The key of ${place(target)} was not trusted.`))
  if (file === undefined) return ok(undefined)
  const added = await appendKnownHost(file, knownHostLine(name, blob, target.hashKnownHosts === true))
  if (added.ok) return ok(undefined)
  return fail(
    failure(
      'host-key-mismatch',
      say`The key was trusted but could not be kept in ${safe(file)} (${safe(added.error.reason)}).`,
      say`Make the file writable; a key that is not kept can't be recognised the next time.`,
    ),
  )
}
