import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { ApacheFacts, Directive, WebFacts } from '../facts.ts'
import { anywhere, lineOf, named, small } from '../tree.ts'
import { pageVerdict } from './pages.ts'
import { ofProtocols, protocolsOf } from './tls.ts'

const NONE: Verdict = { outcome: 'notapplicable', observed: say`none of it is set up` }

/** Servers that answer: the virtual hosts, each over what is said outside of them, or the main one where there is none. */
export type ApacheHost = {
  readonly own: readonly Directive[]
  readonly main: readonly Directive[]
  readonly at: Directive | null
}

export function apacheHosts({ tree }: ApacheFacts): readonly ApacheHost[] {
  const hosts = named(tree, 'virtualhost')
  if (hosts.length === 0) return [{ own: [], main: tree, at: null }]
  return hosts.map((at) => ({ own: at.inside ?? [], main: tree, at }))
}

/** The last one of a name for a host: its own, else that of the main server. */
export const deciding = ({ own, main }: ApacheHost, name: string): Directive | null =>
  named(own, name).at(-1) ?? named(main, name).at(-1) ?? null

/** ServerTokens is one for the whole server, and Full where nothing sets it (core of Apache 2.4). */
export function apacheVersion({ tree }: ApacheFacts): Verdict {
  const tokens = named(tree, 'servertokens').at(-1) ?? null
  const own = [...anywhere(tree, 'secserversignature')].at(0)
  const details = [...(tokens ? [lineOf(tokens)] : []), ...[...anywhere(tree, 'serversignature')].map(lineOf)]
  if (own)
    return { outcome: 'unknown', observed: say`mod_security has its own word`, details: [lineOf(own), ...details] }
  const value = small(tokens?.words[0])
  if (/^prod(?:uctonly)?$/.test(value)) return { outcome: 'pass', observed: say`hidden`, details }
  return {
    outcome: 'fail',
    observed: tokens ? say`ServerTokens ${safe(tokens.words[0] ?? '', 40)}` : say`ServerTokens is not set, and Full`,
    details,
  }
}

/** Whether requests to a host may be answered by something else than its files. */
function elsewhere(host: ApacheHost): Directive | null {
  for (const all of [host.own, host.main])
    for (const name of ['redirect', 'redirectmatch', 'proxypass', 'proxypassmatch', 'rewriteengine'])
      for (const one of named(all, name)) if (name !== 'rewriteengine' || small(one.words[0]) === 'on') return one
  return null
}

/** Apache's own word where DirectoryIndex is not set. */
const INDEX = ['index.html']

export function apachePage(facts: ApacheFacts, pages: WebFacts['pages']): Verdict {
  return pageVerdict(
    apacheHosts(facts).map((host) => {
      const root = deciding(host, 'documentroot')
      return {
        folder: root?.words[0] ?? facts.documentRoot,
        // Each one adds to those before it, outside and inside.
        index: [...named(host.main, 'directoryindex'), ...named(host.own, 'directoryindex')].at(-1)?.words ?? INDEX,
        elsewhere: elsewhere(host),
        lines: [host.at, root].flatMap((one) => (one ? [lineOf(one)] : [])),
      }
    }),
    pages,
  )
}

/** What old versions of TLS hosts permit (mod_ssl): `all -SSLv3` where nothing is set. */
export function apacheTls(facts: ApacheFacts, openssl: WebFacts['openssl']): Verdict {
  const { tree, modules } = facts
  const other = [...anywhere(tree, 'gnutlsenable')].at(0)
  if (other)
    return { outcome: 'unknown', observed: say`TLS is mod_gnutls’s, which is not read`, details: [lineOf(other)] }
  if (!modules.has('ssl_module')) return NONE
  const hosts = apacheHosts(facts).filter((host) => {
    const engine = deciding(host, 'sslengine')
    return engine !== null && small(engine.words[0]) !== 'off'
  })
  const conf = [...anywhere(tree, 'sslopensslconfcmd')].at(0) ?? null
  return ofProtocols(
    hosts.map((host) => {
      const [set, ciphers] = [deciding(host, 'sslprotocol'), deciding(host, 'sslciphersuite')]
      return {
        permitted: protocolsOf(set?.words ?? ['all', '-SSLv3']),
        ciphers: ciphers?.words.at(-1) ?? '',
        lines: [
          ...(host.at ? [lineOf(host.at)] : []),
          set ? lineOf(set) : say`SSLProtocol is not set: all -SSLv3 by mod_ssl's own default`,
        ],
      }
    }),
    openssl,
    conf && lineOf(conf),
  )
}

/** Who is asked for a name and password, or let in from some places alone (mod_authz_core). */
const RESTRICTS =
  /^(?:valid-user|user|group|ldap-\S+|dbm-group|dbd-group|file-\S+|ip|local|host|forward-dns|ssl|ssl-verify-client)$/

/** WebDAV is on where `Dav` says so, and whom it asks stands beside it; elsewhere it is looked for no further. */
export function apacheDav({ tree }: ApacheFacts): Verdict {
  const places = [...davPlaces(tree)]
  if (places.length === 0) return NONE
  const details: Safe[] = []
  let outcome: 'pass' | 'unknown' | 'fail' = 'pass'
  for (const { section, dav } of places) {
    const { require, partly } = requiresIn(section?.inside ?? [])
    details.push(...(section ? [lineOf(section)] : []), lineOf(dav), ...require.map(lineOf))
    const kinds = require.map(({ words: [first, second] }) =>
      small(first) === 'not' ? `not ${small(second)}` : small(first),
    )
    const open = require.some(({ words }) => words.join(' ').toLowerCase() === 'all granted')
    if (kinds.some((kind) => RESTRICTS.test(kind)) && !open) continue
    // Beside no word of its own another section may have one for the same place.
    if (open && !partly && kinds.every((kind) => kind === 'all')) outcome = 'fail'
    else if (outcome === 'pass') outcome = 'unknown'
  }
  const observed = {
    fail: say`asks nobody`,
    unknown: say`whom it asks does not stand beside Dav`,
    pass: say`asks who comes`,
  }[outcome]
  return { outcome, observed, details }
}

/** Methods that change nothing, by which LimitExcept may leave out whom it asks. */
const READS = /^(?:GET|HEAD|OPTIONS|PROPFIND|REPORT)$/i

/** What is required of every request that writes; `partly`: there is more, for some methods alone, or that must not be so. */
function requiresIn(all: readonly Directive[]): { readonly require: readonly Directive[]; readonly partly: boolean } {
  const require: Directive[] = []
  let partly = false
  for (const one of all) {
    if (one.name === 'require') require.push(one)
    if (!one.inside) continue
    const inner = requiresIn(one.inside)
    const isWhole = one.name === 'limitexcept' ? one.words.every((word) => READS.test(word)) : !PARTLY.has(one.name)
    partly ||= inner.partly || (!isWhole && inner.require.length > 0)
    if (isWhole) require.push(...inner.require)
  }
  return { require, partly }
}

const PARTLY: ReadonlySet<string> = new Set(['limit', 'requirenone'])

function* davPlaces(
  all: readonly Directive[],
  section: Directive | null = null,
): Generator<{ readonly section: Directive | null; readonly dav: Directive }> {
  for (const one of all) {
    if (one.name === 'dav' && small(one.words[0]) !== 'off') yield { section, dav: one }
    if (one.inside) yield* davPlaces(one.inside, one)
  }
}
