import ipaddr from 'ipaddr.js'
import { ADDRESS_BITS, familyOf, readEnd, same } from '../../model/addresses.ts'
import type { Family, Interface, Network } from '../../model/firewall.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe } from '../../model/safe.ts'
import { linesOf } from '../parts.ts'
import { contains } from './walk/addresses.ts'

// `4: eth0    inet 192.0.2.2/24 brd …`, `5: wg0    inet 10.9.0.1 peer 10.9.0.2/32 …`; a veth is printed as eth0@if7.
const ADDRESS = /^\d+:\s+([^\s@]+)(?:@\S+)?\s+(inet6?)\s+([0-9a-fA-F.:]+)(?:\/(\d+))?(?:\s+peer\s+\S+\/(\d+))?/

/**
 * Reads the probe's parts of ip(8) and proc(5): `ip -o addr show`, `ip -o route show default` of each family and the two
 * forwarding switches.
 */
export function parseNetwork(part: (name: string) => string): Network {
  const interfaces = new Map<string, Interface['addresses'][number][]>()
  for (const line of linesOf(part('addresses'))) {
    const match = ADDRESS.exec(line)
    const address = match?.[3] as string
    if (!match || !ipaddr.isValid(address)) continue
    const name = match[1] as string
    const family: Family = match[2] === 'inet' ? 'v4' : 'v6'
    const prefix = Number(match[4] ?? match[5] ?? ADDRESS_BITS[family])
    const addresses = interfaces.get(name)
    if (addresses) addresses.push({ family, address, prefix })
    else interfaces.set(name, [{ family, address, prefix }])
  }
  const [v4 = '0', v6 = '0'] = linesOf(part('forwarding'))
  return {
    interfaces: [...interfaces].map(([name, addresses]) => ({ name, addresses })),
    defaultInterface: { v4: firstDevice(part('routes-v4')), v6: firstDevice(part('routes-v6')) },
    gateway: { v4: firstRouter(part('routes-v4')), v6: firstRouter(part('routes-v6')) },
    forwards: { v4: v4 !== '0', v6: v6 !== '0' },
  }
}

/** The interface that has an address; null where none has. */
export function interfaceWith({ interfaces }: Network, text: string): string | null {
  const address = readEnd(text)
  const has = (one: string): boolean => {
    const own = readEnd(one)
    return own !== null && address !== null && same(own, address)
  }
  return interfaces.find(({ addresses }) => addresses.some((one) => has(one.address)))?.name ?? null
}

/** The interface in whose network an address lies; null where that is none. */
export function interfaceOf({ interfaces }: Network, text: string): string | null {
  const address = readEnd(text)
  const near = interfaces.flatMap(({ name, addresses }) =>
    addresses
      .filter((one) => contains(`${one.address}/${one.prefix}`, address) === 'yes')
      .map((one) => ({ ...one, name })),
  )
  return near.toSorted((a, b) => b.prefix - a.prefix)[0]?.name ?? null
}

/**
 * The host's address that somebody outside reaches it at in a family: the one that the operator came in by, or one of the
 * other family on the same interface; null where there is none.
 */
export function reachedAt(
  { interfaces }: Network,
  { session }: Pick<HostFacts, 'session'>,
  family: Family,
): string | null {
  const { serverAddress } = session
  if (familyOf(serverAddress) === family) return serverAddress
  const entered = interfaces.find(({ addresses }) => addresses.some(({ address }) => address === serverAddress))
  return entered?.addresses.find((one) => one.family === family && !/^fe80:/i.test(one.address))?.address ?? null
}

/** ip prints the route with the lowest metric first. */
const firstDevice = (routes: string): string | null => /\sdev\s+(\S+)/.exec(routes)?.[1] ?? null

const firstRouter = (routes: string): string | null => /\bvia\s+([0-9a-fA-F.:]+)\s/.exec(routes)?.[1] ?? null

/** Reads the probe's `tcp/22 ssh` lines of services(5); the first name of a port counts. */
export function parsePortNames(text: string): ReadonlyMap<string, Safe> {
  const names = new Map<string, Safe>()
  for (const line of linesOf(text)) {
    const [port = '', name] = line.split(' ')
    if (name && /^(tcp|udp)\/\d{1,5}$/.test(port) && !names.has(port)) names.set(port, safe(name, 20))
  }
  return names
}
