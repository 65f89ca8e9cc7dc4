import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fail, ok, type Result } from '../model/errors.ts'
import { matchesPattern } from '../model/pattern.ts'

/**
 * known_hosts as sshd(8), SSH_KNOWN_HOSTS FILE FORMAT, has it: plain names, comma lists, wildcards, negation, hashed
 * names, `[host]:port`, @revoked and @cert-authority, over several files.
 */
export type KnownHost = {
  readonly marker: 'revoked' | 'cert-authority' | null
  /** The names field, as written. */
  readonly names: string
  /** ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256, … */
  readonly type: string
  /** The public key blob, base64. */
  readonly key: string
  readonly file: string
  readonly line: number
}

/** What the files say of one offered key. */
export type HostKeyVerdict =
  | { readonly state: 'known' }
  | {
      readonly state: 'unknown' /** A certificate authority is listed for this host; certificates can't be checked here. */
      readonly certAuthority: boolean
    }
  | { readonly state: 'changed' | 'revoked'; readonly file: string; readonly line: number }

const LINE = /^[ \t]*(?:@(\S+)[ \t]+)?(\S+)[ \t]+(\S+)[ \t]+([A-Za-z0-9+/]+=*)(?:[ \t].*)?$/

/** The entries of one file's text; lines that are comments or malformed are passed over, as ssh(1) does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  const entries: KnownHost[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '')
    if (/^[ \t]*(#|$)/.test(line)) continue
    const [, marker, names, type, key] = LINE.exec(line) ?? []
    if (names === undefined || type === undefined || key === undefined) continue
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') continue
    entries.push({ marker: marker ?? null, names, type, key, file, line: index + 1 })
  }
  return entries
}

/** The name a host is listed under: bare at port 22, else `[host]:port`; always lower case. */
export const hostName = (host: string, port: number): string => (port === 22 ? host : `[${host}]:${port}`).toLowerCase()

const hash = (salt: Buffer, name: string): Buffer => createHmac('sha1', salt).update(name).digest()

function matchesHashed(names: string, name: string): boolean {
  const [, version, salt, digest] = names.split('|')
  if (version !== '1' || salt === undefined || digest === undefined) return false
  const expected = Buffer.from(digest, 'base64')
  const actual = hash(Buffer.from(salt, 'base64'), name)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** Whether a names field covers `name`; a negated pattern that matches beats every other. */
export function matchesNames(names: string, name: string): boolean {
  if (names.startsWith('|')) return matchesHashed(names, name)
  let matched = false
  for (const item of names.toLowerCase().split(',')) {
    const negated = item.startsWith('!')
    if (!matchesPattern(name, negated ? item.slice(1) : item)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

/** Entries for one name. */
export const entriesFor = (entries: readonly KnownHost[], name: string): readonly KnownHost[] =>
  entries.filter((entry) => matchesNames(entry.names, name))

/** The type at the front of a public key blob (RFC 4253, 6.6). */
export function keyType(blob: Buffer): string {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0
  return blob.toString('latin1', 4, Math.min(4 + length, blob.length))
}

/** The length of an RSA key's modulus in bits (RFC 4253, 6.6); null for keys of other types. */
export function rsaBits(blob: Buffer): number | null {
  if (keyType(blob) !== 'ssh-rsa') return null
  let at = 0
  for (let skipped = 0; skipped < 2; skipped++) at += 4 + (at + 4 <= blob.length ? blob.readUInt32BE(at) : 0)
  const length = at + 4 <= blob.length ? blob.readUInt32BE(at) : 0
  const modulus = blob.subarray(at + 4, at + 4 + length)
  const first = modulus.findIndex((byte) => byte !== 0)
  return first < 0 ? 0 : (modulus.length - first) * 8 - (Math.clz32(modulus[first] ?? 0) - 24)
}

/** `SHA256:…` without padding, as `ssh-keygen -l` prints it. */
export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

/**
 * Judges an offered key for the names a host goes by, the first being the one it is listed under. The others (a
 * host on another port, listed without it) can only make it known, as in ssh(1).
 */
export function judgeHostKey(entries: readonly KnownHost[], names: readonly string[], blob: Buffer): HostKeyVerdict {
  const key = blob.toString('base64')
  const type = keyType(blob)
  const [name = '', ...others] = names
  const mine = entriesFor(entries, name)
  const anywhere = [...mine, ...others.flatMap((other) => entriesFor(entries, other))]
  const revoked = anywhere.find((entry) => entry.marker === 'revoked' && entry.key === key)
  if (revoked !== undefined) return { state: 'revoked', file: revoked.file, line: revoked.line }
  const plain = mine.filter((entry) => entry.marker === null && entry.type === type)
  if (plain.some((entry) => entry.key === key)) return { state: 'known' }
  const [other] = plain
  if (other !== undefined) return { state: 'changed', file: other.file, line: other.line }
  if (anywhere.some((entry) => entry.marker === null && entry.key === key)) return { state: 'known' }
  return { state: 'unknown', certAuthority: mine.some((entry) => entry.marker === 'cert-authority') }
}

const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/** Host key algorithms this client can verify, best first; no SHA-1. */
export const HOST_KEY_ALGORITHMS: readonly string[] = Object.values(ALGORITHMS).flat()

/** The host key algorithms that a key of one of these types signs with, best first; all where the types are none of ours. */
export function algorithmsOf(types: ReadonlySet<string>): readonly string[] {
  const known = Object.entries(ALGORITHMS).flatMap(([type, algorithms]) => (types.has(type) ? algorithms : []))
  return known.length > 0 ? known : HOST_KEY_ALGORITHMS
}

/**
 * The host key algorithms to offer: where keys are known exactly those of their types, else all. Asking for another type
 * than the known one would make a genuine server look changed.
 */
export const preferredAlgorithms = (entries: readonly KnownHost[], name: string): readonly string[] =>
  algorithmsOf(new Set(entriesFor(entries, name).flatMap(({ marker, type }) => (marker === null ? [type] : []))))

/** Why a file could not be read; a file that is not there is no reason. */
export type Unreadable = { readonly file: string; readonly reason: string }

/** Reads all files. One that is there but can't be read fails the whole: an entry that matters may be in it. */
export async function readKnownHosts(files: readonly string[]): Promise<Result<readonly KnownHost[], Unreadable>> {
  const entries: KnownHost[] = []
  for (const file of files) {
    try {
      entries.push(...parseKnownHosts(await readFile(file, 'utf8'), file))
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') return fail({ file, reason: code ?? message })
    }
  }
  return ok(entries)
}

/** One line for a key; the name hashed as HashKnownHosts has it when asked. */
export function knownHostLine(name: string, blob: Buffer, hashed: boolean): string {
  const salt = randomBytes(20)
  const names = hashed ? `|1|${salt.toString('base64')}|${hash(salt, name).toString('base64')}` : name
  return `${names} ${keyType(blob)} ${blob.toString('base64')}`
}

/** Appends a key the operator has trusted; makes the directory 0700 and the file 0600 where they are missing. */
export async function appendKnownHost(file: string, line: string): Promise<Result<void, Unreadable>> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const handle = await open(file, 'a+', 0o600)
    try {
      const { size } = await handle.stat()
      const last = Buffer.alloc(1)
      if (size > 0) await handle.read(last, 0, 1, size - 1)
      // Someone's editor may have left the last line open; ours must not be glued to it.
      const glue = size > 0 && last[0] !== 10 ? '\n' : ''
      await handle.appendFile(`${glue}${line}\n`)
    } finally {
      await handle.close()
    }
    return ok(undefined)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return fail({ file, reason: code ?? message })
  }
}
