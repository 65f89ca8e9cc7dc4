import type { Around, Verdict } from '../../../model/area.ts'
import type { Result } from '../../../model/errors.ts'
import { type Safe, say } from '../../../model/safe.ts'
import { ABSENT, type SubjectCheck } from '../check.ts'
import type { ApacheFacts, NginxFacts, WebFacts } from '../facts.ts'
import { reachOf, within } from '../reach.ts'
import { apacheDav, apachePage, apacheTls, apacheVersion } from './apache.ts'
import { apacheListing } from './listings.ts'
import { nginxDav, nginxListing, nginxPage, nginxTls, nginxVersion } from './nginx.ts'

type Judge = {
  readonly apache: (facts: ApacheFacts, all: WebFacts) => Verdict
  readonly nginx: (facts: NginxFacts, all: WebFacts) => Verdict
}

const ORDER = ['fail', 'unknown', 'pass', 'notapplicable'] as const

/** One word on both servers: the worst of theirs, and of whom it is. */
function both({ apache, nginx }: Judge): SubjectCheck<WebFacts>['judge'] {
  return (facts, _host, around) => {
    const found = [
      of(say`Apache`, /^(?:apache2|httpd)$/, facts.apache, (one) => apache(one, facts), around),
      of(say`nginx`, /^nginx$/, facts.nginx, (one) => nginx(one, facts), around),
    ].flatMap((one) => one ?? [])
    if (found.length === 0) return ABSENT
    const outcome = ORDER.find((one) => found.some(({ verdict }) => verdict.outcome === one)) ?? 'notapplicable'
    const said = found.filter(({ verdict }) => verdict.outcome === outcome)
    const [first, second] = said.map(({ name, verdict }) => say`${name}: ${verdict.observed}`)
    return {
      outcome,
      observed: first && second ? say`${first}; ${second}` : (first ?? ABSENT.observed),
      details: found.flatMap(({ verdict }) => verdict.details ?? []),
    }
  }
}

function of<F>(
  name: Safe,
  process: RegExp,
  known: Result<F, Safe> | null,
  judge: (facts: F) => Verdict,
  around: Around,
): { readonly name: Safe; readonly verdict: Verdict } | null {
  if (!known) return null
  if (!known.ok) return { name, verdict: { outcome: 'unknown', observed: known.error } }
  return { name, verdict: within(reachOf(process, [80, 443], around), judge(known.value)) }
}

/** How servers of the web are set up, by their own configuration. */
export const webChecks: readonly SubjectCheck<WebFacts>[] = [
  {
    id: 'REST-web-version',
    severity: 'low',
    title: 'A web server tells its version',
    expected: 'ServerTokens Prod; server_tokens off',
    rationale:
      'Whoever looks for servers with a known hole finds this one by its answer. It hides no hole, and spares some visits. Next: the line in /etc/apache2/conf-available/security.conf, or in http of nginx.conf, and a reload.',
    references: ['Apache, core: ServerTokens', 'nginx, ngx_http_core_module: server_tokens'],
    judge: both({ apache: apacheVersion, nginx: nginxVersion }),
  },
  {
    id: 'REST-web-default',
    severity: 'low',
    title: 'A web server answers with the page of its package',
    expected: 'a site of one’s own, or none',
    rationale:
      'The first page of a package tells which system this is, and that nobody looks after the site. Next: a2dissite 000-default, or rm /etc/nginx/sites-enabled/default, and a reload; or apt purge what nobody needs.',
    references: ['a2dissite(8)', 'CIS 2.1.18: web server services are not in use'],
    judge: both({
      apache: (facts, { pages }) => apachePage(facts, pages),
      nginx: (facts, { pages }) => nginxPage(facts, pages),
    }),
  },
  {
    id: 'REST-web-listing',
    severity: 'medium',
    title: 'A web server lists what is in folders',
    expected: 'Options without Indexes; autoindex off',
    rationale:
      'In a folder without a first page everybody sees all names: copies, drafts and old versions too. Next: Options -Indexes in the section that is named, or autoindex off, and a reload.',
    references: ['Apache, core: Options', 'nginx, ngx_http_autoindex_module'],
    judge: both({ apache: apacheListing, nginx: nginxListing }),
  },
  {
    id: 'REST-web-tls',
    severity: 'medium',
    title: 'A web server permits old versions of TLS',
    expected: 'TLS 1.2 and 1.3 alone',
    rationale:
      'TLS 1.0 and 1.1 can be broken by who is on the way, and no browser asks for them any more. Next: SSLProtocol -all +TLSv1.2 +TLSv1.3, or ssl_protocols TLSv1.2 TLSv1.3, and a reload.',
    references: ['RFC 8996', 'Apache, mod_ssl: SSLProtocol', 'nginx, ngx_http_ssl_module: ssl_protocols'],
    judge: both({
      apache: (facts, { openssl }) => apacheTls(facts, openssl),
      nginx: (facts, { openssl }) => nginxTls(facts, openssl),
    }),
  },
  {
    id: 'REST-web-dav',
    severity: 'high',
    title: 'WebDAV is open to everybody',
    expected: 'a name and password, or known addresses alone',
    rationale:
      'Who may put a file here can serve his own pages in this server’s name, and run programs where scripts are run. Next: AuthType and Require valid-user beside Dav, or auth_basic beside dav_methods, over TLS.',
    references: ['Apache, mod_dav: security', 'nginx, ngx_http_dav_module'],
    judge: both({ apache: apacheDav, nginx: nginxDav }),
  },
]
