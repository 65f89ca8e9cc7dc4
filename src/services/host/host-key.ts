import type { HostError, Result } from '../model/errors.ts'
import { fail, ok } from '../model/errors.ts'
import type { Ask, LoginPolicy, Target } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { cancelled, failure, place } from './failures.ts'
import {
  algorithmsOf,
  appendKnownHost,
  fingerprint,
  HOST_KEY_ALGORITHMS,
  hostName,
  judgeHostKey,
  type KnownHost,
  keyType,
  knownHostLine,
  preferredAlgorithms,
  readKnownHosts,
  rsaBits,
  type Unreadable,
} from './known-hosts.ts'
import { allowedOf, DEFAULT_POLICY } from './login-policy.ts'
import { isRevoked } from './revoked-keys.ts'

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

/** A key's type is the server's own word, and short where it is one. */
const typeOf = (blob: Buffer): Safe => safe(keyType(blob), 40)

const unreadable = ({ file, reason }: Unreadable): HostError =>
  failure(
    'host-key-mismatch',
    say`${safe(file)} can't be read (${safe(reason)}), so the server's key can't be checked.`,
    say`Make the file readable, or name another in your ssh_config.`,
  )

const changed = (target: Target, name: string, blob: Buffer, file: string, line: number): HostError =>
  failure(
    'host-key-mismatch',
    say`The key of ${place(target)} has changed: it offers ${typeOf(blob)} ${safe(fingerprint(blob))}, ${safe(file)} line ${line} has another. Someone may be listening in; nothing secret was sent.`,
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

const revokedBy = (target: Target, file: string): HostError =>
  failure(
    'host-key-mismatch',
    say`The key of ${place(target)} is revoked by ${safe(file)} (RevokedHostKeys). Nothing secret was sent.`,
    say`Do not log in; ask whoever runs the server for its new key.`,
  )

const tooShort = (target: Target, bits: number, least: number): HostError =>
  failure(
    'host-key-mismatch',
    say`${place(target)} shows an RSA key of ${bits} bits; ssh_config wants ${least} at least (RequiredRSASize). Nothing secret was sent.`,
    say`Have the server make an ed25519 host key: ssh-keygen -A as root.`,
  )

const refusedUnknown = (target: Target, blob: Buffer, why: Safe): HostError =>
  failure(
    'host-key-mismatch',
    say`The key of ${place(target)} is not known (${typeOf(blob)} ${safe(fingerprint(blob))}), and ${why}. Nothing secret was sent.`,
    say`Add the key to known_hosts when the server's owner has vouched for it, or give -o StrictHostKeyChecking=ask.`,
  )

/** Another key than this run of the program has accepted: whoever shows it is not the one the secrets were typed for. */
const another = (target: Target, blob: Buffer, first: Buffer): HostError =>
  failure(
    'host-key-mismatch',
    say`${place(target)} shows another key (${typeOf(blob)} ${safe(fingerprint(blob))}) than the server that was logged in to before (${safe(fingerprint(first))}). Nothing secret was sent.`,
    say`Ask whoever runs the server. Only when its key was replaced on purpose: start hardtui anew.`,
  )

/** The names a target is looked up under: HostKeyAlias stands alone, a host carries its port (sshd(8)). */
const namesOf = (target: Target): readonly string[] => {
  if (target.hostKeyAliased || target.hostKeyAlias !== target.host) return [target.hostKeyAlias.toLowerCase()]
  const name = hostName(target.host, target.port)
  return target.port === 22 ? [name] : [name, hostName(target.host, 22)]
}

/** The key that a run of the program has accepted for its server, on whichever port; null before the first. */
export type AcceptedKey = { blob: Buffer | null }

/**
 * Reads the files and answers for one connection; fails closed when one can't be read. Once a run has accepted a key, no
 * other one will do, whatever the files say: secrets typed for one server must not go to another.
 */
export async function prepareHostKeys(target: Target, ask: Ask, run: AcceptedKey): Promise<Result<HostKeys>> {
  const read = await readKnownHosts(target.knownHostsFiles)
  if (!read.ok) return fail(unreadable(read.error))
  const entries = read.value
  const [name = target.host] = namesOf(target)
  let accepted: Buffer | null = null
  const verify = async (blob: Buffer): Promise<Result<void>> => {
    const verdict = await judge(target, ask, { entries, decided: run.blob !== null }, blob)
    if (!verdict.ok) return verdict
    run.blob ??= Buffer.from(blob)
    if (!run.blob.equals(blob)) return fail(another(target, blob, run.blob))
    accepted = run.blob
    return verdict
  }
  const { policy = DEFAULT_POLICY } = target
  const wanted = run.blob === null ? preferredAlgorithms(entries, name) : algorithmsOf(new Set([keyType(run.blob)]))
  const both = allowedOf(policy, 'hostKey', wanted)
  return ok({
    // An empty list would mean all that ssh2 has.
    algorithms: both.length > 0 ? both : allowedOf(policy, 'hostKey', HOST_KEY_ALGORITHMS),
    verify,
    again: (blob) => accepted?.equals(blob) ?? null,
  })
}

/** What is known beforehand: the files, and whether this run has accepted a key, so that no other one is asked about. */
type Known = { readonly entries: readonly KnownHost[]; readonly decided: boolean }

async function judge(target: Target, ask: Ask, { entries, decided }: Known, blob: Buffer): Promise<Result<void>> {
  const policy = target.policy ?? DEFAULT_POLICY
  const revocation = await refusedKey(target, policy, blob)
  if (revocation !== null) return fail(revocation)
  const names = namesOf(target)
  const [name = target.host] = names
  const verdict = judgeHostKey(entries, names, blob)
  if (verdict.state === 'known') return ok(undefined)
  if (verdict.state !== 'unknown') {
    const { state, file, line } = verdict
    return fail(state === 'changed' ? changed(target, name, blob, file, line) : revoked(target, file, line))
  }
  if (decided) return ok(undefined)
  if (verdict.certAuthority) return fail(certificateOnly(target))
  if (policy.unknownHostKey === 'refuse')
    return fail(refusedUnknown(target, blob, say`StrictHostKeyChecking of ssh_config says yes`))
  const [file] = target.knownHostsFiles
  if (policy.unknownHostKey === 'ask') {
    if (policy.batch) return fail(refusedUnknown(target, blob, say`BatchMode of ssh_config forbids to ask`))
    const answer = await ask({
      kind: 'host-key',
      host: place(target),
      keyType: typeOf(blob),
      fingerprint: safe(fingerprint(blob)),
      file: safe(file ?? 'nowhere'),
    })
    if (answer?.[0] !== 'yes') return fail(cancelled(say`The key of ${place(target)} was not trusted.`))
  }
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

/** Why a key must not be used, whoever listed it; null where nothing speaks against it. */
async function refusedKey(target: Target, policy: LoginPolicy, blob: Buffer): Promise<HostError | null> {
  const bits = rsaBits(blob)
  if (bits !== null && bits < policy.requiredRsaSize) return tooShort(target, bits, policy.requiredRsaSize)
  if (policy.revokedHostKeys === null) return null
  const listed = await isRevoked(policy.revokedHostKeys, blob)
  if (!listed.ok) return unreadable(listed.error)
  return listed.value ? revokedBy(target, policy.revokedHostKeys) : null
}
