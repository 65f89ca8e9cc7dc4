// Rule sets of which iptables-save(8) tells a part, or nothing, or what is not so: each as a script that loads it.
import { ADDRESSES } from '../paths.ts'

const { client, bystander } = ADDRESSES

const nft = (text: string): string => `nft -f - <<'NFT'\n${text}\nNFT\n`

/** One chain that filters what comes in, in a table of its own. */
const inTable = (table: string, rules: string, head = 'type filter hook input priority filter; policy drop;'): string =>
  nft(`table ${table} {\n  chain in {\n    ${head}\n    ct state established,related accept\n    ${rules}\n  }\n}`)

const NEIGHBOURS = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'

/** In iptables' own table for IPv4. */
const IN_FILTER: Readonly<Record<string, string>> = {
  'an anonymous set that iptables-save leaves out': nft(`table ip filter {
  chain INPUT {
    type filter hook input priority 0; policy drop;
    tcp dport { 80, 8081 } accept
    tcp dport 22 accept
  }
}`),
  'a set by name, and a map of states': nft(`table ip filter {
  set bad { type ipv4_addr; flags interval; elements = { ${bystander.v4}, 198.51.100.0/24 } }
  chain INPUT {
    type filter hook input priority filter; policy drop;
    iif "lo" accept
    ct state vmap { invalid : drop, established : accept, related : accept }
    ip saddr @bad drop
    tcp dport { 22, 8080 } accept
  }
}`),
  'a base chain in small letters': nft(`table ip filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ct state established,related accept
    tcp dport 22 accept
  }
}`),
  'a field that iptables has no word for': nft(`table ip filter {
  chain INPUT {
    type filter hook input priority 0; policy accept;
    ip saddr ${bystander.v4} tcp dport 53 ct direction original drop
    tcp dport 8080 ip ttl 1-255 drop
  }
}`),
  'no base chain of its own at all': nft('table ip filter {\n  chain DOOR { tcp dport 80 drop; }\n}'),
}

/** In tables beside iptables'. */
const BESIDE: Readonly<Record<string, string>> = {
  'ports by set, range and comparison': inTable(
    'inet mine',
    `${NEIGHBOURS}\n tcp dport { 22, 53 } accept\n tcp dport 79-80 accept`,
  ),
  'all but some ports': inTable('inet mine', `${NEIGHBOURS}\n tcp dport != { 22, 80 } drop\n accept`),
  'ports above a number': inTable('inet mine', `${NEIGHBOURS}\n tcp dport > 79 accept\n tcp dport < 23 accept`),
  'one family of two': inTable(
    'inet mine',
    `${NEIGHBOURS}\n meta nfproto ipv4 tcp dport 80 accept\n ip6 nexthdr tcp tcp dport 8080 accept`,
  ),
  'sources by name': `${inTable('inet mine', `${NEIGHBOURS}\n tcp dport 22 accept`)}${nft(`table inet mine {
  set four { type ipv4_addr; elements = { ${client.v4} } }
  set six { type ipv6_addr; elements = { ${bystander.v6} } }
  chain in { ip saddr @four tcp dport 80 accept; ip6 saddr @six accept; }
}`)}`,
  'sources and ports together': inTable(
    'inet mine',
    `${NEIGHBOURS}\n ip saddr . tcp dport { ${client.v4} . 80, ${bystander.v4} . 8080 } accept\n ip6 saddr . tcp dport { ${client.v6} . 53 } accept`,
  ),
  'jumps, goto, return and a map of ports': nft(`table inet mine {
  chain web { ip saddr ${bystander.v4} return; accept; }
  chain name { ip6 saddr ${client.v6} drop; accept; }
  chain in {
    type filter hook input priority 5; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    ${NEIGHBOURS}
    tcp dport vmap { 80 : jump web, 53 : goto name, 22 : accept, 8000-8079 : accept }
  }
}`),
  'an interface, and reject': inTable(
    'inet mine',
    `iifname "lo" accept\n iifname "eth*" tcp dport 80 reject with tcp reset\n iifname != "lo" tcp dport 53 drop`,
    'type filter hook input priority 20; policy accept;',
  ),
  'what accepts in one chain and drops in a later one': `${inTable('inet first', 'tcp dport { 53, 80 } accept', 'type filter hook input priority -10; policy accept;')}${inTable('inet second', 'tcp dport 80 drop', 'type filter hook input priority 10; policy accept;')}`,
  'a drop before conntrack': nft(`table inet early {
  chain pre { type filter hook prerouting priority raw; policy accept; tcp dport 8080 drop; ct state new tcp dport 80 drop; }
}`),
  'answers that are dropped on their way out': nft(`table inet mine {
  chain out { type filter hook output priority filter; policy accept; tcp sport 80 tcp flags & (syn|ack) == syn|ack drop; tcp sport 53 ct state established drop; }
}`),
  'a dormant table': `${inTable('inet mine', '')}nft add table inet mine '{ flags dormant; }'\n`,
  'hooks without rules': nft(
    'table inet mine {\n  chain in { type filter hook input priority 0; policy accept; }\n  chain x { drop; }\n}',
  ),
  'a port that is sent on': nft(`table inet mine {
  chain pre { type nat hook prerouting priority dstnat; tcp dport 8080 redirect to :80; tcp dport 53 ip saddr ${client.v4} redirect to :9; }
}
table inet later {
  chain in { type filter hook input priority 0; tcp dport 80 drop; }
}`),
  'no tracking, and a state asked for later': nft(`table inet mine {
  chain pre { type filter hook prerouting priority raw; tcp dport 80 notrack; }
  chain in { type filter hook input priority 0; tcp dport { 80, 53 } ct state new drop; }
}`),
  'limits and counters': inTable(
    'inet mine',
    `${NEIGHBOURS}\n tcp dport 80 limit rate 1/hour burst 1 packets accept\n tcp dport 53 counter accept`,
  ),
  'the door of a device': `device=$(ip -o -4 route show to match ${client.v4} | sed 's/.* dev \\([^ ]*\\).*/\\1/'); nft "table netdev door { chain in { type filter hook ingress device $device priority 0; tcp dport 80 drop; }; }"\n`,
  'tables of two families': `${inTable('ip four', 'tcp dport 80 accept')}${inTable('ip6 six', `${NEIGHBOURS}\n tcp dport 53 accept`)}`,
  'a set that packets fill': nft(`table inet mine {
  set seen { type ipv4_addr; size 100; flags dynamic; }
  chain in { type filter hook input priority 0; tcp dport 80 add @seen { ip saddr }; ip saddr @seen tcp dport 53 drop; }
}`),
}

