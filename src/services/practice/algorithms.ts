import type { Algorithms } from 'ssh2'

/** What ssh2 can do beside what sshd may be told to offer (its constants.js). */
const KNOWN: Readonly<Record<'kex' | 'cipher' | 'hmac', RegExp>> = {
  kex: /^(?:curve25519-sha256(?:@libssh\.org)?|ecdh-sha2-nistp(?:256|384|521)|diffie-hellman-group(?:-exchange-sha(?:1|256)|1-sha1|14-sha(?:1|256)|1[5-8]-sha512))$/,
  cipher:
    /^(?:aes(?:128|192|256)-(?:ctr|cbc)|aes(?:128|256)-gcm@openssh\.com|chacha20-poly1305@openssh\.com|3des-cbc)$/,
  hmac: /^hmac-(?:sha2-(?:256|512)(?:-etm@openssh\.com)?|sha1(?:-etm@openssh\.com|-96)?|md5(?:-96)?)$/,
}

/** What sshd offers on the wire, in its order, by what `sshd -T` prints. */
export function algorithmsFrom(settings: string): Algorithms {
  const list = (of: keyof typeof KNOWN, keyword: string): Algorithms => {
    const names = new RegExp(`^${keyword} (.*)$`, 'm').exec(settings)?.[1]?.split(',') ?? []
    const known = names.filter((name) => KNOWN[of]?.test(name))
    return known.length > 0 ? ({ [of]: known } as Algorithms) : {}
  }
  return { ...list('kex', 'kexalgorithms'), ...list('cipher', 'ciphers'), ...list('hmac', 'macs') }
}
