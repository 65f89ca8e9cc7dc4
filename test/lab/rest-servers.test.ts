// Web, mail and file servers on real servers: what is said of them is what they themselves do to somebody who comes.
import { get, request } from 'node:http'
import { createConnection } from 'node:net'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { factsOf } from '../../src/services/model/reading.ts'
import { type Audit, audit } from './auditor.ts'
import { up, whyNoLab } from './lab.ts'
import { logIn, type Operator } from './operator.ts'
import { until } from './run.ts'
import type { Server } from './server.ts'

type Answer = { readonly status: number; readonly server: string; readonly body: string }

/** What the server answers to a request from the operator's machine. */
async function asked(server: Server, path: string, method = 'GET'): Promise<Answer> {
  const socketPath = await server.dial({ port: 80 })
  return new Promise((resolve, reject) => {
    const to = { socketPath, path, method, headers: { host: 'a.example', connection: 'close' } }
    const sent = (method === 'GET' ? get : request)(to, (reply) => {
      let body = ''
      reply.on('data', (chunk) => {
        body += chunk
      })
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, server: String(reply.headers.server), body }))
    })
    sent.on('error', reject)
    if (method !== 'GET') sent.end('x')
  })
}

/** The version of TLS that is agreed on with somebody who speaks no other than 1.0, at no security level; null for none. */
async function oldTls(server: Server): Promise<string | null> {
  const path = await server.dial({ port: 443 })
  return new Promise((resolve) => {
    const socket = connect({
      path,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1',
      ciphers: 'ALL:@SECLEVEL=0',
      rejectUnauthorized: false,
    })
    socket.on('secureConnect', () => {
      resolve(socket.getProtocol())
      socket.destroy()
    })
    socket.on('error', () => resolve(null))
    socket.on('close', () => resolve(null))
  })
}

/** The last answer to these lines, each sent when the one before was answered. */
async function told(server: Server, port: number, lines: readonly string[]): Promise<string> {
  const socket = createConnection(await server.dial({ port }))
  const left = [...lines]
  let text = ''
  return new Promise((resolve, reject) => {
    socket.setTimeout(15_000, () => socket.destroy(new Error(`no answer after ${JSON.stringify(text)}`)))
    socket.on('error', reject)
    socket.on('close', () => resolve(text.trim()))
    socket.on('data', (chunk) => {
      text += chunk
      const last = /(?:^|\n)(\d{3} [^\n]*)\r?\n$/.exec(text)?.[1]
      if (last === undefined) return
      const next = left.shift()
      if (next === undefined) {
        resolve(last.trim())
        socket.destroy()
      } else {
        text = ''
        socket.write(`${next}\r\n`)
      }
    })
  })
}

/** What a check says, and its details behind; of who listens where that is read too. */
async function says({ host }: Operator, ids: readonly string[], listening = false): Promise<readonly string[]> {
  const units = listening ? factsOf((await audit(host, 'units')).reading) : null
  const listeners = units && [...units.units.flatMap((unit) => unit.listeners), ...units.strayListeners]
  const one: Audit<'rest'> = await audit(host, 'rest', { listeners })
  return ids.map((id) => [one.verdict(`REST-${id}`), ...one.details(`REST-${id}`)].join(' | '))
}

/** Where servers write when they start; what only looks leaves all of it alone. */
const TRACES =
  'find /var/log /run /var/lib /var/spool -not -path "*/journal*" -not -path "*/systemd*" -not -path "*/sudo*" -not -path "*tmp*" -newer /root/before -printf "%p\\n" | grep -E "apache|nginx|exim|ftp|tripwire" || :'

