import { createDecipheriv, createHash } from 'node:crypto'

/**
 * Encrypted OpenSSH private keys (PROTOCOL.key of OpenSSH). ssh2 can read them too, but derives the key on the main
 * thread in one go: 0.4 s at the usual 16 rounds, 2 s at 100, with the screen dead. Here the derivation breathes
 * between rounds (about 12 ms each), so keys are answered and the countdown goes on.
 */
export type SealedKey = {
  readonly cipher: string
  readonly salt: Buffer
  readonly rounds: number
  /** The public key's blob; it is never encrypted. */
  readonly publicBlob: Buffer
  readonly secret: Buffer
  /** Authentication tag of the GCM ciphers, else empty. */
  readonly tag: Buffer
}

type CipherShape = { readonly name: string; readonly key: number; readonly iv: number; readonly tag: number }

const CIPHERS: Readonly<Record<string, CipherShape>> = {
  'aes128-ctr': { name: 'aes-128-ctr', key: 16, iv: 16, tag: 0 },
  'aes192-ctr': { name: 'aes-192-ctr', key: 24, iv: 16, tag: 0 },
  'aes256-ctr': { name: 'aes-256-ctr', key: 32, iv: 16, tag: 0 },
  'aes128-cbc': { name: 'aes-128-cbc', key: 16, iv: 16, tag: 0 },
  'aes192-cbc': { name: 'aes-192-cbc', key: 24, iv: 16, tag: 0 },
  'aes256-cbc': { name: 'aes-256-cbc', key: 32, iv: 16, tag: 0 },
  'aes128-gcm@openssh.com': { name: 'aes-128-gcm', key: 16, iv: 12, tag: 16 },
  'aes256-gcm@openssh.com': { name: 'aes-256-gcm', key: 32, iv: 12, tag: 16 },
}

const MAGIC = 'openssh-key-v1\0'
// A hostile or broken file must not keep us busy for hours; ssh-keygen -a 1000 takes 20 s here.
const MAX_ROUNDS = 2_000

const field = (data: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(data.length)
  return Buffer.concat([head, data])
}

/** Reads the length-prefixed strings of a blob; null past its end. */
function reader(data: Buffer, start: number) {
  let at = start
  const number = (): number | null => {
    if (at + 4 > data.length) return null
    at += 4
    return data.readUInt32BE(at - 4)
  }
  const string = (): Buffer | null => {
    const size = number()
    if (size === null || at + size > data.length) return null
    at += size
    return data.subarray(at - size, at)
  }
  return { number, string, rest: () => data.subarray(at) }
}

/** Takes an encrypted OpenSSH private key apart; null when the text is not one or uses what we do not know. */
export function openSealed(text: string): SealedKey | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+)-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[1]
  if (body === undefined) return null
  const data = Buffer.from(body, 'base64')
  if (data.toString('latin1', 0, MAGIC.length) !== MAGIC) return null
  const read = reader(data, MAGIC.length)
  const cipher = read.string()?.toString('latin1') ?? ''
  const kdf = read.string()?.toString('latin1')
  const options = read.string()
  const count = read.number()
  const publicBlob = read.string()
  const secret = read.string()
  if (kdf !== 'bcrypt' || options === null || count !== 1 || publicBlob === null || secret === null) return null
  const inner = reader(options, 0)
  const salt = inner.string()
  const rounds = inner.number()
  if (salt === null || rounds === null || rounds < 1 || rounds > MAX_ROUNDS || CIPHERS[cipher] === undefined)
    return null
  return { cipher, salt, rounds, publicBlob, secret, tag: read.rest() }
}

const sha512 = (...parts: readonly Buffer[]): Buffer => {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

type BcryptHash = (password: Uint8Array, salt: Uint8Array, out: Uint8Array) => void

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** bcrypt_pbkdf(3) of OpenBSD, giving way to the event loop after every hash. */
async function bcryptPbkdf(secret: Buffer, salt: Buffer, rounds: number, size: number): Promise<Buffer> {
  // @ts-expect-error the package, which ssh2 uses as well, has no types
  const hash = ((await import('bcrypt-pbkdf')).default as { readonly hash: BcryptHash }).hash
  const blocks = Math.ceil(size / 32)
  const key = Buffer.alloc(size)
  const hashed = sha512(secret)
  const block = Buffer.alloc(32)
  for (let count = 1; count <= blocks; count += 1) {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(count)
    const out = Buffer.alloc(32)
    for (let round = 0; round < rounds; round += 1) {
      hash(hashed, round === 0 ? sha512(salt, number) : sha512(block), block)
      for (let at = 0; at < 32; at += 1) out[at] = (out[at] ?? 0) ^ (block[at] ?? 0)
      await breathe()
    }
    // The blocks are woven into each other, byte by byte.
    for (let at = 0; at * blocks + count - 1 < size && at < 32; at += 1) key[at * blocks + count - 1] = out[at] ?? 0
  }
  return key
}

/** The same key without encryption, as text ssh2 can read; null when the passphrase is wrong. */
export async function unseal(key: SealedKey, passphrase: string): Promise<string | null> {
  const shape = CIPHERS[key.cipher]
  if (shape === undefined) return null
  const derived = await bcryptPbkdf(Buffer.from(passphrase, 'utf8'), key.salt, key.rounds, shape.key + shape.iv)
  const decipher = createDecipheriv(
    shape.name as 'aes-256-gcm',
    derived.subarray(0, shape.key),
    derived.subarray(shape.key),
  )
  decipher.setAutoPadding(false)
  let plain: Buffer
  try {
    if (shape.tag > 0) decipher.setAuthTag(key.tag.subarray(0, shape.tag))
    plain = Buffer.concat([decipher.update(key.secret), decipher.final()])
  } catch {
    return null
  }
  // Two equal check integers lead the plain text: PROTOCOL.key, section 3.
  if (plain.length < 8 || plain.readUInt32BE(0) !== plain.readUInt32BE(4)) return null
  const none = field(Buffer.from('none'))
  const one = Buffer.from([0, 0, 0, 1])
  const empty = field(Buffer.alloc(0))
  const blob = Buffer.concat([
    Buffer.from(MAGIC, 'latin1'),
    none,
    none,
    empty,
    one,
    field(key.publicBlob),
    field(plain),
  ])
  const lines = blob.toString('base64').replace(/.{70}/g, '$&\n')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}
