import { type Address, isLoopback, same } from '../../../model/addresses.ts'
import { contains, inRange, isMulticast } from './addresses.ts'
import { type Answer, anyOf, fixed, invert } from './answer.ts'
import { TCP } from './protocols.ts'
import type { Test } from './rule-test.ts'
import type { View } from './view.ts'

type Side = 'source' | 'destination'

/** `-s`, `-d`: a network, or several with commas between them. */
export const inNetwork =
  (side: Side): Test =>
  (value, view) =>
    value.includes(',')
      ? anyOf(value.split(',').map((network) => contains(network, view[side])))
      : contains(value, view[side])

/** `--src-range`, `--dst-range` of iprange. */
export const inAddressRange =
  (side: Side): Test =>
  (value, view) =>
    inRange(value, view[side])

/** `-i`, `-o`: a name, or the start of one with `+` behind it. */
export const onDevice =
  (side: 'inDevice' | 'outDevice'): Test =>
  (value, view, negated) => {
    const device = view[side]
    // Kernels before 5.5 let no nft rule match here, negated or not; all others compare with an empty name.
    if (device === 'none') return negated || value === '+' ? 'maybe' : 'no'
    if (device === null) return value === 'lo' && !view.maybeLoopback ? 'no' : 'maybe'
    return fixed(value.endsWith('+') ? device.name.startsWith(value.slice(0, -1)) : device.name === value)
  }

/**
 * `--src-type`, `--dst-type` of addrtype: as far as the route types of an address can be told from the host's own
 * addresses and the direction. IPv6 has rules of its own for mixed types (xt_addrtype.c), so only single ones count.
 */
export const ofType =
  (side: Side): Test =>
  (value, view, _negated, words) => {
    // Narrowed to one interface, an address of another one is no longer LOCAL.
    if (words.some((word) => word.startsWith('--limit-iface'))) return 'maybe'
    const address = view[side]
    // It is sent on because it is for the host itself.
    if (side === 'destination' && view.sentOnTo) return fixed(value.split(',').includes('LOCAL'))
    if (address === null) return 'maybe'
    if (!value.includes(',')) return isOfType(value, address, side, view)
    return view.family === 'v6' ? 'maybe' : anyOf(value.split(',').map((type) => isOfType(type, address, side, view)))
  }

function isOfType(type: string, address: Address, side: Side, view: View): Answer {
  switch (type) {
    case 'LOCAL':
      return isMulticast(address) ? 'no' : isLocal(address, side, view)
    case 'MULTICAST':
      return fixed(isMulticast(address))
    case 'BROADCAST':
      return isBroadcast(address, side, view)
    case 'UNICAST':
      return isUnicast(address, side, view)
    default:
      return 'maybe'
  }
}

function isLocal(address: Address, side: Side, { direction, protocol, localAddresses }: View): Answer {
  if (isLoopback(address)) return 'yes'
  if (localAddresses) return fixed(localAddresses.some((local) => same(local, address)))
  if (side === 'source') return 'maybe'
  if (direction === 'forward') return 'no'
  // What comes in is for an address of the host, or for a broadcast one, which tcp has no use for.
  return direction === 'in' && protocol === TCP ? 'yes' : 'maybe'
}

/**
 * Whether an address is one of all hosts of a network. Nobody has such an address, so a source is one only where this
 * host's own idea of its networks makes it one.
 */
export function isBroadcast(address: Address, side: Side, view: View): Answer {
  const { direction, protocol, localAddresses, edges } = view
  if (typeof address !== 'number' || isLoopback(address) || isMulticast(address)) return 'no'
  if (address === 0xffffffff) return 'yes'
  // The rest of 0.0.0.0/8 is one of them for kernels before 5.3.
  if (address >>> 24 === 0) return 'maybe'
  if (localAddresses?.some((local) => same(local, address))) return 'no'
  if (edges) return edges.some((edge) => same(edge, address)) ? 'maybe' : 'no'
  return side === 'source' || (direction === 'in' && protocol === TCP) ? 'no' : 'maybe'
}

/** For IPv4 what is nothing else; for IPv6 all that is not for many. */
function isUnicast(address: Address, side: Side, view: View): Answer {
  if (isMulticast(address)) return 'no'
  if (typeof address !== 'number') return fixed(address.some((part) => part !== 0))
  if (!view.localAddresses) return 'maybe'
  return invert(anyOf([isLocal(address, side, view), isBroadcast(address, side, view)]))
}
