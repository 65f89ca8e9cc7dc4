// Random rule sets that the kernel takes: several tables, chains of one's own that jump into later ones, every kind of
// rule that is common on servers. What iptables-save(8) makes of them is for the kernel to say.
import fc from 'fast-check'
import type { Family } from '../../src/services/model/firewall.ts'

type Shape = { readonly table: string; readonly chain: string; readonly own: readonly string[] }

const BUILTINS: Readonly<Record<string, readonly string[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
}
const OWN = ['f2b-sshd', 'DOCKER-USER', 'mine', 'a', 'Z-last'] as const

const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const port = fc.integer({ min: 1, max: 65535 })

const address = (family: Family): fc.Arbitrary<string> =>
  family === 'v4'
    ? fc.tuple(pick('192.0.2', '198.51.100', '203.0.113'), fc.nat(255)).map(([net, host]) => `${net}.${host}`)
    : fc.integer({ min: 1, max: 0xffff }).map((host) => `2001:db8::${host.toString(16)}`)

/** Comments as people and attackers write them; iptables takes at most 255 bytes. */
const comment = fc
  .oneof(
    pick('ssh', 'he said "hi" $(x)', "it's", 'back\\slash', 'a -j DROP b', '# no', 'ünïcode ☃', '%s {}', 'two  spaces'),
    fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !/[\r\n]/.test(text)),
  )
  .map((text) => `-m comment --comment ${JSON.stringify(text).replace(/\\u007f/g, '')}`)
  .filter((text) => !/\\[bfnrtu]/.test(text))

const protocol = (family: Family): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(pick('tcp', 'udp'), pick('', '! '), port)
      .map(([name, not, at]) => `-p ${name} -m ${name} ${not}--dport ${at}`),
    fc.tuple(port, fc.nat(100)).map(([from, more]) => `-p tcp -m tcp --sport ${from}:${Math.min(65535, from + more)}`),
    fc
      .uniqueArray(port, { minLength: 1, maxLength: 6 })
      .map((ports) => `-p tcp -m multiport --dports ${ports.join(',')}`),
    pick('-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', '-p udp', '! -p tcp', '-p tcp'),
    family === 'v4'
      ? pick('-p icmp -m icmp --icmp-type 8', '-p icmp -m icmp --icmp-type 3/4', '-p icmp')
      : pick('-p ipv6-icmp -m icmp6 --icmpv6-type 128', '-p ipv6-icmp'),
  )

const condition = (family: Family): fc.Arbitrary<string> =>
  fc.oneof(
    comment,
    fc
      .tuple(pick('', '! '), pick(-1, 8, 24), address(family))
      .map(([not, bits, one]) => `${not}-s ${one}${bits < 0 ? '' : `/${bits}`}`),
    pick(
      '-m conntrack --ctstate RELATED,ESTABLISHED',
      '-m conntrack --ctstate NEW',
      '-m state --state INVALID',
      '-m limit --limit 5/min',
      '-m limit --limit 25/sec --limit-burst 100',
      '-m mark --mark 0x1',
      '-m addrtype --dst-type LOCAL',
      '-m pkttype --pkt-type unicast',
    ),
  )

/** Where the interface may be asked for depends on the chain. */
const side = (chain: string): fc.Arbitrary<string> =>
  /OUTPUT|POSTROUTING/.test(chain)
    ? pick('-o eth0', '! -o lo', '-o veth+', '')
    : /INPUT|PREROUTING/.test(chain)
      ? pick('-i eth0', '! -i lo', '-i veth+', '')
      : pick('')

function target(family: Family, { table, chain, own }: Shape): fc.Arbitrary<string> {
  const later = own.slice(own.indexOf(chain) + 1)
  const jumps = later.flatMap((name) => [`-j ${name}`, `-g ${name}`])
  const common = ['-j ACCEPT', '-j RETURN', '', '-j LOG --log-prefix "drop: "', '-j DROP']
  const special: Readonly<Record<string, readonly string[]>> = {
    filter: family === 'v4' ? ['-j REJECT', '-j REJECT --reject-with tcp-reset'] : ['-j REJECT'],
    mangle: ['-j MARK --set-xmark 0x1/0xffffffff'],
    raw: ['-j NOTRACK'],
    nat: chain === 'POSTROUTING' ? ['-j MASQUERADE'] : chain === 'PREROUTING' ? ['-j REDIRECT --to-ports 8080'] : [],
  }
  const usual = table === 'nat' ? common.filter((one) => !one.includes('DROP')) : common
  return pick(...usual, ...jumps, ...(special[table] ?? []))
}

const needsTcp = (text: string): boolean => /tcp-reset|--to-ports/.test(text)

const rule = (family: Family, shape: Shape): fc.Arbitrary<string> =>
  fc
    .tuple(
      side(shape.chain),
      fc.option(protocol(family), { nil: '' }),
      fc.array(condition(family), { maxLength: 3 }),
      target(family, shape),
    )
    .map(([interfaces, proto, conditions, goal]) => {
      const first = needsTcp(goal) ? '-p tcp' : proto
      const sources = conditions.filter((one) => one.includes('-s '))
      const rest = conditions.filter((one) => !sources.includes(one))
      return ['-A', shape.chain, sources[0] ?? '', interfaces, first, ...rest, goal]
        .filter((word) => word !== '')
        .join(' ')
    })

const table = (family: Family, name: string, most: number): fc.Arbitrary<string> =>
  fc.uniqueArray(pick(...OWN), { maxLength: name === 'raw' ? 1 : OWN.length }).chain((own) => {
    const builtins = BUILTINS[name] as readonly string[]
    const policy = name === 'nat' ? pick('ACCEPT') : pick('ACCEPT', 'DROP')
    const shapes = [...builtins, ...own].map((chain): Shape => ({ table: name, chain, own }))
    const size = Math.ceil(most / shapes.length)
    return fc
      .tuple(
        fc.tuple(...builtins.map(() => policy)),
        fc.tuple(...shapes.map((shape) => fc.array(rule(family, shape), { maxLength: size, size: 'max' }))),
      )
      .map(([policies, rules]) =>
        [
          `*${name}`,
          ...builtins.map((chain, at) => `:${chain} ${policies[at]} [${at}:${at * 60}]`),
          ...own.map((chain) => `:${chain} - [0:0]`),
          ...rules.flat(),
          'COMMIT',
          '',
        ].join('\n'),
      )
  })

/** Input for iptables-restore(8) or ip6tables-restore(8) of some tables, with about `most` rules in each at the most. */
export const restoreInput = (family: Family, most: number): fc.Arbitrary<string> =>
  fc
    .uniqueArray(pick('filter', 'nat', 'mangle', 'raw'), { minLength: 1, maxLength: 4 })
    .chain((names) => fc.tuple(...names.map((name) => table(family, name, most))))
    .map((tables) => tables.join(''))