describe.skipIf(whyNoLab() !== null)('Apache, exim, proftpd and Tripwire on debian12', () => {
  let server: Server
  let operator: Operator
  beforeAll(async () => {
    const packages = ['apache2', 'ssl-cert', 'exim4-daemon-light', 'proftpd-core', 'proftpd-mod-crypto', 'tripwire']
    server = await up({ flavour: 'debian12', packages })
    operator = await logIn(server)
  })
  afterAll(async () => {
    operator?.close()
    await server?.down()
  })

  test('as their packages leave them are told with what they do', async () => {
    await server.must('mkdir /var/www/html/kept; : >/var/www/html/kept/draft.txt')
    const [version, page, listing, tls, dav, exim, ftp, tripwire] = await says(
      operator,
      ['web-version', 'web-default', 'web-listing', 'web-tls', 'web-dav', 'exim-relay', 'proftpd', 'tripwire'],
      true,
    )
    expect(version).toMatch(/^fail Apache: ServerTokens OS \| \/etc\/apache2\/conf-enabled\/security\.conf, line \d+: /)
    const line = /line (\d+): ServerTokens/.exec(version ?? '')?.[1]
    expect(await server.must(`sed -n ${line}p /etc/apache2/conf-enabled/security.conf`)).toBe('ServerTokens OS')
    const first = await asked(server, '/')
    expect(first.server).toMatch(/^Apache\/2\.4\.\d+ \(Debian\)$/)
    expect(first.body).toContain('Default Page: It works')
    expect(page).toMatch(/^fail Apache: answers with \/var\/www\/html\/index\.html/)
    expect(listing).toMatch(/^fail Apache: \/var\/www\/html .*apache2\.conf, line \d+: Options Indexes FollowSymLinks$/)
    expect((await asked(server, '/kept/')).body).toContain('draft.txt')
    expect([tls, dav]).toEqual([expect.stringMatching(/^notapplicable/), expect.stringMatching(/^notapplicable/)])
    expect(exim).toMatch(/^pass refused \| relay_from_hosts = : 127\.0\.0\.1 : ::::1 .* 550 relay not permitted$/)
    expect(ftp).toBe('fail no TLS')
    expect(await told(server, 21, ['USER ops'])).toMatch(/^331/)
    expect(tripwire).toBe('fail no database | job: /etc/cron.daily/tripwire')
  })

  test('mended are told so, and do otherwise', async () => {
    await server.must(`
      printf 'ServerTokens Prod\\nServerSignature Off\\n' >/etc/apache2/conf-available/security.conf
      sed -i 's/Options Indexes FollowSymLinks/Options FollowSymLinks/' /etc/apache2/apache2.conf
      echo mine >/var/www/html/index.html; systemctl reload apache2
      sed -i 's/^#LoadModule mod_tls.c/LoadModule mod_tls.c/' /etc/proftpd/modules.conf
      printf '<IfModule mod_tls.c>\\nTLSEngine on\\nTLSRSACertificateFile /etc/ssl/certs/ssl-cert-snakeoil.pem\\nTLSRSACertificateKeyFile /etc/ssl/private/ssl-cert-snakeoil.key\\nTLSRequired on\\n</IfModule>\\n' >/etc/proftpd/conf.d/tls.conf
      grep -q '^LoadModule mod_tls.c' /etc/proftpd/modules.conf || sed -i '1i LoadModule mod_tls.c' /etc/proftpd/modules.conf
      systemctl restart proftpd
      : >"/var/lib/tripwire/$(hostname).twd"; : >"/var/lib/tripwire/report/$(hostname)-20261128-061500.twr"`)
    await until('the reload', async () => (await asked(server, '/')).server === 'Apache', { timeoutMs: 10_000 })
    const said = await says(operator, ['web-version', 'web-default', 'web-listing', 'proftpd', 'tripwire'], true)
    expect(said).toEqual([
      expect.stringMatching(/^pass Apache: hidden/),
      expect.stringMatching(/^pass Apache: none of a package/),
      expect.stringMatching(/^pass Apache: none$/),
      expect.stringMatching(/^pass nobody unknown, TLS for all logins \| .*conf\.d\/tls\.conf, line 2: TLSEngine on/),
      expect.stringMatching(/^pass database is 0 h old \| .* \| last report: .*\.twr: 0 h old \| job: /),
    ])
    expect((await asked(server, '/kept/')).status).toBe(403)
    expect((await asked(server, '/')).body).toBe('mine\n')
    expect(await told(server, 21, ['USER ops'])).toMatch(/^550 SSL\/TLS required/)
    await server.must(
      `printf '<Anonymous ~ftp>\\nUser ftp\\nGroup nogroup\\nUserAlias anonymous ftp\\nRequireValidShell off\\nTLSRequired off\\n</Anonymous>\\n' >/etc/proftpd/conf.d/anonymous.conf; systemctl restart proftpd; touch -d '30 days ago' /var/lib/tripwire/*.twd /var/lib/tripwire/report/*.twr`,
    )
    const [ftp, tripwire] = await says(operator, ['proftpd', 'tripwire'])
    expect(ftp).toMatch(/^fail anonymous \| \/etc\/proftpd\/conf\.d\/anonymous\.conf, line 1: <Anonymous ~ftp>/)
    expect(tripwire).toMatch(/^fail its last report is 30 days old/)
  })

  test('old versions of TLS and WebDAV are told as Apache lets them through', async () => {
    const set = async (protocols: string, ciphers: string, require: string): Promise<void> => {
      await server.must(`
        a2enmod -q ssl dav dav_fs auth_basic authn_file authz_user >/dev/null; a2ensite -q default-ssl >/dev/null
        sed -i -E 's/^(\\s*SSLProtocol).*/\\1 ${protocols}/; s/^(\\s*SSLCipherSuite).*/\\1 ${ciphers}/' /etc/apache2/mods-available/ssl.conf
        mkdir -p /var/www/dav /var/lib/dav; chown www-data: /var/www/dav /var/lib/dav; : >/etc/apache2/who
        printf 'DavLockDB /var/lib/dav/lock\\nAlias /dav /var/www/dav\\n<Directory /var/www/dav>\\nDav On\\nAuthType Basic\\nAuthName who\\nAuthUserFile /etc/apache2/who\\nRequire ${require}\\n</Directory>\\n' >/etc/apache2/conf-enabled/dav.conf
        systemctl restart apache2`)
    }
    await set('all', 'ALL:@SECLEVEL=0', 'all granted')
    const [open, dav] = await says(operator, ['web-tls', 'web-dav'], true)
    expect(open).toMatch(
      /^fail Apache: permits TLSv1, TLSv1\.1 .*default-ssl\.conf, line \d+: <VirtualHost .*ssl\.conf, line \d+: SSLProtocol all$/,
    )
    expect(await oldTls(server)).toBe('TLSv1')
    expect(dav).toMatch(/^fail Apache: asks nobody \| \/etc\/apache2\/conf-enabled\/dav\.conf, line 3/)
    expect((await asked(server, '/dav/one.txt', 'PUT')).status).toBe(201)
    await set('all', 'HIGH', 'valid-user')
    const [library, closed] = await says(operator, ['web-tls', 'web-dav'], true)
    expect(library).toMatch(/^pass Apache: OpenSSL refuses TLSv1, TLSv1\.1/)
    expect(await oldTls(server)).toBeNull()
    expect(closed).toMatch(/^pass Apache: asks who comes/)
    expect((await asked(server, '/dav/two.txt', 'PUT')).status).toBe(401)
    await set('-all +TLSv1.2 +TLSv1.3', 'HIGH', 'valid-user')
    expect((await says(operator, ['web-tls']))[0]).toMatch(/^pass Apache: TLS 1\.2 and later alone/)
  })

  test('exim that relays is told by its own answer, which a stranger gets as well', async () => {
    await server.must(`
      sed -i -e "s/^dc_eximconfig_configtype=.*/dc_eximconfig_configtype='internet'/" -e "s/^dc_local_interfaces=.*/dc_local_interfaces=''/" \\
        -e "s|^dc_relay_nets=.*|dc_relay_nets='0.0.0.0/0'|" /etc/exim4/update-exim4.conf.conf
      update-exim4.conf; systemctl restart exim4`)
    const session = ['EHLO relay-test.invalid', 'MAIL FROM:<>', 'RCPT TO:<nobody@192-0-2-1.example>']
    const [open] = await says(operator, ['exim-relay'], true)
    expect(open).toMatch(/^fail takes mail for anybody \|.*line \d+: dc_relay_nets='0\.0\.0\.0\/0' .* 250 Accepted$/)
    expect(await told(server, 25, session)).toMatch(/^250 Accepted/)
    await server.must(
      `sed -i "s|^dc_relay_nets=.*|dc_relay_nets=''|" /etc/exim4/update-exim4.conf.conf; update-exim4.conf; systemctl restart exim4`,
    )
    expect((await says(operator, ['exim-relay'], true))[0]).toMatch(/^pass refused/)
    expect(await told(server, 25, session)).toMatch(/^550/)
  })

  test('nothing is written by looking, also where they don’t run; heard by the host alone they are no finding', async () => {
    await server.must(`
      printf 'Listen 127.0.0.1:80\\n' >/etc/apache2/ports.conf
      printf 'ServerTokens Full\\n' >/etc/apache2/conf-available/security.conf; systemctl restart apache2`)
    expect((await says(operator, ['web-version'], true))[0]).toMatch(
      /^pass Apache: heard by this host alone: ServerTokens Full/,
    )
    await server.must(
      'systemctl stop apache2 proftpd exim4; rm -f /var/log/apache2/*; sleep 1; : >/root/before; sleep 1',
    )
    const [version, ftp] = await says(operator, ['web-version', 'proftpd'], true)
    expect(version).toMatch(/^pass Apache: does not listen: ServerTokens Full/)
    expect(ftp).toMatch(/^pass does not listen: anonymous/)
    expect(await server.must(TRACES)).toBe('')
  })

  test('that are absent are silent', async () => {
    await server.must(
      'mkdir /root/away; for one in apache2 exim4 exim proftpd tripwire; do mv "$(command -v $one)" /root/away/ 2>/dev/null || :; done; hash -r',
    )
    const said = await says(operator, ['web-version', 'web-listing', 'exim-relay', 'proftpd', 'pure-ftpd', 'tripwire'])
    expect(new Set(said)).toEqual(new Set(['notapplicable not installed']))
  })
})

