// The kinds of servers: how sshd listens on them, and how many rules they have. A table, so that a new one is a line.
import type { Flavour, Variant } from '../../recipe.ts'

export type Kind = {
  readonly name: string
  readonly flavour: Flavour
  readonly variant: Variant
  /** Where sshd listens; operators come in by the first, and after a rollback a login has to work on every one. */
  readonly ports: readonly [number, ...number[]]
  /** Lines at the head of sshd_config. */
  readonly sshd: readonly string[]
  /** Of INPUT, in both families. */
  readonly policy: 'ACCEPT' | 'DROP'
  /** Rules of INPUT behind the few that every server has. */
  readonly moreRules: number
  /** Lines of our file of sysctl.d(5); without any there is no such file. */
  readonly settings: readonly string[]
  /** Whether BIND runs there, and looks up names for everybody. */
  readonly resolver: boolean
}

const DEFAULTS = {
  variant: 'persistent',
  ports: [22],
  sshd: [],
  policy: 'ACCEPT',
  moreRules: 0,
  settings: [],
  resolver: false,
} as const

const SETTINGS = ['# ours', 'net.ipv4.conf.all.log_martians = 0', '-net.ipv4.conf.lo.log_martians = 0']

/** In the order in which seeds go through them; the first four are what every test run meets. */
export const KINDS: readonly Kind[] = [
  { ...DEFAULTS, name: 'debian13', flavour: 'debian13' },
  { ...DEFAULTS, name: 'sysvinit', flavour: 'sysvinit' },
  {
    ...DEFAULTS,
    name: 'two-ports',
    flavour: 'debian12',
    ports: [22, 2222],
    sshd: ['Port 22', 'Port 2222'],
  },
  { ...DEFAULTS, name: 'socket', flavour: 'debian13', variant: 'socket', policy: 'DROP', settings: SETTINGS },
  { ...DEFAULTS, name: 'long-chain', flavour: 'debian12', moreRules: 2000 },
  {
    ...DEFAULTS,
    name: 'own-address',
    flavour: 'debian12',
    ports: [2222],
    sshd: ['ListenAddress 192.0.2.10:2222'],
    policy: 'DROP',
  },
  { ...DEFAULTS, name: 'debian12', flavour: 'debian12' },
  {
    ...DEFAULTS,
    name: 'all-addresses',
    flavour: 'debian12',
    ports: [2222],
    sshd: ['ListenAddress 0.0.0.0:2222', 'ListenAddress [::]:2222'],
  },
  { ...DEFAULTS, name: 'resolver', flavour: 'debian12', resolver: true, settings: SETTINGS },
]

/** How many seeds in a row meet the same kind of server. */
const BLOCK = 5

/** The block that a seed is in: its runs share a server. */
export const blockOf = (seed: number): number => Math.floor(seed / BLOCK)

/** The kind that a seed meets, among those that fit. */
export const kindOf = (seed: number, fits: readonly Kind[]): Kind => fits[blockOf(seed) % fits.length] as Kind

/** What a rule says of packets to sshd, as iptables-save prints it. */
export const toSshd = ({ ports }: Kind): string =>
  ports.length === 1 ? `-p tcp -m tcp --dport ${ports[0]}` : `-p tcp -m multiport --dports ${ports.join(',')}`

/** The command that makes sshd read its configuration anew and listen. */
export const restartOf = ({ variant }: Kind): string =>
  variant === 'socket' ? 'systemctl daemon-reload; systemctl restart ssh.socket' : 'service ssh restart'

/** Its sshd_config without what says where sshd listens. */
export const withoutPlaces = (text: string): string => text.replaceAll(/^(Port|ListenAddress) .*\n/gm, '')

/** The rules of IPv4 that it begins with, as a save. */
export const rulesOfKind = (kind: Kind): string => `*filter
:INPUT ${kind.policy} [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p udp -m udp --dport 5353 -j DROP
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT ${toSshd(kind)} -j ACCEPT
-A INPUT -p icmp -j ACCEPT
${Array.from({ length: kind.moreRules }, (_, at) => `-A INPUT -s 10.${at >> 8}.${at & 255}.7/32 -p tcp -m tcp --dport ${1024 + at} -j ACCEPT\n`).join('')}COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 203.0.113.0/24 -j MASQUERADE
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
COMMIT
`

/** The rules of IPv6. */
export const rulesOfKind6 = (kind: Kind): string => `*filter
:INPUT ${kind.policy} [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p ipv6-icmp -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT ${toSshd(kind)} -j ACCEPT
COMMIT
`
