// Random tables of nft(8) beside iptables' own.
import type { Family } from '../../../src/services/model/firewall.ts'
import { NETWORKS, PORTS } from './people.ts'
import type { Random } from './random.ts'
import type { Sample } from './sample.ts'

/** What stands in a table, and how it is put in the place of the one before. */
export const NFT_TABLE = { family: 'inet', name: 'layers' } as const

const WORD: Readonly<Record<Family, string>> = { v4: 'ip', v6: 'ip6' }
const PRIORITIES = [-300, -290, -200, -150, -50, -1, 0, 1, 60, 110]
const HOOKS = ['prerouting', 'input', 'input', 'output', 'forward', 'postrouting']

type Site = { readonly random: Random; readonly samples: readonly Sample[]; readonly further: readonly string[] }

/** A whole table, much of it about some packets. */
export function someNftTable(random: Random, samples: readonly Sample[]): string {
  const own = Array.from({ length: random.number(4) }, (_, i) => `c${i}`)
  const sets = `  set four { type ipv4_addr; flags interval; elements = { ${networks(random, 'v4').join(', ')} } }
  set six { type ipv6_addr; flags interval; elements = { ${networks(random, 'v6').join(', ')} } }
  set doors { type inet_service; elements = { ${several(random, PORTS).join(', ')} } }`
  const base = Array.from({ length: 1 + random.number(4) }, (_, i) => {
    const hook = random.pick(HOOKS)
    const priority = random.pick(PRIORITIES)
    const policy = random.chance(0.3) ? 'drop' : 'accept'
    const head = `type filter hook ${hook} priority ${priority}; policy ${policy};`
    const early = priority < -200 && /^(prerouting|output)$/.test(hook)
    return chain(`b${i}`, head, rules({ random, samples, further: own }, early ? ['notrack'] : []))
  })
  const nat = random.chance(0.2)
    ? [
        chain(
          'nat',
          'type nat hook prerouting priority -110;',
          [`${someMatch({ random, samples, further: [] })} redirect to :${random.pick(PORTS)}`].filter((one) =>
            /^(tcp|udp)/.test(one),
          ),
        ),
      ]
    : []
  const users = own.map((name, i) => chain(name, '', rules({ random, samples, further: own.slice(i + 1) }, [])))
  const { family, name } = NFT_TABLE
  const table = random.chance(0.05) ? `table ${family} ${name} {\n  flags dormant;\n` : `table ${family} ${name} {\n`
  return `table ${family} ${name}\ndelete table ${family} ${name}\n${table}${sets}\n${[...users, ...base, ...nat].join('')}}\n`
}

const chain = (name: string, head: string, lines: readonly string[]): string =>
  `  chain ${name} {\n    ${head}\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`

function rules(site: Site, also: readonly string[]): readonly string[] {
  const { random } = site
  return Array.from({ length: random.number(6) }, () => {
    const verdict = random.chance(0.15) ? someMap(site) : someVerdict(site, [...MARKS, ...also])
    const parts = [verdict]
    for (let more = random.number(3); more > 0; more--) {
      const match = someMatch(site)
      if (agree([match, ...parts])) parts.unshift(match)
    }
    const matches = parts.slice(0, -1).join(' ')
    return random.chance(0.3) && !/vmap/.test(verdict) ? `${matches} counter ${verdict}` : `${matches} ${verdict}`
  })
}

/** Whether matches may stand in one rule: nft takes no two protocols of a kind, nor one that is named twice. */
const agree = (parts: readonly string[]): boolean =>
  [/\b(tcp|udp|icmp|icmpv6|l4proto)\b/, /\b(ip|ip6|icmp|icmpv6|nfproto)\b/].every(
    (kind) => parts.filter((part) => kind.test(part)).length < 2,
  )

const MARKS = ['meta mark set 1', 'ct mark set 1']
const VERDICTS = ['accept', 'accept', 'drop', 'drop', 'return', 'continue', '']

function someVerdict({ random, further }: Site, also: readonly string[]): string {
  const jumps = further.flatMap((name) => [`jump ${name}`, `goto ${name}`])
  const verdict = random.pick([...VERDICTS, ...jumps, ...also])
  return verdict === '' ? 'counter' : verdict
}

