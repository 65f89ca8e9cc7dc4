import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const ROUNDS = 5000
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SIZE = 64

const sha512 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** So many bytes of a digest that is repeated. */
const filled = (digest: Buffer, length: number): Buffer =>
  Buffer.concat([...Array.from({ length: Math.floor(length / SIZE) }, () => digest), digest.subarray(0, length % SIZE)])

/** A password's hash as crypt(5) has it, `$6$SALT$HASH` (Drepper, “Unix crypt using SHA-256 and SHA-512”), 5000 rounds. */
export function sha512crypt(password: string, salt: string): string {
  const [key, grain] = [Buffer.from(password), Buffer.from(salt)]
  const other = sha512(key, grain, key)
  const bits: Uint8Array[] = []
  for (let left = key.length; left > 0; left >>= 1) bits.push(left & 1 ? other : key)
  let digest = sha512(key, grain, filled(other, key.length), ...bits)
  const p = filled(sha512(...Array.from(key, () => key)), key.length)
  const s = filled(sha512(...Array.from({ length: 16 + (digest[0] as number) }, () => grain)), grain.length)
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1
    const middle = [...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p])]
    digest = odd ? sha512(p, ...middle, digest) : sha512(digest, ...middle, p)
  }
  return `$6$${salt}$${encoded(digest)}`
}

/** In the order of the scheme: three bytes that lie 21 apart, turned by one from group to group, and the last one alone. */
function encoded(digest: Buffer): string {
  const at = (index: number): number => digest[index] as number
  let text = ''
  const add = (value: number, signs: number): void => {
    for (let sign = 0; sign < signs; sign++) text += ALPHABET[(value >> (6 * sign)) & 63]
  }
  for (let group = 0; group < 21; group++) {
    const [a, b, c] = [group, group + 21, group + 42]
    const turned = group % 3 === 0 ? [a, b, c] : group % 3 === 1 ? [b, c, a] : [c, a, b]
    const [high, middle, low] = turned.map(at) as [number, number, number]
    add((high << 16) | (middle << 8) | low, 4)
  }
  add(at(63), 2)
  return text
}

/** A new hash of a password, with a salt of its own. */
export const newHash = (password: string): string =>
  sha512crypt(password, [...randomBytes(16)].map((byte) => ALPHABET[byte & 63]).join(''))

/** Whether a password is the one of a hash in shadow(5). Of other schemes than sha512crypt none is known here. */
export function isPassword(password: string, hash: string): boolean {
  const [, salt] = /^\$6\$([^$:]{1,16})\$[^$:]+$/.exec(hash) ?? []
  if (salt === undefined) return false
  const made = Buffer.from(sha512crypt(password, salt))
  const wanted = Buffer.from(hash)
  return made.length === wanted.length && timingSafeEqual(made, wanted)
}
