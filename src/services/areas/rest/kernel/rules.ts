import type { KernelFacts } from '../facts.ts'

/** What a key of the kernel has, now or after a boot; null where it has none. */
export type Value = (key: string) => number | null

/** One setting as it should be. */
export type Wanted = readonly [key: string, value: number]

const conf = (family: 'ipv4' | 'ipv6', link: string, name: string): string => `net/${family}/conf/${link}/${name}`

/** Interfaces that have settings of a family, but lo; `default` stands for those that are still to come. */
export const linksOf = ({ values }: KernelFacts, family: 'ipv4' | 'ipv6'): readonly string[] => [
  ...new Set(
    [...values.keys()].flatMap((key) => {
      const [, of, link = ''] = /^net\/(ipv[46])\/conf\/([^/]+)\//.exec(key) ?? []
      return of === family && link !== 'all' && link !== 'lo' ? [link] : []
    }),
  ),
]

/** Those of all interfaces and of new ones, and of each that has it otherwise by itself. */
function everywhere(facts: KernelFacts, family: 'ipv4' | 'ipv6', name: string, value: number): readonly Wanted[] {
  const own = linksOf(facts, family).filter((link) => link !== 'default')
  return ['all', 'default', ...own.filter((link) => facts.values.get(conf(family, link, name)) !== value)].flatMap(
    (link) => (facts.values.has(conf(family, link, name)) ? [[conf(family, link, name), value] as const] : []),
  )
}

/** All and new interfaces: where the kernel lets these two decide. */
const both = (facts: KernelFacts, family: 'ipv4' | 'ipv6', name: string, value: number): readonly Wanted[] =>
  ['all', 'default'].flatMap((link) =>
    facts.values.has(conf(family, link, name)) ? [[conf(family, link, name), value] as const] : [],
  )

/**
 * Interfaces on which a value is in force, by the kernel's own rule for it (include/linux/inetdevice.h, ip-sysctl): `test`
 * gets what all interfaces have and what this one has.
 */
const linksWhere = (
  facts: KernelFacts,
  value: Value,
  family: 'ipv4' | 'ipv6',
  name: string,
  test: (all: number, own: number, forwards: boolean) => boolean,
): readonly string[] =>
  linksOf(facts, family).filter((link) => {
    const [all, own] = [value(conf(family, 'all', name)), value(conf(family, link, name))]
    return all !== null && own !== null && test(all, own, value(conf(family, link, 'forwarding')) === 1)
  })

const named = (links: readonly string[], family: 'IPv4' | 'IPv6'): readonly string[] =>
  links
    .toSorted((a, b) => Number(a === 'default') - Number(b === 'default'))
    .map((link) => `${link === 'default' ? 'new interfaces' : link} (${family})`)

/** A host believes redirects where all or its interface says so, a router where both do; of IPv6 the interface alone says it, of a host. */
export const acceptsRedirects = (facts: KernelFacts, value: Value): readonly string[] => [
  ...named(
    linksWhere(facts, value, 'ipv4', 'accept_redirects', (all, own, forwards) =>
      forwards ? all !== 0 && own !== 0 : all !== 0 || own !== 0,
    ),
    'IPv4',
  ),
  ...named(
    linksWhere(facts, value, 'ipv6', 'accept_redirects', (_all, own, forwards) => !forwards && own !== 0),
    'IPv6',
  ),
]
export const noRedirects = (facts: KernelFacts): readonly Wanted[] => [
  ...everywhere(facts, 'ipv4', 'accept_redirects', 0),
  ...everywhere(facts, 'ipv6', 'accept_redirects', 0),
]

/** Sent where all or the interface says so, and only of packets that are passed on. */
export const sendsRedirects = (facts: KernelFacts, value: Value): readonly string[] =>
  named(
    linksWhere(
      facts,
      value,
      'ipv4',
      'send_redirects',
      (all, own, forwards) => (forwards || value('net/ipv4/ip_forward') === 1) && (all !== 0 || own !== 0),
    ),
    'IPv4',
  )
export const noSending = (facts: KernelFacts): readonly Wanted[] => everywhere(facts, 'ipv4', 'send_redirects', 0)

/** Taken where all and the interface say so; of IPv6 the smaller of both decides, and 0 takes no more than type 2. */
export const takesSourceRoutes = (facts: KernelFacts, value: Value): readonly string[] => [
  ...named(
    linksWhere(facts, value, 'ipv4', 'accept_source_route', (all, own) => all !== 0 && own !== 0),
    'IPv4',
  ),
  ...named(
    linksWhere(facts, value, 'ipv6', 'accept_source_route', (all, own) => Math.min(all, own) > 0),
    'IPv6',
  ),
]
export const noSourceRoutes = (facts: KernelFacts): readonly Wanted[] => [
  ...both(facts, 'ipv4', 'accept_source_route', 0),
  ...both(facts, 'ipv6', 'accept_source_route', 0),
]

/** The greater of all and the interface is in force. */
export const withoutRpFilter = (facts: KernelFacts, value: Value): readonly string[] =>
  named(
    linksWhere(facts, value, 'ipv4', 'rp_filter', (all, own) => Math.max(all, own) === 0),
    'IPv4',
  )

/** Strict where packets can come by one interface alone; loose where answers may leave by another one than packets come by. */
export function rpFilterMode({ links, policyRules, defaultLinks }: KernelFacts): 1 | 2 {
  if (links === null || policyRules === null || policyRules.length > 0 || defaultLinks.length > 1) return 2
  const roads = [...links].filter(([name, kind]) => kind !== 'bridge' && !/^(?:veth|dummy|ifb|cali|lxc)/.test(name))
  return roads.length <= 1 ? 1 : 2
}
export const rpFilter = (facts: KernelFacts): readonly Wanted[] => both(facts, 'ipv4', 'rp_filter', rpFilterMode(facts))

export const silentOnMartians = (facts: KernelFacts, value: Value): readonly string[] =>
  named(
    linksWhere(facts, value, 'ipv4', 'log_martians', (all, own) => all === 0 && own === 0),
    'IPv4',
  )
export const logMartians = (facts: KernelFacts): readonly Wanted[] => both(facts, 'ipv4', 'log_martians', 1)

/** What on this host passes packets on by its nature: containers' and machines' bridges, tunnels, rules of FORWARD. */
export function needsForwarding({ links, forwardRules }: KernelFacts): readonly string[] {
  const found = [...(links ?? [])].filter(
    ([name, kind]) =>
      ['bridge', 'wireguard', 'tun'].includes(kind) ||
      /^(?:veth|docker|podman|cni|flannel|cali|virbr|lxcbr|lxdbr|vnet)/.test(name),
  )
  return [...found.map(([name, kind]) => (kind === '' ? `interface ${name}` : `${kind} ${name}`)), ...forwardRules]
}
