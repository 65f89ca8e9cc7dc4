const OF_IPV4 = {
  ...{ accept_redirects: 1, secure_redirects: 1, shared_media: 1, send_redirects: 1 },
  ...{ rp_filter: 0, log_martians: 0, forwarding: 0 },
}
const OF_IPV6 = { accept_redirects: 1, accept_source_route: 0, forwarding: 0 }

/** How the practice server's kernel treats packets: /proc/sys/net as a kernel has it that nobody has told anything. */
export const SYSCTL: Readonly<Record<string, string>> = Object.fromEntries([
  ...['tcp_syncookies', 'icmp_echo_ignore_broadcasts'].map((name) => [`proc/sys/net/ipv4/${name}`, '1\n']),
  ['proc/sys/net/ipv4/ip_forward', '0\n'],
  ...['all', 'default', 'eth0', 'lo'].flatMap((link) => [
    [`proc/sys/net/ipv4/conf/${link}/accept_source_route`, link === 'all' ? '0\n' : '1\n'],
    ...Object.entries(OF_IPV4).map(([name, value]) => [`proc/sys/net/ipv4/conf/${link}/${name}`, `${value}\n`]),
    ...Object.entries(OF_IPV6).map(([name, value]) => [`proc/sys/net/ipv6/conf/${link}/${name}`, `${value}\n`]),
  ]),
])
