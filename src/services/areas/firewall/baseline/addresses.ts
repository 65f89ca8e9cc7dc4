import ipaddr from 'ipaddr.js'
import { bareAddress, readEnd } from '../../../model/addresses.ts'
import { FAMILIES, type Family } from '../../../model/firewall.ts'
import { findChain } from '../chain-text.ts'
import { contains } from '../walk/addresses.ts'
import type { BaselineInput } from './item.ts'

/** Sources that nobody beyond a public interface has: loopback, RFC 1918, RFC 4193. */
export const SPOOFED: Readonly<Record<Family, readonly string[]>> = {
  v4: ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  v6: ['::1/128', 'fc00::/7'],
}
const LOOPBACK = ['127.0.0.0/8', '::1/128']

/** An address as iptables-save(8) prints it, with its family; a v4 one in v6 clothes is a v4 one. Null for no address. */
export function canonical(address: string): { readonly family: Family; readonly text: string } | null {
  const bare = bareAddress(address)
  if (!ipaddr.isValid(bare) || (!bare.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(bare))) return null
  const read = ipaddr.process(bare)
  return read.kind() === 'ipv4'
    ? { family: 'v4', text: `${read.toString()}/32` }
    : { family: 'v6', text: `${(read as ipaddr.IPv6).toRFC5952String()}/128` }
}

/** Sources that a rule of the operator's own accepts: whoever is named there is no impostor. */
function acceptedSources({ sets }: BaselineInput): readonly string[] {
  return FAMILIES.flatMap((family) => {
    const set = sets[family]
    const found = set ? (findChain(set, { table: 'filter', chain: 'INPUT' })?.rules ?? []) : []
    return found.flatMap(({ text }) => {
      const source = /^-s (\S+) .*-j ACCEPT/.exec(text)?.[1]
      return source ? [source.replace(/\/.*$/, '')] : []
    })
  })
}

/**
 * The ranges whose packets can only be forged: those in which neither the host, nor a network it is on, nor its router,
 * nor the operator, nor anybody whom a rule lets in by address lives.
 */
export function forgedRanges(input: BaselineInput, family: Family): readonly string[] {
  const { host, firewall } = input
  const session = [host.session.clientAddress, host.session.serverAddress].map(readEnd)
  const around = [
    ...FAMILIES.flatMap((one) => firewall.network.gateway?.[one] ?? []),
    ...firewall.network.interfaces.flatMap((one) => one.addresses.map(({ address }) => address)),
    ...acceptedSources(input),
  ].map(readEnd)
  // Every host has a loopback address; only somebody who is connected by it makes it more than that.
  return SPOOFED[family].filter((range) =>
    [...session, ...(LOOPBACK.includes(range) ? [] : around)].every((address) => contains(range, address) !== 'yes'),
  )
}

/** Names that iptables takes and prints as they are (dev_valid_name, without a `+` at the end, which is a wildcard). */
const PLAIN_NAME = /^[A-Za-z0-9._-]{1,15}$/

/** The interface that the world is behind, or null where that is not known. */
export function publicInterface({ firewall, host }: BaselineInput, family: Family): string | null {
  const name = firewall.network.defaultInterface[family] ?? host.sessionInterface
  return name !== null && name !== 'lo' && PLAIN_NAME.test(name) ? name : null
}

/** Bridges of containers and virtual machines on this host: docker, podman, CNI, libvirt, LXC, LXD. */
const BRIDGE = /^(docker\d+|br-[0-9a-f]{12}|podman\d+|cni[\w-]*|virbr\d+|lxcbr\d+|lxdbr\d+)$/

export const bridges = ({ firewall }: BaselineInput): readonly string[] =>
  firewall.network.interfaces.map(({ name }) => name).filter((name) => BRIDGE.test(name) && PLAIN_NAME.test(name))
