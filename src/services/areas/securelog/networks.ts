import { dotted, readEnd } from '../../model/addresses.ts'
import { type Safe, safe } from '../../model/safe.ts'
import type { Tries } from '../../model/securelog.ts'

/** Tries of several addresses of one network: a /24 of IPv4, a /64 of IPv6. */
export type NetworkTries = Tries & { readonly addresses: number }

/** A network is told of where at least so many of its addresses tried. */
const FEWEST = 2
/** Addresses of it that are named. */
const NAMED = 20

/** The network of an address as rules write it: `203.0.113.0/24`, `2001:db8:0:1::/64`; null for what is no address. */
export function networkOf(address: string): string | null {
  const read = readEnd(address)
  if (read === null) return null
  if (typeof read === 'number') return `${dotted(read & 0xffffff00)}/24`
  // Written as inet_ntop(3) does, which is how rules are printed: the zeros at the end are the longest run of them.
  const groups = read.slice(0, 4)
  const used = groups.slice(0, groups.findLastIndex((group) => group !== 0) + 1)
  return `${used.map((group) => group.toString(16)).join(':')}::/64`
}

/** The networks that several of the addresses belong to, most tries first. */
export function groupByNetwork(addresses: readonly Tries[]): readonly NetworkTries[] {
  const networks = new Map<string, Tries[]>()
  for (const one of addresses) {
    const network = networkOf(one.name)
    if (network === null) continue
    const known = networks.get(network)
    if (known) known.push(one)
    else networks.set(network, [one])
  }
  return [...networks]
    .filter(([, members]) => members.length >= FEWEST)
    .map(([name, members]) => together(safe(name), members))
    .toSorted((a, b) => b.tries - a.tries || b.last - a.last)
}

const together = (name: Safe, members: readonly Tries[]): NetworkTries => ({
  name,
  tries: members.reduce((sum, { tries }) => sum + tries, 0),
  first: Math.min(...members.map(({ first }) => first)),
  last: Math.max(...members.map(({ last }) => last)),
  others: members.slice(0, NAMED).map((one) => one.name),
  more: members.length > NAMED,
  addresses: members.length,
})