describe.skipIf(whyNoLab() !== null)('nginx and pure-ftpd on debian13', () => {
  let server: Server
  let operator: Operator
  beforeAll(async () => {
    server = await up({ flavour: 'debian13', packages: ['nginx', 'ssl-cert', 'pure-ftpd'] })
    operator = await logIn(server)
  })
  afterAll(async () => {
    operator?.close()
    await server?.down()
  })
  const reload = (change: string): Promise<string> => server.must(`${change}\nnginx -t -q && systemctl restart nginx`)

  test('as their packages leave them are told with what they do', async () => {
    const [version, page, listing, tls, ftp] = await says(
      operator,
      ['web-version', 'web-default', 'web-listing', 'web-tls', 'pure-ftpd'],
      true,
    )
    expect(version).toMatch(/^pass nginx: hidden \| \/etc\/nginx\/nginx\.conf, line \d+: server_tokens off$/)
    const first = await asked(server, '/')
    expect(first.server).toBe('nginx')
    expect(page).toMatch(
      /^fail nginx: answers with \/var\/www\/html\/index\.nginx-debian\.html \| \/etc\/nginx\/sites-enabled\/default, line/,
    )
    expect(first.body).toContain('Welcome to nginx!')
    expect([listing, tls]).toEqual(['pass nginx: none', 'notapplicable nginx: it speaks no TLS'])
    expect(ftp).toMatch(/^fail no TLS \| pure-ftpd-wrapper starts it with /)
    expect(await told(server, 21, ['USER anonymous'])).not.toMatch(/^230/)
  })

  test('opened up and closed again are told as they are', async () => {
    await reload(`
      sed -i 's/server_tokens off/server_tokens on/' /etc/nginx/nginx.conf; mkdir -p /var/www/html/kept /var/www/html/dav; : >/var/www/html/kept/draft.txt
      chown www-data: /var/www/html/dav
      printf 'location /kept/ { autoindex on; }\\nlocation /dav/ { dav_methods PUT; }\\n' >/etc/nginx/snippets/more.conf
      printf 'listen 443 ssl;\\nssl_protocols TLSv1 TLSv1.1 TLSv1.2;\\nssl_ciphers ALL:@SECLEVEL=0;\\nssl_certificate /etc/ssl/certs/ssl-cert-snakeoil.pem;\\nssl_certificate_key /etc/ssl/private/ssl-cert-snakeoil.key;\\n' >/etc/nginx/snippets/tls.conf
      sed -i '0,/server_name _;/s//server_name _; include snippets\\/more.conf; include "snippets\\/tls.conf";/' /etc/nginx/sites-available/default`)
    const ids = ['web-version', 'web-listing', 'web-tls', 'web-dav']
    const [version, listing, tls, dav] = await says(operator, ids, true)
    expect(version).toMatch(/^fail nginx: server_tokens on/)
    expect((await asked(server, '/')).server).toMatch(/^nginx\/1\.\d+\.\d+/)
    expect(listing).toMatch(
      /^fail nginx: location \/kept\/ \| \/etc\/nginx\/snippets\/more\.conf, line 1: location \/kept\//,
    )
    expect((await asked(server, '/kept/')).body).toContain('draft.txt')
    expect(tls).toMatch(/^fail nginx: permits TLSv1, TLSv1\.1 .*snippets\/tls\.conf, line 2: ssl_protocols/)
    expect(await oldTls(server)).toBe('TLSv1')
    expect(dav).toMatch(/^fail nginx: asks nobody .*more\.conf, line 2: dav_methods PUT$/)
    expect((await asked(server, '/dav/one.txt', 'PUT')).status).toBe(201)
    await reload(`
      sed -i 's/:@SECLEVEL=0//' /etc/nginx/snippets/tls.conf; : >/etc/nginx/who; sed -i 's/server_tokens on/server_tokens off/' /etc/nginx/nginx.conf
      printf 'location /kept/ { }\\nlocation /dav/ { dav_methods PUT; auth_basic who; auth_basic_user_file who; }\\n' >/etc/nginx/snippets/more.conf`)
    expect(await says(operator, ids, true)).toEqual([
      expect.stringMatching(/^pass nginx: hidden/),
      'pass nginx: none',
      expect.stringMatching(/^pass nginx: OpenSSL refuses TLSv1, TLSv1\.1/),
      expect.stringMatching(/^pass nginx: asks who comes/),
    ])
    expect(await oldTls(server)).toBeNull()
    expect((await asked(server, '/kept/')).status).toBe(403)
    expect((await asked(server, '/dav/two.txt', 'PUT')).status).toBe(401)
  })

  test('pure-ftpd lets in the anonymous where that is said, and asks for TLS where that is', async () => {
    const set = (anonymous: string, tls: string): Promise<string> =>
      server.must(`
        getent passwd ftp >/dev/null || useradd -r -d /srv/ftp -s /bin/false ftp; mkdir -p /srv/ftp
        cat /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/ssl/private/ssl-cert-snakeoil.key >/etc/ssl/private/pure-ftpd.pem
        echo ${anonymous} >/etc/pure-ftpd/conf/NoAnonymous; echo ${tls} >/etc/pure-ftpd/conf/TLS; systemctl restart pure-ftpd`)
    await set('no', '0')
    expect((await says(operator, ['pure-ftpd'], true))[0]).toMatch(/^fail anonymous, no TLS/)
    expect(await told(server, 21, ['USER anonymous'])).toMatch(/^230/)
    await set('yes', '2')
    expect((await says(operator, ['pure-ftpd'], true))[0]).toMatch(/^pass nobody unknown, TLS for all logins/)
    expect(await told(server, 21, ['USER ops'])).toMatch(/^421/)
  })

  test('nothing is written by looking, also where they don’t run, and what is absent is silent', async () => {
    await server.must(
      'systemctl stop nginx pure-ftpd; rm -f /var/log/nginx/* /run/nginx.pid; sleep 1; : >/root/before; sleep 1',
    )
    expect((await says(operator, ['web-default'], true))[0]).toMatch(/^pass nginx: does not listen: answers with/)
    expect(await server.must(TRACES)).toBe('')
    await server.must('mkdir /root/away; mv /usr/sbin/nginx /usr/sbin/pure-ftpd /root/away/')
    const said = await says(operator, ['web-version', 'web-default', 'pure-ftpd', 'exim-relay'])
    expect(new Set(said)).toEqual(new Set(['notapplicable not installed']))
  })
})
