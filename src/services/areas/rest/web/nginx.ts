import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { Directive, NginxFacts, WebFacts } from '../facts.ts'
import { anywhere, lineOf, named } from '../tree.ts'
import { type FirstPage, pageVerdict } from './pages.ts'
import { ofProtocols } from './tls.ts'

/** A server or a location with the blocks around it, the outermost first. */
type Place = { readonly block: Directive; readonly around: readonly Directive[] }

function* placesIn(block: Directive, around: readonly Directive[]): Generator<Place> {
  yield { block, around }
  for (const one of named(block.inside ?? [], 'location')) yield* placesIn(one, [...around, block])
}

/** The servers of http; those of mail and stream are none of the web's. */
export const servers = ({ tree }: NginxFacts): readonly Place[] =>
  named(tree, 'http').flatMap((http) => named(http.inside ?? [], 'server').map((block) => ({ block, around: [http] })))

const places = (facts: NginxFacts): readonly Place[] =>
  servers(facts).flatMap(({ block, around }) => [...placesIn(block, around)])

/** What holds in a place: the innermost block that says it. */
export function holding({ block, around }: Place, name: string): Directive | null {
  for (const one of [block, ...around.toReversed()]) {
    const found = named(one.inside ?? [], name).at(-1)
    if (found) return found
  }
  return null
}

const NONE: Verdict = { outcome: 'notapplicable', observed: say`none of it is set up` }
const linesOf = (all: readonly Directive[]): readonly Safe[] => [...new Set(all.map(lineOf))]

