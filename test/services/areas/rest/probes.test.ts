import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import ftpScript from '../../../../src/services/areas/rest/ftp/probe.sh'
import mailScript from '../../../../src/services/areas/rest/mail/probe.sh'
import webScript from '../../../../src/services/areas/rest/web/probe.sh'
import { readable, standalone } from '../../../support/probe-output.ts'
import { SHELLS } from '../stand-in-host.ts'
import { factsFrom, judged } from './some-rest.ts'

const SCRIPTS = { 'rest-web': webScript, 'rest-mail': mailScript, 'rest-ftp': ftpScript } as const

/** What a probe prints below a root with these files; those in bin are programs. Null for `path`: none can be started. */
function printed(
  shell: readonly string[],
  id: keyof typeof SCRIPTS,
  files: Readonly<Record<string, string>>,
  path: 'as it is' | 'empty' = 'as it is',
): string {
  const root = mkdtempSync(join(tmpdir(), 'rest-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
    if (name.startsWith('bin/')) chmodSync(join(root, name), 0o755)
  }
  const [program = '', ...words] = shell
  const PATH = path === 'empty' ? '/nonexistent' : `${root}/bin:${process.env.PATH}`
  const whole = execFileSync('/usr/bin/env', [program, ...words, '-c', `PATH=${PATH}\n${standalone(SCRIPTS[id])}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', path === 'empty' ? 'inherit' : 'ignore'],
    env: { ...process.env, HARDTUI_ROOT: root },
  })
  return readable(whole)
}

const NGINX = `#!/bin/sh
echo 'nginx version: nginx/1.22.1' >&2
echo 'built with OpenSSL 3.0.15 3 Sep 2024' >&2
echo 'configure arguments: --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf --with-x' >&2`
const DUMP = `#!/bin/sh
echo '# In file: /etc/apache2/apache2.conf'
echo '# 160:'
echo '<Directory /var/www/>'
echo '  # 161:'
echo '  Options Indexes'
echo '  # 162:'
echo '  AuthLDAPBindPassword hunter2'
echo '</Directory>'
echo '# 170:'
echo 'SetEnv PASSWORD hunter2'
echo 'Main DocumentRoot: "/var/www/html"'
echo ' autoindex_module (shared)'`

describe.each(SHELLS)('what is printed by %s', (_name, shell) => {
  test.each(['rest-web', 'rest-mail', 'rest-ftp'] as const)(
    '%s starts no program where none of its own is there',
    (id) => {
      const output = printed(shell, id, {}, 'empty')
      expect(output).not.toMatch(/not found/)
      const facts = factsFrom({ [id]: output })
      for (const check of ['web-version', 'web-tls', 'exim-relay', 'proftpd', 'pure-ftpd'])
        expect(judged(check, facts)).toMatch(/^(?:notapplicable not installed|unknown not read yet)$/)
      expect(
        judged({ 'rest-web': 'web-version', 'rest-mail': 'exim-relay', 'rest-ftp': 'proftpd' }[id], facts),
      ).toMatch(/^not/)
    },
  )

  test('of nginx are all files that are included, and those below them', () => {
    const files = {
      'bin/nginx': NGINX,
      'etc/nginx/nginx.conf': 'http { include conf.d/*.conf; include "sites/a"; include none/*; }\n# include gone;\n',
      'etc/nginx/conf.d/one.conf': 'include snippets/two;\nserver { autoindex on; }\n',
      'etc/nginx/snippets/two': 'server_tokens off;',
      'etc/nginx/sites/a': 'server { location /b { server_tokens on; } }\n',
    }
    const facts = factsFrom({ 'rest-web': printed(shell, 'rest-web', files) })
    expect(judged('web-listing', facts)).toMatch(
      /^fail nginx: a whole server .*conf\.d\/one\.conf, line 2: autoindex on/,
    )
    expect(judged('web-version', facts)).toMatch(
      /^fail nginx: server_tokens on .*snippets\/two, line 1: server_tokens off \| .*sites\/a, line 1/,
    )
    const gone = { ...files, 'etc/nginx/conf.d/one.conf': 'include gone;' }
    expect(judged('web-version', factsFrom({ 'rest-web': printed(shell, 'rest-web', gone) }))).toMatch(
      /^unknown nginx: what is included by gone was not read/,
    )
  })

  test('of Apache are the lines that are looked at, and none that hold passwords', () => {
    const files = {
      'bin/apache2': DUMP,
      'usr/lib/apache2/modules/mod_info.so': '',
      'var/www/html/index.html': '<h1>It works!</h1>',
    }
    const output = printed(shell, 'rest-web', files)
    expect(output).not.toContain('hunter2')
    const facts = factsFrom({ 'rest-web': output })
    expect(judged('web-listing', facts)).toMatch(
      /^fail Apache: \/var\/www\/html .*apache2\.conf, line 161: Options Indexes/,
    )
    expect(judged('web-default', facts)).toMatch(/^fail Apache: answers with \/var\/www\/html\/index\.html/)
    const refused = { ...files, 'bin/apache2': '#!/bin/sh\necho AH00526: Syntax error on line 3 >&2; exit 1' }
    expect(judged('web-listing', factsFrom({ 'rest-web': printed(shell, 'rest-web', refused) }))).toMatch(
      /^unknown Apache: Apache says: AH00526/,
    )
  })

  test('of proftpd are all files that are included, without what else they hold', () => {
    const output = printed(shell, 'rest-ftp', {
      'bin/proftpd': "#!/bin/sh\necho 'Compiled-in modules:'; echo '  mod_tls.c'",
      'etc/proftpd/proftpd.conf':
        'Include /etc/proftpd/conf.d/\n  Include /etc/proftpd/tls.conf\nSQLConnectInfo a@b c hunter2\n',
      'etc/proftpd/conf.d/a.conf': '<Anonymous ~ftp>\n  User ftp\n</Anonymous>',
      'etc/proftpd/tls.conf': '<IfModule mod_tls.c>\nTLSEngine on\nTLSRequired on\n</IfModule>\n',
    })
    expect(output).not.toContain('hunter2')
    expect(judged('proftpd', factsFrom({ 'rest-ftp': output }))).toMatch(
      /^fail anonymous \| \/etc\/proftpd\/conf\.d\/a\.conf, line 1: <Anonymous ~ftp> \| \/etc\/proftpd\/tls\.conf, line 2/,
    )
  })

  test('of exim is what it answers to a stranger, beside its lists', () => {
    const output = printed(shell, 'rest-mail', {
      'bin/exim4': `#!/bin/sh
case $1 in -bP) printf 'hostlist relay_from_hosts = 127.0.0.1\\ndomainlist relay_to_domains =\\n' ;; *)
echo; echo '**** SMTP testing session'; printf '220 a\\r\\n'
while read -r line; do case $line in EHLO*) printf '250-a\\r\\n250 b\\r\\n' ;; RCPT*) printf '550 no\\r\\n' ;; *) printf '250 OK\\r\\n' ;; esac; done ;;
esac`,
      'etc/exim4/update-exim4.conf.conf': "#x\ndc_relay_nets='10.0.0.0/8'\n",
    })
    expect(judged('exim-relay', factsFrom({ 'rest-mail': output }))).toMatch(
      /^pass refused .*line 2: dc_relay_nets='10\.0\.0\.0\/8' \| to 198\.51\.100\.7, for a recipient elsewhere: 550 no$/,
    )
  })
})
