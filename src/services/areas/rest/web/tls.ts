import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { WebFacts } from '../facts.ts'

/** Older than RFC 8996 has it. */
const OLD = ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1'] as const
const NEW = ['TLSv1.2', 'TLSv1.3'] as const

/** What SSLProtocol permits (ssl_cmd_protocol_parse of mod_ssl): a name alone is in place of those before it. */
export function protocolsOf(words: readonly string[]): ReadonlySet<string> {
  let on = new Set<string>()
  for (const word of words) {
    const sign = /^[+-]/.test(word) ? word[0] : ''
    const name = word.slice(sign === '' ? 0 : 1).toLowerCase()
    const meant = [...OLD, ...NEW].filter(
      (one) => one.toLowerCase() === name || (name === 'all' && !one.startsWith('SSL')),
    )
    if (sign === '') on = new Set()
    for (const one of meant) sign === '-' ? on.delete(one) : on.add(one)
  }
  return on
}

/** A server that speaks TLS, as its configuration has it. */
export type TlsHost = {
  readonly permitted: ReadonlySet<string>
  readonly ciphers: string
  readonly lines: readonly Safe[]
}

const MORE = say`it tells OpenSSL more than is understood here`

/** OpenSSL of 3.0 on: what is older than TLS 1.2 works at security level 0 alone (its CHANGES, 3.0.0). */
type Library = 'refuses' | 'permits' | { readonly why: Safe }

function libraryOf(openssl: WebFacts['openssl'], said: string | null): Library {
  if (!openssl) return { why: say`which OpenSSL it has was not read` }
  const own = /running with OpenSSL (\d+)\./.exec(said ?? '')?.[1] ?? /^OpenSSL (\d+)\./.exec(said ?? '')?.[1]
  const majors = own === undefined ? openssl.libraries.map((name) => Number(name.split('.')[0])) : [Number(own)]
  if (majors.length === 0) return { why: say`which OpenSSL it has is not known` }
  if (openssl.decided) return { why: openssl.decided }
  const zero = openssl.levels.find((line) => /SECLEVEL\s*=\s*0/i.test(line))
  if (zero) return { why: say`openssl.cnf has security level 0 somewhere: ${zero}` }
  if (majors.every((one) => one >= 3)) return 'refuses'
  return majors.every((one) => one < 3) ? 'permits' : { why: say`there are several versions of OpenSSL` }
}

/**
 * Whether old versions of TLS get through. Settings that keep them out are enough; where those permit them, OpenSSL may
 * still refuse them. `command`: a line by which the server tells OpenSSL more than is understood here.
 */
export function ofProtocols(
  hosts: readonly TlsHost[],
  openssl: WebFacts['openssl'],
  command: Safe | null,
  said: string | null = null,
): Verdict {
  if (hosts.length === 0) return { outcome: 'notapplicable', observed: say`it speaks no TLS` }
  const old = hosts.filter(({ permitted }) => OLD.some((one) => permitted.has(one)))
  const details = [
    ...new Set((old.length > 0 ? old : hosts).flatMap(({ lines }) => lines)),
    ...(command ? [command] : []),
  ]
  if (old.length === 0)
    return command
      ? { outcome: 'unknown', observed: MORE, details }
      : { outcome: 'pass', observed: say`TLS 1.2 and later alone`, details }
  const names = OLD.filter((one) => old.some(({ permitted }) => permitted.has(one))).join(', ')
  // What the first of several hosts on one address permits holds for the others too.
  if (old.length < hosts.length)
    return { outcome: 'unknown', observed: say`some hosts permit ${safe(names)}, others not`, details }
  const zero = old.some(({ ciphers }) => /@SECLEVEL=0/i.test(ciphers))
  const library = libraryOf(openssl, said)
  if (zero || library === 'permits') return { outcome: 'fail', observed: say`permits ${safe(names)}`, details }
  const why = library === 'refuses' ? (command ? MORE : null) : library.why
  if (why) return { outcome: 'unknown', observed: say`permits ${safe(names)}; ${why}`, details }
  return {
    outcome: 'pass',
    observed: say`OpenSSL refuses ${safe(names)}`,
    details: [...details, say`OpenSSL 3 has them at security level 0 alone, which nothing sets`],
  }
}