/** Rules of iptables' own, which others stand beside. */
export const IPTABLES: Readonly<Record<string, string>> = {
  none: '',
  'a policy': `for t in iptables ip6tables; do
  $t -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; $t -A INPUT -p tcp -m multiport --dports 22,80,8080 -j ACCEPT
done
ip6tables -A INPUT -p ipv6-icmp -j ACCEPT; iptables -P INPUT DROP; ip6tables -P INPUT DROP\n`,
  'one port': 'iptables -A INPUT -p tcp --dport 53 -j DROP; ip6tables -A INPUT -p tcp --dport 8080 -j REJECT\n',
}

/** Rules of the backend that iptables is not; `OTHER` is its name. */
const OTHER: Readonly<Record<string, string>> = {
  'a drop of the other backend':
    'iptables-OTHER -A INPUT -p tcp --dport 80 -j DROP; ip6tables-OTHER -A INPUT -p tcp --dport 53 -j DROP\n',
  'a policy of the other backend':
    'iptables-OTHER -A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT; iptables-OTHER -P INPUT DROP\n',
  'no tracking by the other backend': 'iptables-OTHER -t raw -A PREROUTING -p tcp --dport 80 -j CT --notrack\n',
}

export type LayerSet = { readonly name: string; readonly load: string }

/** All of them for a server whose iptables is of one backend, each with some rules of iptables' own beside it. */
export function layerSets(backend: 'nft' | 'legacy'): readonly LayerSet[] {
  const own = Object.entries(IPTABLES)
  const beside = { ...BESIDE, ...OTHER, ...(backend === 'legacy' ? IN_FILTER : {}) }
  return [
    ...Object.entries(beside).map(([name, load], at) => {
      const [rules = '', first = ''] = own[at % own.length] ?? []
      return { name: `${name}, beside ${rules}`, load: first + load }
    }),
    ...(backend === 'nft' ? Object.entries(IN_FILTER).map(([name, load]) => ({ name, load })) : []),
  ].map(({ name, load }) => ({ name, load: load.replaceAll('OTHER', backend === 'nft' ? 'legacy' : 'nft') }))
}
