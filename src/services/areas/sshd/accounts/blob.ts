import { createHash, ECDH } from 'node:crypto'
import type { KeyKind, PublicKey } from '../../../model/account-facts.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'

type Type = { readonly kind: KeyKind; readonly curve?: string; readonly plain: string; readonly certificate: boolean }

const PLAIN: readonly (readonly [name: string, kind: KeyKind, curve?: string])[] = [
  ['ssh-rsa', 'rsa'],
  ['ssh-dss', 'dsa'],
  ['ssh-ed25519', 'ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa', 'nistp256'],
  ['ecdsa-sha2-nistp384', 'ecdsa', 'nistp384'],
  ['ecdsa-sha2-nistp521', 'ecdsa', 'nistp521'],
  ['sk-ssh-ed25519@openssh.com', 'ed25519-sk'],
  ['sk-ecdsa-sha2-nistp256@openssh.com', 'ecdsa-sk', 'nistp256'],
]

/** The name of its certificate: `ssh-rsa-cert-v01@openssh.com` (PROTOCOL.certkeys of OpenSSH). */
const certificateOf = (name: string): string => `${name.replace('@openssh.com', '')}-cert-v01@openssh.com`

const TYPES = new Map<string, Type>([
  ...PLAIN.flatMap(([name, kind, curve]): (readonly [string, Type])[] => {
    const type = { kind, plain: name, ...(curve === undefined ? {} : { curve }) }
    return [
      [name, { ...type, certificate: false }],
      [certificateOf(name), { ...type, certificate: true }],
    ]
  }),
  // Names of signatures, by which sshd and ssh-keygen know the key as well.
  ...['rsa-sha2-256', 'rsa-sha2-512'].map((name): readonly [string, Type] => [
    name,
    { kind: 'rsa', plain: 'ssh-rsa', certificate: false },
  ]),
])

/** By curve: its bits, and its name in OpenSSL. */
const CURVES: Readonly<Record<string, readonly [bits: number, openssl: string]>> = {
  nistp256: [256, 'prime256v1'],
  nistp384: [384, 'secp384r1'],
  nistp521: [521, 'secp521r1'],
}

/** Reads a key by its name and its blob in base64; else says in words what is wrong with it. */
export function readPublicKey(name: string, coded: string): PublicKey | Safe {
  const type = TYPES.get(name)
  if (!type) return name === '' ? say`it is empty` : say`${safe(name, 40)} is no type of key`
  if (coded === '') return say`no key stands behind its type`
  const blob = fromStrictBase64(coded)
  if (!blob) return say`the key is no base64`
  const reader = createReader(blob)
  const inner = TYPES.get(reader.text())
  if (!inner || inner.plain !== type.plain || inner.certificate !== type.certificate)
    return say`the key is of another type than the line says`
  if (type.certificate) reader.string()
  const from = reader.at()
  const bits = bitsOf(type, reader)
  const to = reader.at()
  if (type.certificate) skipCertificate(reader)
  if (bits === null || !reader.isDone()) return say`the key is broken`
  const plain = Buffer.concat([sized(type.plain), blob.subarray(from, to)])
  const sum = createHash('sha256').update(plain).digest('base64').replace(/=+$/, '')
  return { type: name, kind: type.kind, certificate: type.certificate, bits, fingerprint: `SHA256:${sum}` }
}

function sized(text: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, Buffer.from(text, 'latin1')])
}

/** As OpenSSH decodes it: blanks anywhere, padding as it must be, nothing else. */
function fromStrictBase64(coded: string): Buffer | null {
  const bare = coded.replace(/[\r\n\v\f]/g, '')
  const blob = Buffer.from(bare, 'base64')
  return blob.length > 0 && blob.toString('base64') === bare ? blob : null
}

function bitsOf(type: Type, reader: Reader): number | null {
  if (type.kind === 'rsa') {
    const exponent = reader.number()
    const modulus = reader.number()
    return exponent === null ? null : modulus
  }
  if (type.kind === 'dsa') {
    const [p, q, g, y] = [reader.number(), reader.number(), reader.number(), reader.number()]
    return q === null || g === null || y === null ? null : p
  }
  if (type.curve !== undefined) {
    const curve = CURVES[type.curve]
    if (reader.text() !== type.curve || !curve || !isOnCurve(reader.string(), curve[1])) return null
    return type.kind === 'ecdsa-sk' && reader.string() === null ? null : curve[0]
  }
  if (reader.string()?.length !== 32) return null
  return type.kind === 'ed25519-sk' && reader.string() === null ? null : 256
}

function isOnCurve(point: Buffer | null, curve: string): boolean {
  // Points are not compressed (RFC 5656 section 3.1).
  if (point?.[0] !== 4) return false
  try {
    ECDH.convertKey(point, curve)
    return true
  } catch {
    return false
  }
}

/** What stands behind the key: serial, type, id, principals, times, options, a reserved field, the authority, its signature. */
function skipCertificate(reader: Reader): void {
  reader.skip(8 + 4)
  reader.string()
  reader.string()
  reader.skip(8 + 8)
  for (let field = 0; field < 5; field++) reader.string()
}

type Reader = ReturnType<typeof createReader>

/** Reads fields of RFC 4251 section 5; once one does not fit, nothing after it does. */
function createReader(blob: Buffer) {
  let at = 0
  let whole = true
  const take = (length: number): Buffer | null => {
    if (!whole || length > blob.length - at) {
      whole = false
      return null
    }
    at += length
    return blob.subarray(at - length, at)
  }
  const string = (): Buffer | null => {
    const length = take(4)
    return length ? take(length.readUInt32BE()) : null
  }
  return {
    at: () => at,
    isDone: () => whole && at === blob.length,
    skip: (length: number): void => {
      take(length)
    },
    string,
    text: (): string => string()?.toString('latin1') ?? '',
    /** The bits of an mpint; null where it is negative, longer than OpenSSH reads (16384 bits), or none. */
    number: (): number | null => {
      const bytes = string()
      if (!bytes || (bytes[0] ?? 0) >= 0x80) return null
      const first = bytes.findIndex((byte) => byte !== 0)
      const digits = first < 0 ? Buffer.alloc(0) : bytes.subarray(first)
      if (digits.length > 16384 / 8) return null
      return digits.length === 0 ? 0 : digits.length * 8 - Math.clz32(digits[0] as number) + 24
    },
  }
}