function someMap(site: Site): string {
  const { random } = site
  const verdict = (): string => someVerdict(site, []).replace('counter', 'continue')
  const of = (keys: readonly (string | number)[]): string =>
    `{ ${several(random, keys)
      .map((key) => `${key} : ${verdict()}`)
      .join(', ')} }`
  return random.pick([
    () => `tcp dport vmap ${of(PORTS)}`,
    () => `udp dport vmap ${of([22, 53, '80-443', 40_000])}`,
    () => `ct state vmap ${of(['new', 'established', 'related', 'invalid', 'untracked'])}`,
    () => `meta l4proto vmap ${of(['tcp', 'udp', 'icmp', 'ipv6-icmp'])}`,
    () => `ip saddr vmap ${of(['192.0.2.0/25', '198.51.100.50', '203.0.113.0/24'])}`,
  ])()
}

const several = <T>(random: Random, from: readonly T[]): readonly T[] => {
  const found = from.filter(() => random.chance(0.5))
  return found.length > 0 ? found : [random.pick(from)]
}

/** Networks of which none is inside another: nft takes no others into a set. */
const networks = (random: Random, family: Family): readonly string[] =>
  family === 'v4'
    ? several(random, ['192.0.2.16/28', '203.0.113.0/24', '198.51.100.50-198.51.100.60', '10.0.0.0/8', '192.0.2.99'])
    : several(random, ['2001:db8:a::20/123', '2001:db8:c::/64', '2001:db8:b::50-2001:db8:b::60', 'fe80::/10'])

const contiguous = (network: string): boolean => !/\/.*[.:]/.test(network)

/** One match, mostly of something that one of the packets has. */
function someMatch(site: Site): string {
  const { random, samples } = site
  const { family, source, destination, packet } = random.pick(samples)
  const no = random.chance(0.2) ? '!= ' : ''
  const side = random.pick(['saddr', 'daddr'])
  const address = side === 'saddr' ? source : destination
  const end = random.pick(['sport', 'dport'])
  const port = (end === 'sport' ? packet.sourcePort : packet.destinationPort) ?? random.pick(PORTS)
  const over = packet.protocol === 'udp' ? 'udp' : 'tcp'
  return random.pick([
    () => `${over} ${end} ${no}${port}`,
    () => `${over} ${end} ${no}{ ${several(random, PORTS).join(', ')}, 50000-50005 }`,
    () => `${over} ${end} ${no}@doors`,
    () => `${over} ${end} ${no}${Math.max(1, port - 10)}-${port}`,
    () => `${over} ${end} ${random.pick(['<', '>', '<=', '>='])} ${Math.max(2, port)}`,
    () => `meta l4proto { tcp, udp } th ${end} ${no}${port}`,
    () => `meta l4proto ${no}${random.pick(['tcp', 'udp', '{ tcp, icmp }', 'ipv6-icmp'])}`,
    () => `${WORD[family]} ${side} ${no}${address}`,
    () => `${WORD[family]} ${side} ${no}${random.pick(NETWORKS[family].filter(contiguous))}`,
    () => `${WORD[family]} ${side} ${no}@${family === 'v4' ? 'four' : 'six'}`,
    () => `${WORD[family]} ${side} . ${over} ${end} ${no}{ ${address} . ${port} }`,
    () => `iifname ${no}${random.pick(['"eth0"', '"eth1"', '"lo"', '"eth*"', '{ "eth0", "lo" }'])}`,
    () => `oifname ${no}${random.pick(['"eth0"', '"eth1"', '"lo"', '"eth*"'])}`,
    () => `iif ${no}"lo"`,
    () => `ct state ${random.pick(['new', 'established', 'established,related', 'invalid', 'untracked'])}`,
    () => `ct state ${random.pick(['!= new', '!= { new, invalid }', '{ new, untracked }'])}`,
    () => `ct direction ${random.pick(['original', 'reply'])}`,
    () => 'ct status dnat',
    () => `icmp type ${no}${random.pick(['echo-request', '{ echo-request, echo-reply }', 'timestamp-request'])}`,
    () => `icmpv6 type ${no}${random.pick(['echo-request', '{ nd-neighbor-solicit, nd-neighbor-advert }', '128-129'])}`,
    () =>
      `tcp flags ${random.pick(['syn', '& (syn|ack) == syn', '& (fin|syn|rst|ack) == ack', '& (syn|ack) != syn', '& (fin|rst) == 0'])}`,
    () => `meta nfproto ${no}${random.pick(['ipv4', 'ipv6'])}`,
    () => `fib ${random.pick(['saddr', 'daddr'])} type ${random.pick(['local', 'multicast'])}`,
    () => `meta mark ${no}5`,
    () => 'limit rate 1000/second',
  ])()
}
