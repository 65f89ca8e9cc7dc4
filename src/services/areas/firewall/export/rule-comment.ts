import { unquoted } from '../foreign-chains.ts'

/** What a port is for, where most readers would have to look. Names as their administrators say them. */
const PORTS: Readonly<Record<number, string>> = {
  20: 'FTP data',
  21: 'FTP',
  22: 'SSH',
  23: 'telnet',
  25: 'SMTP',
  53: 'DNS',
  67: 'DHCP server',
  68: 'DHCP client',
  80: 'HTTP',
  110: 'POP3',
  111: 'rpcbind',
  123: 'NTP',
  143: 'IMAP',
  161: 'SNMP',
  389: 'LDAP',
  443: 'HTTPS',
  465: 'mail submission over TLS',
  500: 'IKE (IPsec)',
  514: 'syslog',
  546: 'DHCPv6 client',
  547: 'DHCPv6 server',
  587: 'mail submission',
  636: 'LDAP over TLS',
  853: 'DNS over TLS',
  873: 'rsync',
  993: 'IMAP over TLS',
  995: 'POP3 over TLS',
  1194: 'OpenVPN',
  2049: 'NFS',
  3128: 'Squid',
  3306: 'MySQL',
  3389: 'remote desktop',
  4500: 'IPsec through NAT',
  5353: 'mDNS',
  5432: 'PostgreSQL',
  6379: 'Redis',
  6443: 'Kubernetes API',
  9100: 'Prometheus node exporter',
  10050: 'Zabbix agent',
  11211: 'memcached',
  27017: 'MongoDB',
  51820: 'WireGuard',
}

const ICMP: Readonly<Record<string, string>> = {
  0: 'echo reply',
  3: 'destination unreachable (path MTU depends on it)',
  8: 'echo request (ping)',
  11: 'time exceeded (traceroute)',
  12: 'parameter problem',
}

const ICMP6: Readonly<Record<string, string>> = {
  1: 'destination unreachable',
  2: 'packet too big (path MTU depends on it)',
  3: 'time exceeded (traceroute)',
  4: 'parameter problem',
  128: 'echo request (ping)',
  129: 'echo reply',
  133: 'router solicitation',
  134: 'router advertisement: without it no address and no route by autoconfiguration',
  135: 'neighbour solicitation: without it nobody finds this host',
  136: 'neighbour advertisement: without it this host finds nobody',
}

type Words = string | ((found: RegExpExecArray) => string | null)

/** What a rule holds, and what there is to say about it. Everything that fits is said, in this order. */
const WORDS: readonly (readonly [pattern: RegExp, words: Words])[] = [
  [/^-[io] lo -j ACCEPT$/, 'loopback: this host talking to itself'],
  [/--(?:ct)?state (?:RELATED,ESTABLISHED|ESTABLISHED,RELATED)(?= |$)/, 'connections that are established already'],
  [/--(?:ct)?state ESTABLISHED(?= |$)/, 'packets of established connections'],
  [/--(?:ct)?state INVALID(?= |$)/, 'packets that belong to no known connection and open none'],
  [/(?:^| )--dports? ([\d,:]+)/, (found) => portWords(found[1] as string)],
  [/(?:^| )--icmp-type (\d+)/, (found) => ICMP[found[1] as string] ?? null],
  [/(?:^| )--icmpv6-type (\d+)/, (found) => ICMP6[found[1] as string] ?? null],
  [
    /^-s (?:127|10|172\.16|192\.168)\.[\d./]+ -i (?!lo )\S+ -j DROP$/,
    'forged: such addresses have no business on that interface',
  ],
  [/^-s fe80::\/10 /, 'link-local addresses'],
  [/ --syn(?: |$)|--tcp-flags FIN,SYN,RST,ACK SYN(?: |$)/, 'packets that open a connection'],
  [/ -m (?:limit|hashlimit) /, 'no more often than that'],
  [/ -m connlimit /, 'counts how many connections are open'],
  [/ -m recent /, 'remembers addresses'],
  [/ -m (?:length|u32) /, 'looks at the size or the bytes of a packet'],
  [/(?:^| )-j (?:LOG|NFLOG)(?: |$)/, 'logged, and on to the next rule'],
  [/(?:^| )-j MASQUERADE/, 'leaves under the address of this host'],
  [/(?:^| )-j DNAT/, 'goes to another address'],
  [/(?:^| )-j SNAT/, 'leaves under another address'],
  [/(?:^| )-j REDIRECT/, 'goes to another port of this host'],
  [/(?:^| )-j (?:NOTRACK|CT --notrack)/, 'not tracked as a connection'],
  [/(?:^| )-j CT .*--helper (\w+)/, (found) => `connection tracking reads along (${found[1]})`],
  [/--clamp-mss-to-pmtu/, 'packets no larger than the way takes'],
  [/^-j (?:DROP|REJECT)(?: |$)/, 'what has come this far is refused'],
]

/**
 * What a reader may wonder about a rule, or null. Words of this program, and digits or word characters of the rule: nothing
 * of the server's could break out. A rule with a comment of its own speaks for itself.
 */
export function ruleComment(text: string): string | null {
  if (text.includes('--comment ')) return null
  const bare = unquoted(text)
  const said = WORDS.flatMap(([pattern, words]) => {
    const found = pattern.exec(bare)
    if (!found) return []
    return (typeof words === 'string' ? words : words(found)) ?? []
  })
  return said.length === 0 ? null : said.join('; ')
}

/** `22 SSH, 443 HTTPS`; null where no port of the list has a name here. */
function portWords(list: string): string | null {
  const named = list.split(',').flatMap((port) => (PORTS[Number(port)] ? `${port} ${PORTS[Number(port)]}` : []))
  return named.length === 0 ? null : named.join(', ')
}