/** On where nothing sets it (ngx_http_core_module); a header that another module writes is not followed. */
export function nginxVersion(facts: NginxFacts): Verdict {
  const all = places(facts)
  if (all.length === 0) return NONE
  const found = all.map((place) => holding(place, 'server_tokens'))
  const shown = found.filter((one) => one === null || one.words[0] !== 'off')
  const lines = linesOf(found.flatMap((one) => one ?? []))
  if (shown.length === 0) return { outcome: 'pass', observed: say`hidden`, details: lines }
  const other = ['more_set_headers', 'more_clear_headers'].flatMap((name) => [...anywhere(facts.tree, name)])
  const own = other.find(({ words }) => words.some((word) => /^['"]?server\b/i.test(word)))
  if (own)
    return { outcome: 'unknown', observed: say`another module writes the header`, details: [lineOf(own), ...lines] }
  const [by] = shown
  return {
    outcome: 'fail',
    observed: by ? say`server_tokens ${safe(by.words[0] ?? '', 40)}` : say`server_tokens is not set, and on`,
    details: lines,
  }
}

/** What answers in place of files. */
const HANDS_ON = /^(?:return|(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass|empty_gif|stub_status|alias)$/

function firstPage({ block, around }: Place, prefix: string | null): FirstPage {
  const inside = block.inside ?? []
  const start = named(inside, 'location').find(
    ({ words }) => words.at(-1) === '/' && words.every((one) => /^(?:=|\^~|\/)$/.test(one)),
  )
  const place: Place = start ? { block: start, around: [...around, block] } : { block, around }
  const root = holding(place, 'root')
  const index = holding(place, 'index')
  const folder = root?.words[0] ?? 'html'
  const all = [...inside, ...(start?.inside ?? [])]
  return {
    // nginx looks from its own prefix on where a path does not begin with /.
    folder: folder.startsWith('/') || prefix === null ? folder : `${prefix}/${folder}`,
    index: index?.words ?? ['index.html'],
    elsewhere: all.find(({ name }) => HANDS_ON.test(name) || name === 'rewrite') ?? null,
    lines: [lineOf(block), ...(root ? [lineOf(root)] : [])],
  }
}

/** A server all of whose answers come from elsewhere is no such page; one that rewrites may be. */
export function nginxPage(facts: NginxFacts, pages: WebFacts['pages']): Verdict {
  const all = servers(facts)
  if (all.length === 0) return NONE
  const first = all.map((place) => firstPage(place, facts.prefix))
  return pageVerdict(
    first.filter(({ elsewhere }) => elsewhere === null || elsewhere.name === 'rewrite'),
    pages,
  )
}

export function nginxListing(facts: NginxFacts): Verdict {
  const all = places(facts)
  if (all.length === 0) return NONE
  const open = all.flatMap((place) => {
    const by = ['autoindex', 'fancyindex'].map((name) => holding(place, name)).find((one) => one?.words[0] === 'on')
    // Where another location is for all of a server, what is said of the server holds in none of it.
    const covered =
      place.block.name === 'server' && named(place.block.inside ?? [], 'location').some(({ words }) => words[0] === '/')
    return by && !covered ? [{ place, by }] : []
  })
  const [first] = open
  if (!first) return { outcome: 'pass', observed: say`none` }
  const { block } = first.place
  return {
    outcome: 'fail',
    observed: block.name === 'location' ? say`location ${safe(block.words.join(' '), 80)}` : say`a whole server`,
    details: linesOf(open.flatMap(({ place, by }) => [place.block, by])),
  }
}

/** What nginx permits where nothing sets it (ngx_http_ssl_module): without old ones since 1.27.3. */
function usual(version: string | null): readonly string[] | null {
  if (version === null) return null
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const since = (a: number, b: number, c: number): boolean =>
    major !== a ? major > a : minor !== b ? minor > b : patch >= c
  return since(1, 27, 3)
    ? ['TLSv1.2', 'TLSv1.3']
    : ['TLSv1', 'TLSv1.1', 'TLSv1.2', ...(since(1, 23, 4) ? ['TLSv1.3'] : [])]
}

export function nginxTls(facts: NginxFacts, openssl: WebFacts['openssl']): Verdict {
  const all = servers(facts).filter(
    (place) =>
      named(place.block.inside ?? [], 'listen').some(({ words }) => words.includes('ssl') || words.includes('quic')) ||
      holding(place, 'ssl')?.words[0] === 'on',
  )
  const set = all.map((place) => holding(place, 'ssl_protocols'))
  const byDefault = usual(facts.version)
  if (set.includes(null) && byDefault === null)
    return { outcome: 'unknown', observed: say`ssl_protocols is not set, and the version of nginx is not known` }
  const command = [...anywhere(facts.tree, 'ssl_conf_command')].at(0)
  return ofProtocols(
    all.map((place, at) => ({
      permitted: new Set(set[at]?.words ?? byDefault),
      ciphers: holding(place, 'ssl_ciphers')?.words.join(' ') ?? '',
      lines: [
        lineOf(place.block),
        set[at]
          ? lineOf(set[at])
          : say`ssl_protocols is not set: ${safe((byDefault ?? []).join(' '))} by nginx ${safe(facts.version ?? '')}`,
      ],
    })),
    openssl,
    command ? lineOf(command) : null,
    facts.openssl ?? '',
  )
}

/** By which somebody is asked who he is, or is let in from some places alone. */
const ASKS = ['auth_basic', 'auth_request', 'auth_jwt', 'auth_pam', 'auth_ldap', 'ssl_verify_client']
const asksNobody = new Set<string | undefined>(['off', 'optional', 'optional_no_ca', undefined])

/** What the first rule about all says, of the innermost block that has any (ngx_http_access_module); null where none does. */
function ruleForAll({ block, around }: Place): string | null {
  for (const one of [block, ...around.toReversed()]) {
    const rules = named(one.inside ?? [], 'allow', 'deny')
    if (rules.length > 0) return rules.find(({ words }) => words[0] === 'all')?.name ?? null
  }
  return null
}

/** Whether not everybody may do what is done here. With `satisfy any` a rule that lets all in is enough. */
function isGuarded(place: Place): boolean {
  const rule = ruleForAll(place)
  if (rule === 'deny') return true
  const asks = ASKS.some((name) => !asksNobody.has(holding(place, name)?.words[0]))
  return asks && !(rule === 'allow' && holding(place, 'satisfy')?.words[0] === 'any')
}

export function nginxDav(facts: NginxFacts): Verdict {
  const all = places(facts).flatMap((place) => {
    const dav = holding(place, 'dav_methods')
    return dav && dav.words[0] !== 'off' ? [{ place, dav }] : []
  })
  if (all.length === 0) return NONE
  const open = all.filter(({ place, dav }) => {
    // A method that limit_except names is one that it does not limit.
    const limits = named(place.block.inside ?? [], 'limit_except').filter(
      ({ words }) => !words.some((method) => dav.words.some((one) => one.toLowerCase() === method.toLowerCase())),
    )
    const inner = limits.map((block) => ({ block, around: [...place.around, place.block] }))
    return ![place, ...inner].some(isGuarded)
  })
  const shown = open.length > 0 ? open : all
  return {
    outcome: open.length > 0 ? 'fail' : 'pass',
    observed: open.length > 0 ? say`asks nobody` : say`asks who comes`,
    details: linesOf(shown.flatMap(({ place, dav }) => [place.block, dav])),
  }
}
