/**
 * Protocol names that iptables-save(8) may print for `-p` (it asks /etc/protocols of its host) with their numbers
 * (IANA), and the ones that people type.
 */
const NUMBERS: ReadonlyMap<string, number> = new Map(
  (
    'icmp 1 igmp 2 ggp 3 ipencap 4 ipv4 4 st 5 tcp 6 egp 8 igp 9 pup 12 udp 17 hmp 20 xns-idp 22 rdp 27 iso-tp4 29 ' +
    'dccp 33 xtp 36 ddp 37 idpr-cmtp 38 ipv6 41 ipv6-route 43 ipv6-frag 44 idrp 45 rsvp 46 gre 47 esp 50 ipv6-crypt 50 ' +
    'ipsec-esp 50 ah 51 ipv6-auth 51 ipsec-ah 51 skip 57 ipv6-icmp 58 icmpv6 58 icmp6 58 ipv6-nonxt 59 ipv6-opts 60 ' +
    'rspf 73 vmtp 81 eigrp 88 ospf 89 ospfigp 89 ax.25 93 ipip 94 etherip 97 encap 98 pim 103 ipcomp 108 vrrp 112 carp 112 ' +
    'l2tp 115 isis 124 sctp 132 fc 133 mobility-header 135 ipv6-mh 135 mh 135 udplite 136 mpls-in-ip 137 manet 138 ' +
    'hip 139 shim6 140 wesp 141 rohc 142 ethernet 143'
  )
    .match(/\S+ \d+/g)
    ?.map((pair) => pair.split(' ') as [string, string])
    .map(([name, number]) => [name, Number(number)]),
)

/** The number of a protocol that is written as a name or a number (`tcp`, `TCP`, `6`); null when it is neither. */
export function protocolNumber(text: string): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : null
  return NUMBERS.get(text.toLowerCase()) ?? null
}

/** What iptables-save(8) prints by itself (xtables_chain_protos), by the other ways to write it. */
const PRINTED: ReadonlyMap<string, string> = new Map([
  ['6', 'tcp'],
  ['17', 'udp'],
  ['132', 'sctp'],
  ['1', 'icmp'],
  ['58', 'ipv6-icmp'],
  ['icmpv6', 'ipv6-icmp'],
])

/** A protocol as iptables-save(8) prints it, as far as that does not hang on its host's /etc/protocols. */
export const printedProtocol = (word: string): string => PRINTED.get(word) ?? word

export const TCP = 6
export const UDP = 17
export const ICMP = 1
export const ICMPV6 = 58
export const DCCP = 33
export const SCTP = 132
export const UDPLITE = 136

/** Protocols whose packets carry ports where tcp has them. */
export const WITH_PORTS: ReadonlySet<number> = new Set([TCP, UDP, DCCP, SCTP, UDPLITE])

/** Headers that ip6tables looks past to find a packet's protocol (ipv6_find_hdr), so that `-p` never sees them. */
export const V6_EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 44, 51, 59, 60])
