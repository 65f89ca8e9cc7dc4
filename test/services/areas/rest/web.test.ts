import { describe, expect, test } from 'vitest'
import type { Around } from '../../../../src/services/model/area.ts'
import { factsFrom, judged } from './some-rest.ts'
import { APACHE, type Change, heard, MAIN, NGINX, numbered, ofApache, ofNginx, SITE, told, web } from './some-web.ts'

describe('Apache', () => {
  test('tells its version by ServerTokens, with file and line', () => {
    expect(told('web-version', ofApache())).toBe(
      'fail Apache: ServerTokens OS | /etc/apache2/conf-enabled/security.conf, line 12: ServerTokens OS',
    )
  })

  test.each<readonly [string, readonly Change[], RegExp]>([
    ['web-version', [['ServerTokens OS', 'ServerTokens Prod']], /^pass Apache: hidden/],
    [
      'web-version',
      [['ServerTokens OS', 'ServerTokens Prod\n13 ServerTokens Full']],
      /^fail Apache: ServerTokens Full/,
    ],
    ['web-version', [['12 ServerTokens OS\n', '']], /^fail Apache: ServerTokens is not set, and Full$/],
    ['web-version', [['ServerTokens OS', 'SecServerSignature " "']], /^unknown Apache: mod_security/],
    ['web-default', [], /^fail Apache: answers with \/var\/www\/html\/index\.html \|.*line 1: <VirtualHost \*:443> \|/],
    ['web-default', [['DocumentRoot /var/www/html', 'DocumentRoot /srv/www']], /^pass/],
    ['web-default', [['12 DocumentRoot /var/www/html\n', '']], /^fail/],
    ['web-default', [['DirectoryIndex index.html', 'DirectoryIndex other.html']], /^pass/],
    ['web-default', [['24 SSL', '25 Redirect / https://b.example/\n24 SSL']], /^unknown Apache: redirect may answer/],
    ['web-default', [['24 SSL', '25 RewriteEngine Off\n24 SSL']], /^fail/],
    [
      'web-listing',
      [],
      /^fail Apache: \/var\/www\/html \| \/var\/www\/html by \/etc\/apache2\/apache2\.conf, line 172: /,
    ],
    ['web-listing', [['Options Indexes FollowSymLinks', 'Options -Indexes']], /^pass Apache: none$/],
    ['web-listing', [['Options Indexes FollowSymLinks', 'Options None']], /^pass/],
    ['web-listing', [['Options Indexes FollowSymLinks', 'Options All']], /^fail/],
    [
      'web-listing',
      [
        ['Options FollowSymLinks', 'Options +Indexes'],
        ['Options Indexes FollowSymLinks', 'Options +FollowSymLinks'],
      ],
      /^fail.*line 161/,
    ],
    ['web-listing', [['<Directory /var/www/>', '<Directory /var/ww>']], /^pass/],
    // The longer path comes later, wherever it stands.
    [
      'web-listing',
      [['160 <Dir', '150 <Directory /var/www/html>\n151 Options -Indexes\n150 </Directory>\n160 <Dir']],
      /^pass/,
    ],
    ['web-listing', [['24 SSL', '20 <Directory /var/www/>\n21 Options -Indexes\n20 </Directory>\n24 SSL']], /^pass/],
    [
      'web-listing',
      [['24 SSL', '20 <Directory /var/www/html/a>\n21 Options -Indexes\n20 </Directory>\n24 SSL']],
      /^fail/,
    ],
    [
      'web-listing',
      [
        ['Options Indexes FollowSymLinks', 'Options None'],
        ['24 SSL', '20 <Directory /var/www/html/a>\n21 Options Indexes\n20 </Directory>\n24 SSL'],
      ],
      /^fail Apache: \/var\/www\/html\/a/,
    ],
    [
      'web-listing',
      [
        ['Options Indexes FollowSymLinks', 'Options None'],
        ['24 SSL', '20 <Location /a>\n21 Options +Indexes\n20 </Location>\n24 SSL'],
      ],
      /^fail Apache: by .*line 20: <Location \/a>/,
    ],
    [
      'web-listing',
      [['24 SSL', '20 <Location />\n21 Options -Indexes\n20 </Location>\n24 SSL']],
      /^unknown Apache: a section by pattern/,
    ],
    [
      'web-listing',
      [
        ['Options Indexes FollowSymLinks', 'Options None'],
        ['24 SSL', '20 Alias /b /srv/b\n21 <Directory /srv>\n22 Options Indexes\n21 </Directory>\n24 SSL'],
      ],
      /^fail Apache: \/srv\/b/,
    ],
    [
      'web-listing',
      [
        ['Options Indexes FollowSymLinks', 'Options None'],
        ['173 AllowOverride None', '173 AllowOverride All'],
      ],
      /^unknown Apache: files \.htaccess below \/var\/www\/html/,
    ],
    ['web-listing', [['module autoindex_module\n', '']], /^pass Apache: mod_autoindex is not loaded/],
    ['web-tls', [], /^pass Apache: OpenSSL refuses TLSv1, TLSv1\.1 \|.*line 71: SSLProtocol all -SSLv3/],
    ['web-tls', [['all -SSLv3', '-all +TLSv1.2 +TLSv1.3']], /^pass Apache: TLS 1\.2 and later alone/],
    [
      'web-tls',
      [['all -SSLv3', 'all -SSLv3\n72 SSLCipherSuite DEFAULT:@SECLEVEL=0']],
      /^fail Apache: permits TLSv1, TLSv1\.1/,
    ],
    [
      'web-tls',
      [['71 SSLProtocol all -SSLv3\n', '71 SSLCipherSuite ALL:@SECLEVEL=0\n']],
      /^fail .*SSLProtocol is not set: all -SSLv3 by mod_ssl/,
    ],
    ['web-tls', [['24 SSL', '25 SSLProtocol TLSv1.3\n24 SSL']], /^pass Apache: TLS 1\.2 and later alone.*line 25/],
    ['web-tls', [['24 SSL', '25 SSLOpenSSLConfCmd MinProtocol TLSv1\n24 SSL']], /^unknown/],
    ['web-tls', [['24 SSLEngine on', '24 SSLEngine off']], /^notapplicable/],
    ['web-tls', [['module ssl_module\n', '']], /^notapplicable/],
    [
      'web-tls',
      [['docroot', '1 <VirtualHost *:8443>\n2 SSLEngine on\n3 SSLProtocol TLSv1.2\n1 </VirtualHost>\ndocroot']],
      /^unknown Apache: some hosts permit TLSv1, TLSv1\.1, others not/,
    ],
    ['web-dav', [], /^notapplicable/],
    [
      'web-dav',
      [['24 SSL', '20 <Location /dav>\n21 Dav On\n22 Require all granted\n20 </Location>\n24 SSL']],
      /^fail Apache: asks nobody .*line 21: Dav On/,
    ],
    ['web-dav', [['24 SSL', '20 <Location /dav>\n21 Dav On\n22 Require valid-user\n20 </Location>\n24 SSL']], /^pass/],
    ['web-dav', [['24 SSL', '20 <Location /dav>\n21 Dav On\n20 </Location>\n24 SSL']], /^unknown/],
    // What is asked of some methods alone, or must not be, is not asked of those that write.
    [
      'web-dav',
      [
        [
          '24 SSL',
          '20 <Location /dav>\n21 Dav On\n22 <Limit GET>\n23 Require valid-user\n22 </Limit>\n20 </Location>\n24 SSL',
        ],
      ],
      /^unknown/,
    ],
    [
      'web-dav',
      [
        [
          '24 SSL',
          '20 <Location /dav>\n21 Dav On\n22 <LimitExcept GET PUT>\n23 Require valid-user\n22 </LimitExcept>\n20 </Location>\n24 SSL',
        ],
      ],
      /^unknown/,
    ],
    [
      'web-dav',
      [
        [
          '24 SSL',
          '20 <Location /dav>\n21 Dav On\n22 <LimitExcept GET>\n23 Require valid-user\n22 </LimitExcept>\n20 </Location>\n24 SSL',
        ],
      ],
      /^pass/,
    ],
    [
      'web-dav',
      [
        [
          '24 SSL',
          '20 <Location /dav>\n21 Dav On\n22 <RequireNone>\n23 Require ip 10.0.0.1\n22 </RequireNone>\n20 </Location>\n24 SSL',
        ],
      ],
      /^unknown/,
    ],
    [
      'web-dav',
      [
        [
          '24 SSL',
          '20 <Location /dav>\n21 Dav On\n22 <RequireAny>\n23 Require valid-user\n22 </RequireAny>\n20 </Location>\n24 SSL',
        ],
      ],
      /^pass/,
    ],
    ['web-dav', [['24 SSL', '20 <Location /dav>\n21 Dav Off\n20 </Location>\n24 SSL']], /^notapplicable/],
    [
      'web-version',
      [['status 0', 'status 1\nsaid AH00526: Syntax error on line 3']],
      /^unknown Apache: Apache says: AH00526/,
    ],
    ['web-version', [['status 0\nend', 'status 0']], /^unknown/],
    ['web-version', [['-k start', '-k start -f /srv/own.conf']], /^unknown Apache: it was started with -k start -f/],
    ['web-version', [['171 </Directory>\n', '']], /^unknown/],
    [
      'web-version',
      [['program apache2', 'program apache2\nwithout mod_info']],
      /^unknown Apache: Apache has no mod_info/,
    ],
  ])('%s with %j', (id, changes, words) => expect(told(id, ofApache(...changes))).toMatch(words))

  test('which OpenSSL there is decides what its settings leave open', () => {
    const by = (openssl: string): string => told('web-tls', web(APACHE, '', '', { openssl }))
    expect(by('library libssl.so.1.1\nend')).toMatch(/^fail Apache: permits TLSv1/)
    expect(by('library libssl.so.1.1\nlibrary libssl.so.3\nend')).toMatch(/^unknown/)
    expect(by('library libssl.so.3\npolicies\nend')).toMatch(/^unknown .*crypto policy/)
    expect(by('library libssl.so.3\nlevel /etc/ssl/openssl.cnf 60 CipherString = DEFAULT:@SECLEVEL=0\nend')).toMatch(
      /^unknown/,
    )
    expect(by('library libssl.so.3\nlevel /etc/ssl/openssl.cnf 60 CipherString = DEFAULT:@SECLEVEL=2\nend')).toMatch(
      /^pass/,
    )
    expect(by('library libssl.so.3')).toMatch(/^unknown/)
  })

  test('that others don’t reach is no finding, and what nobody can tell is said', () => {
    const listing = (around: Around): string => told('web-listing', ofApache(), around)
    expect(listing(heard('apache2', '127.0.0.1'))).toMatch(/^pass Apache: heard by this host alone: \/var\/www\/html/)
    expect(listing(heard('sshd', '0.0.0.0', 22))).toMatch(/^pass Apache: does not listen: /)
    expect(listing(heard(null, '0.0.0.0'))).toMatch(/^fail .*whether it listens outside is not known$/)
    expect(listing(heard('systemd', '0.0.0.0', 443))).toMatch(/^fail (?!.*not known)/)
    expect(listing({ listeners: null })).toMatch(/^fail .*not known$/)
  })
})

