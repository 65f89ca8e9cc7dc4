import { expect } from 'vitest'
import type { Around } from '../../../../src/services/model/area.ts'
import { safe } from '../../../../src/services/model/safe.ts'
import { hostFacts } from '../../../support/plans.ts'
import { factsFrom, judged } from './some-rest.ts'

export const APACHE = `program apache2
args /usr/sbin/apache2 -k start
in /etc/apache2/apache2.conf
160 <Directory />
161 Options FollowSymLinks
162 AllowOverride None
160 </Directory>
171 <Directory /var/www/>
172 Options Indexes FollowSymLinks
173 AllowOverride None
171 </Directory>
in /etc/apache2/conf-enabled/security.conf
12 ServerTokens OS
in /etc/apache2/mods-enabled/dir.conf
1 DirectoryIndex index.html index.php
in /etc/apache2/mods-enabled/ssl.conf
71 SSLProtocol all -SSLv3
in /etc/apache2/sites-enabled/000-default.conf
1 <VirtualHost *:443>
12 DocumentRoot /var/www/html
24 SSLEngine on
1 </VirtualHost>
docroot "/var/www/html"
module autoindex_module
module ssl_module
status 0
end`
const PAGES = 'page stock /var/www/html/index.html\npage stock /var/www/html/index.nginx-debian.html\nend'
const OPENSSL = 'library libssl.so.3\nend'
export const NGINX = `version nginx/1.22.1
tls OpenSSL 3.0.15 3 Sep 2024
prefix /usr/share/nginx
args /usr/sbin/nginx -g daemon on; master_process on;
main /etc/nginx/nginx.conf
file /etc/nginx/nginx.conf
of /etc/nginx/sites-enabled/*
of /etc/nginx/sites-enabled/* /etc/nginx/sites-enabled/default
file /etc/nginx/sites-enabled/default
end`
export const MAIN = `events { worker_connections 768; }
http {
	ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; # Dropping SSLv3
	include /etc/nginx/sites-enabled/*;
}`
export const SITE = `server {
	listen 80 default_server;
	listen 443 ssl;
	root /var/www/html;
	index index.html index.nginx-debian.html;
	location / {
		try_files $uri $uri/ =404;
	}
}`
export type Change = readonly [from: string, to: string]
const changed = (text: string, changes: readonly Change[]): string =>
  changes.reduce((all, [from, to]) => {
    expect(all).toContain(from)
    return all.replace(from, () => to)
  }, text)
export const numbered = (path: string, text: string): string =>
  text
    .split('\n')
    .map((line, at) => `${path}:${at + 1}:${line}`)
    .join('\n')

export const web = (apache: string, nginx: string, lines: string, rest: { pages?: string; openssl?: string } = {}) =>
  factsFrom({
    'rest-web': `@@apache\n${apache}\n@@nginx\n${nginx}\n@@nginx-lines\n${lines}\n@@pages\n${rest.pages ?? PAGES}\n@@openssl\n${rest.openssl ?? OPENSSL}`,
  })
export const ofApache = (...changes: readonly Change[]) => web(changed(APACHE, changes), '', '')
export const ofNginx = (...changes: readonly Change[]) => {
  const whole = changed(`${NGINX}\n@@\n${MAIN}\n@@\n${SITE}`, changes).split('\n@@\n')
  const [about = '', main = '', site = ''] = whole
  const lines = [numbered('/etc/nginx/nginx.conf', main), numbered('/etc/nginx/sites-enabled/default', site), 'end']
  return web('', about, lines.join('\n'))
}

/** Who listens, as ss(8) has it. */
export const heard = (process: string | null, address: string, port = 80): Around => ({
  listeners: [
    {
      protocol: 'tcp',
      address: safe(address),
      port,
      process: process === null ? null : safe(process),
      pid: 1,
      unit: null,
    },
  ],
})
export const told = (id: string, facts: ReturnType<typeof web>, around: Around = heard('apache2', '*')): string =>
  judged(id, facts, hostFacts, around)
