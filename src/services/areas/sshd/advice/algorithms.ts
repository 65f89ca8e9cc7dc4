import { safe, say } from '../../../model/safe.ts'
import type { Row, Situation } from './row.ts'

/** What this console can speak, by the keyword that must leave some of it; held against its own connection by a test. */
export const SPOKEN: Readonly<Record<string, readonly string[]>> = {
  KexAlgorithms: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  Ciphers: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ],
  MACs: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
}

const KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]
const NAME = /^[A-Za-z0-9@._-]+$/
const WEAK_KEY = /^ssh-(?:rsa|dss)(?:-cert-v0[01]@openssh\.com)?$/
const RED_HAT = /Red Hat|CentOS|Rocky|Alma|Oracle|Fedora|Amazon/i

const namesIn = (values: readonly string[]): readonly string[] => values.flatMap((value) => value.split(','))

/**
 * The effective list without what is weak. None where nothing would be left that the console speaks, or where RSA keys
 * would have no signature left: theirs are ssh-rsa with SHA-1, and rsa-sha2-* without.
 */
function without(weak: RegExp, spoken: readonly string[]) {
  return ({ values, host }: Situation): readonly string[] | null => {
    const names = namesIn(values)
    const left = names.filter((name) => !weak.test(name))
    // A list that was cut on its way, or isn't one.
    if (!names.every((name) => NAME.test(name))) return null
    // There the crypto policy writes these lists (crypto-policies(7)).
    if (RED_HAT.test(host.os)) return null
    const rsa = names.includes('ssh-rsa') && !left.some((name) => /^rsa-sha2-(?:256|512)$/.test(name))
    return rsa || !left.some((name) => spoken.includes(name)) ? null : [left.join(',')]
  }
}

const RED_HAT_OR_NOTHING =
  'only what is weak would go, and too little would be left for this console or for RSA keys; on Red Hat’s kind it is the crypto policy’s: update-crypto-policies(8)'

type About = Pick<
  Row,
  'keyword' | 'severity' | 'title' | 'expected' | 'rationale' | 'references' | 'risk' | 'riskWhy' | 'of'
>

const row = (weak: RegExp, about: About): Row => ({
  ...about,
  accepts: (values) => values.length > 0 && !namesIn(values).some((name) => weak.test(name)),
  shown: (values) => {
    const names = namesIn(values)
    const found = names.filter((name) => weak.test(name))
    return found.length > 0 ? say`weak: ${safe(found.join(', '))}` : say`${names.length}, none of them weak`
  },
  advised: without(weak, SPOKEN[about.keyword] ?? KEY_TYPES),
  noFix: RED_HAT_OR_NOTHING,
})

const OLD_CLIENTS =
  'clients that speak nothing better are refused; only what is weak goes, and a new login must get in before the change stays.'

/** What a connection and its keys are made of. */
export const ALGORITHM_ROWS: readonly Row[] = [
  row(/-sha1(?:[-@]|$)/, {
    keyword: 'KexAlgorithms',
    of: 'server',
    severity: 'medium',
    title: 'Weak key exchanges are offered',
    expected: 'none with SHA-1',
    rationale:
      'Who records a connection with an old group may read it one day; a client that can do better may be talked down to it.',
    references: ['CIS 5.1.12', 'Mozilla OpenSSH', 'ssh-audit', 'sshd_config(5)'],
    risk: 'medium',
    riskWhy: OLD_CLIENTS,
  }),
  row(/-cbc|^arcfour|^3des|^blowfish|^cast128|^des/, {
    keyword: 'Ciphers',
    of: 'server',
    severity: 'medium',
    title: 'Weak ciphers are offered',
    expected: 'none with CBC, RC4, 3DES, Blowfish or CAST',
    rationale: 'CBC lets parts of a connection be guessed, RC4 and ciphers of 64-bit blocks are broken.',
    references: ['CIS 5.1.6', 'Mozilla OpenSSH', 'ssh-audit', 'sshd_config(5)'],
    risk: 'medium',
    riskWhy: OLD_CLIENTS,
  }),
  row(/md5|sha1|ripemd|umac-64|-96/, {
    keyword: 'MACs',
    of: 'server',
    severity: 'low',
    title: 'Weak message codes are offered',
    expected: 'none with MD5, SHA-1, or tags of less than 128 bits',
    rationale:
      'They guard against changes on the way; these are short or of a broken hash. Nobody has forged one in a connection yet.',
    references: ['CIS 5.1.15', 'Mozilla OpenSSH', 'ssh-audit', 'sshd_config(5)'],
    risk: 'medium',
    riskWhy: OLD_CLIENTS,
  }),
  row(WEAK_KEY, {
    keyword: 'HostKeyAlgorithms',
    of: 'server',
    severity: 'medium',
    title: 'The host proves itself by weak signatures',
    expected: 'none by DSA, or by RSA with SHA-1',
    rationale:
      'Who can forge a signature can stand for this host. RSA keys stay: rsa-sha2-256 and rsa-sha2-512 are theirs too.',
    references: ['Mozilla OpenSSH', 'ssh-audit', 'OpenSSH 8.8 release notes', 'sshd_config(5)'],
    risk: 'medium',
    riskWhy: OLD_CLIENTS,
  }),
  row(WEAK_KEY, {
    keyword: 'PubkeyAcceptedAlgorithms',
    severity: 'medium',
    title: 'Weak signatures of users’ keys count',
    expected: 'none by DSA, or by RSA with SHA-1',
    rationale:
      'Who can forge a signature can log in. RSA keys stay: their owners’ clients sign with rsa-sha2-256 or rsa-sha2-512.',
    references: ['ssh-audit', 'OpenSSH 8.8 release notes', 'sshd_config(5)'],
    risk: 'high',
    riskWhy:
      'DSA keys, and RSA keys of clients before 7.2, let nobody in any more; a new login must get in before the change stays.',
  }),
  row(WEAK_KEY, {
    keyword: 'CASignatureAlgorithms',
    severity: 'low',
    title: 'Weak signatures of authorities count',
    expected: 'none by DSA, or by RSA with SHA-1',
    rationale: 'Who can forge the signature of a certificate authority can make a certificate for anybody.',
    references: ['ssh-audit', 'OpenSSH 8.2 release notes', 'sshd_config(5)'],
    risk: 'medium',
    riskWhy:
      'certificates that were signed that way let nobody in any more; a new login must get in before the change stays.',
  }),
  {
    keyword: 'RequiredRSASize',
    severity: 'low',
    title: 'Short RSA keys count',
    expected: '3072 or more',
    rationale: 'Keys of 1024 bits can be broken by those who can afford it; 2048 are called enough until about 2030.',
    references: ['ssh-audit', 'NIST SP 800-57', 'sshd_config(5)'],
    accepts: ([value]) => Number(value) >= 3072,
    risk: 'high',
    riskWhy:
      'shorter RSA keys, of users and of the host, don’t count any more, yours too if it is one; a new login must get in before the change stays.',
    advised: ['3072'],
  },
]
