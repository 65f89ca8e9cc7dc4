// Parts of areas that are changed by mending their findings: settings of the kernel, and BIND.
import { fixOf, type Part } from './part.ts'

/** Our file of sysctl.d(5): whoever writes it sets what it says at once. */
export const SETTINGS_FILE = '/etc/sysctl.d/99-hardtui.conf'
export const NAMED_FILES = ['/etc/bind/named.conf.options', '/etc/bind/named.conf.local'] as const

/** What every server of the harness boots with, as people have it who never looked: there is something to mend. */
export const LAX_SETTINGS = `net.ipv4.tcp_syncookies = 0
net.ipv4.icmp_echo_ignore_broadcasts = 0
${['accept_redirects', 'accept_source_route', 'log_martians']
  .flatMap((name) =>
    ['all', 'default'].map((link) => `net.ipv4.conf.${link}.${name} = ${name === 'log_martians' ? 0 : 1}`),
  )
  .join('\n')}
`

/** A zone of its own, and names looked up for everybody; nobody is asked for them. */
export const OPEN_RESOLVER = `options {
	directory "/var/cache/bind";
	dnssec-validation no;
	forwarders { 127.0.0.1 port 5300; };
	forward only;
	allow-query { any; };	// everybody may have our zone
	listen-on-v6 { any; };
};
`
export const OWN_ZONE = 'example.org'
export const ZONES = `zone "${OWN_ZONE}" { type master; file "/etc/bind/db.local"; };\n`

/** Where named listens that nobody outside reaches, as the judge has it. */
const LOOPBACK = '127.0.0.1:53 127.0.0.1:953 [::1]:53 [::1]:953'

const settings = (name: string, id: string): Part => ({
  name: `kernel: ${name}`,
  locksOut: false,
  // Several settings go into one file.
  kin: [`settings ${name}`],
  stage: fixOf('rest', `REST-${id}`),
})

const resolver = (name: string, id: string, world?: Part['world'], kin = 'named'): Part => ({
  name: `BIND: ${name}`,
  locksOut: false,
  kin: [kin],
  stage: fixOf('dns', `DNS-${id}`),
  ...(world ? { world } : {}),
})

/** How a stranger and a neighbour are answered alike, as the judge has it. */
const both = (answer: string): Readonly<Record<string, string>> => ({
  'named:stranger': answer,
  'named:neighbour': answer,
})
const ZONE_ALONE = 'no recursion, its own, NOERROR, 1'

export const PARTS_OF_SETTINGS: readonly Part[] = [
  settings('no redirects', 'accept-redirects'),
  settings('no source routes', 'source-route'),
  settings('SYN cookies', 'syncookies'),
  settings('no pings to all', 'broadcast-ping'),
  settings('martians logged', 'log-martians'),
]

/** For a server with BIND as an open resolver. */
export const PARTS_OF_NAMED: readonly Part[] = [
  resolver('recursion for its own', 'open-resolver', both(ZONE_ALONE)),
  resolver('no recursion', 'recursion', both(ZONE_ALONE)),
  resolver('on loopback alone', 'listens-outside', { ...both('refused'), 'named:listens': LOOPBACK }),
  resolver('version hidden', 'version', undefined, 'version of named'),
]