describe('nginx', () => {
  test.each<readonly [string, readonly Change[], RegExp]>([
    ['web-version', [], /^fail nginx: server_tokens is not set, and on$/],
    [
      'web-version',
      [['http {', 'http { server_tokens off;']],
      /^pass nginx: hidden \| \/etc\/nginx\/nginx\.conf, line 2: server_tokens off$/,
    ],
    [
      'web-version',
      [
        ['http {', 'http { server_tokens off;'],
        ['try_files', 'server_tokens build; try_files'],
      ],
      /^fail nginx: server_tokens build .*default, line 7/,
    ],
    ['web-version', [['http {', "http { more_set_headers 'Server: x';"]], /^unknown/],
    [
      'web-default',
      [['index.html index.nginx-debian.html', 'index.nginx-debian.html']],
      /^fail nginx: answers with \/var\/www\/html\/index\.nginx-debian\.html \|.*default, line 4: root/,
    ],
    ['web-default', [['root /var/www/html', 'root /srv/www']], /^pass/],
    ['web-default', [['root', 'return 301 https://b.example; root']], /^pass/],
    ['web-default', [['root', 'rewrite ^ /a; root']], /^unknown nginx: rewrite may answer/],
    ['web-default', [['try_files $uri $uri/ =404', 'proxy_pass http://127.0.0.1:3000']], /^pass/],
    ['web-default', [['try_files $uri', 'root /srv; try_files $uri']], /^pass/],
    ['web-listing', [], /^pass nginx: none$/],
    [
      'web-listing',
      [['try_files', 'autoindex on; try_files']],
      /^fail nginx: location \/ \|.*default, line 7: autoindex on$/,
    ],
    ['web-listing', [['http {', 'http { autoindex on;']], /^fail .*nginx\.conf, line 2/],
    [
      'web-listing',
      [
        ['http {', 'http { autoindex on;'],
        ['root', 'autoindex off; root'],
      ],
      /^pass/,
    ],
    [
      'web-listing',
      [
        ['root', 'autoindex on; root'],
        ['try_files', 'autoindex off; try_files'],
      ],
      /^pass/,
    ],
    ['web-listing', [['location / {', 'location /a { autoindex on; }\nlocation / {']], /^fail nginx: location \/a/],
    ['web-listing', [['try_files', '# autoindex on;\ntry_files']], /^pass/],
    ['web-listing', [['http {', 'stream { server { autoindex on; } }\nhttp {']], /^pass/],
    ['web-tls', [], /^pass nginx: OpenSSL refuses TLSv1, TLSv1\.1 \|/],
    ['web-tls', [['TLSv1 TLSv1.1 TLSv1.2', 'TLSv1.2']], /^pass nginx: TLS 1\.2 and later alone/],
    ['web-tls', [['root', 'ssl_ciphers "DEFAULT:@SECLEVEL=0"; root']], /^fail nginx: permits TLSv1, TLSv1\.1/],
    [
      'web-tls',
      [['ssl_protocols', '#']],
      /^pass nginx: OpenSSL refuses .*ssl_protocols is not set: TLSv1 TLSv1\.1 TLSv1\.2 by nginx 1\.22\.1/,
    ],
    [
      'web-tls',
      [
        ['ssl_protocols', '#'],
        ['nginx/1.22.1', 'nginx/1.27.3'],
      ],
      /^pass nginx: TLS 1\.2 and later alone/,
    ],
    [
      'web-tls',
      [
        ['ssl_protocols', '#'],
        ['nginx/1.22.1', 'nginx/unknown'],
      ],
      /^unknown/,
    ],
    ['web-tls', [['443 ssl', '443']], /^notapplicable/],
    ['web-tls', [['OpenSSL 3.0.15', 'OpenSSL 1.1.1n']], /^fail/],
    ['web-tls', [['OpenSSL 3.0.15 3 Sep 2024', 'OpenSSL 1.1.1n (running with OpenSSL 3.0.9 1 Jan 2024)']], /^pass/],
    [
      'web-dav',
      [['try_files', 'dav_methods PUT DELETE; try_files']],
      /^fail nginx: asks nobody .*line 7: dav_methods PUT DELETE/,
    ],
    ['web-dav', [['try_files', 'dav_methods PUT; auth_basic "who"; try_files']], /^pass/],
    [
      'web-dav',
      [
        ['try_files', 'dav_methods PUT; auth_basic off; try_files'],
        ['http {', 'http { auth_basic who;'],
      ],
      /^fail/,
    ],
    ['web-dav', [['try_files', 'dav_methods PUT; limit_except GET { deny all; } try_files']], /^pass/],
    // A method that limit_except names is not limited by it.
    ['web-dav', [['try_files', 'dav_methods PUT; limit_except GET PUT { deny all; } try_files']], /^fail/],
    // Of the rules the first that fits holds.
    ['web-dav', [['try_files', 'dav_methods PUT; allow all; deny all; try_files']], /^fail/],
    ['web-dav', [['try_files', 'dav_methods PUT; allow 10.0.0.0/8; deny all; try_files']], /^pass/],
    ['web-dav', [['try_files', 'dav_methods PUT; satisfy any; allow all; auth_basic "who"; try_files']], /^fail/],
    ['web-dav', [['try_files', 'dav_methods PUT; satisfy any; allow 10.0.0.1; auth_basic "who"; try_files']], /^pass/],
    ['web-dav', [['try_files', 'dav_methods PUT; ssl_verify_client optional_no_ca; try_files']], /^fail/],
    ['web-dav', [['try_files', 'dav_methods off; try_files']], /^notapplicable/],
    ['web-version', [['of /etc/nginx/sites-enabled/* /etc/nginx/sites-enabled/default\n', '']], /^notapplicable/],
    [
      'web-version',
      [['of /etc/nginx/sites-enabled/*\nof /etc/nginx/sites-enabled/* /etc/nginx/sites-enabled/default\n', '']],
      /^unknown nginx: what is included by \/etc\/nginx\/sites-enabled\/\*/,
    ],
    [
      'web-version',
      [['file /etc/nginx/sites-enabled/default', 'unread /etc/nginx/sites-enabled/default']],
      /^unknown nginx: \/etc\/nginx\/sites-enabled\/default can't be read/,
    ],
    ['web-version', [['try_files $uri $uri/ =404;\n\t}', 'try_files $uri;']], /^unknown nginx: .*ends within a block/],
    ['web-version', [['try_files $uri', "try_files '$uri"]], /^unknown nginx: .*a quote has no end/],
    ['web-version', [['try_files', 'content_by_lua_block { ngx.say("}") }\ntry_files']], /^unknown nginx: .*Lua/],
    ['web-version', [['-g daemon on;', '-c /srv/own.conf -g daemon on;']], /^unknown nginx: it was started with -c/],
    ['web-version', [['\nend', '\nodd\nend']], /^unknown/],
  ])('%s with %j', (id, changes, words) => {
    expect(told(id, ofNginx(...changes), heard('nginx', '0.0.0.0'))).toMatch(words)
  })

  test('a line that grep does not show makes all of it unknown', () => {
    const lines = numbered('/etc/nginx/nginx.conf', 'http { server { } }')
    const about = NGINX.replace(/of .*\n/g, '').replace('file /etc/nginx/sites-enabled/default\n', '')
    expect(judged('web-version', web('', about, `${lines}\nend`))).toMatch(/^fail/)
    expect(judged('web-version', web('', about, lines.replace(':1:', ':2:')))).toMatch(/^unknown/)
    expect(judged('web-version', web('', about, `${lines.replace(':1:', ':2:')}\nend`))).toMatch(
      /^unknown .*can't be placed/,
    )
    expect(judged('web-version', web('', about, `${lines}\nmany\nend`))).toMatch(/^unknown nginx: it is too long/)
  })
})

describe('both servers', () => {
  test('have one finding: the worst word, with whose it is', () => {
    const lines = `${numbered('/etc/nginx/nginx.conf', MAIN)}\n${numbered('/etc/nginx/sites-enabled/default', SITE)}\nend`
    expect(judged('web-listing', web(APACHE, NGINX, lines))).toMatch(/^fail Apache: \/var\/www\/html \|/)
    expect(judged('web-version', web(APACHE, NGINX, lines))).toMatch(
      /^fail Apache: ServerTokens OS; nginx: server_tokens/,
    )
  })

  test('that are not there are silent, and a probe that broke off is not', () => {
    expect(judged('web-version', web('', '', ''))).toBe('notapplicable not installed')
    expect(judged('web-version', factsFrom({ 'rest-web': '@@apache\n' }))).toBe('unknown it was not read to its end')
  })
})
