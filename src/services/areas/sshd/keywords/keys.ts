import { say } from '../../../model/safe.ts'
import { choice, number, path, secondsOf, words } from './formats.ts'
import { type Format, IN_MATCH, type Keyword, keyword, SEVERAL } from './keyword.ts'
import { algorithms, untilSilent } from './lists.ts'
import { wordsOf } from './words.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** Bytes as scan_scaled(3) reads them; null for what is no number. */
function bytesOf(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)$/i.exec(text)
  return match ? Math.floor(Number(match[1]) * (UNITS[(match[2] ?? '').toUpperCase()] ?? 1)) : null
}

const rekey: Format = {
  of: 'text',
  choices: [{ value: 'default none', means: 'by the cipher’s own limit, whatever the time' }],
  check: (value) => {
    const wrong = words(() => null).check(value)
    if (wrong) return wrong
    const [data = '', interval = 'none', more] = wordsOf(value).words
    const bytes = bytesOf(data)
    if (data !== 'default' && bytes === null) return say`it begins with default or bytes, like 1G`
    if (bytes !== null && bytes !== 0 && bytes < 16) return say`16 bytes is the least`
    if (interval !== 'none' && secondsOf(interval) === null) return say`behind the bytes comes none or a time, like 1h`
    return more === undefined ? null : say`it takes bytes and a time, no more`
  },
  printed: (value) => {
    const [data = '', interval = 'none'] = wordsOf(value).words
    return [`${bytesOf(data) ?? 0} ${secondsOf(interval) ?? 0}`]
  },
}

/** Host keys, certificates and algorithms (sshd_config(5)). */
export const KEYS: readonly Keyword[] = [
  keyword(
    'HostKey',
    'A private host key, or a public one whose private half an agent has; several lines add up.',
    path(),
    { ...SEVERAL, also: ['HostDSAKey'] },
  ),
  keyword('HostCertificate', 'A certificate of a host key; several lines add up.', path(), {
    ...SEVERAL,
    since: '5.4',
  }),
  keyword(
    'HostKeyAgent',
    'The socket of an agent that has the private host keys.',
    path({ none: 'no agent is asked', words: [{ value: 'SSH_AUTH_SOCK', means: 'as that variable says' }] }),
    { since: '6.3' },
  ),
  keyword('HostKeyAlgorithms', 'By which signatures the host proves itself.', algorithms({ patterns: true }), {
    since: '7.0',
  }),
  keyword('KexAlgorithms', 'How the keys of a connection are agreed on.', algorithms(), { since: '5.7' }),
  keyword('Ciphers', 'What encrypts a connection.', algorithms()),
  keyword('MACs', 'What guards a connection against changes on its way.', algorithms()),
  keyword('PubkeyAcceptedAlgorithms', 'Which signatures of users’ keys count.', algorithms({ patterns: true }), {
    ...IN_MATCH,
    also: ['PubkeyAcceptedKeyTypes'],
    since: '8.5',
    before: 'PubkeyAcceptedKeyTypes',
  }),
  keyword(
    'HostbasedAcceptedAlgorithms',
    'Which signatures of other hosts count for host-based logins.',
    algorithms({ patterns: true }),
    { ...IN_MATCH, also: ['HostbasedAcceptedKeyTypes'], since: '8.5', before: 'HostbasedAcceptedKeyTypes' },
  ),
  keyword(
    'CASignatureAlgorithms',
    'By which signatures a certificate authority may sign.',
    algorithms({ patterns: true }),
    { ...IN_MATCH, since: '7.9' },
  ),
  keyword(
    'TrustedUserCAKeys',
    'Keys of authorities whose certificates let users in.',
    path({ none: 'no authority is trusted' }),
    { ...IN_MATCH, since: '5.4' },
  ),
  keyword(
    'RevokedKeys',
    'Keys that let nobody in; where the file can’t be read, no key does.',
    untilSilent('10.1', path({ none: 'no key is revoked' })),
    { ...IN_MATCH, since: '5.4' },
  ),
  keyword('RequiredRSASize', 'The least bits of an RSA key that counts, of users and hosts.', number(), {
    ...IN_MATCH,
    since: '9.1',
  }),
  keyword(
    'SecurityKeyProvider',
    'The library that talks to security keys.',
    path({ words: [{ value: 'internal', means: 'sshd’s own' }] }),
    { since: '8.2' },
  ),
  keyword('ModuliFile', 'The groups that a Diffie-Hellman exchange may use (moduli(5)).', path(), { since: '8.6' }),
  keyword('RekeyLimit', 'After how many bytes, and how long, a connection agrees on new keys: like 1G 1h.', rekey, {
    ...IN_MATCH,
    since: '6.3',
  }),
  keyword(
    'FingerprintHash',
    'What fingerprints of keys in the log are made with.',
    choice(
      [
        { value: 'sha256', means: 'as ssh prints them' },
        { value: 'md5', means: 'as ssh printed them before 6.8' },
      ],
      { old: ['sha1', 'sha384', 'sha512'], prints: (value) => value.toUpperCase() },
    ),
    { since: '6.8', firstSince: 'never' },
  ),
]
