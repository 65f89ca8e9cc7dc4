import { type Address, isLoopback, same } from '../../../model/addresses.ts'
import { contains, inRange, isMulticast } from './addresses.ts'
import { type Answer, anyOf, fixed } from './answer.ts'
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
    if (address === null) return 'maybe'
    if (isMulticast(address)) return value === 'MULTICAST' ? 'yes' : value === 'LOCAL' ? 'no' : 'maybe'
    if (value === 'MULTICAST') return 'no'
    return value === 'LOCAL' ? isLocal(address, side, view) : 'maybe'
  }

function isLocal(address: Address, side: Side, { direction, protocol, localAddresses }: View): Answer {
  if (isLoopback(address)) return 'yes'
  if (localAddresses) return fixed(localAddresses.some((local) => same(local, address)))
  if (side === 'source') return 'maybe'
  if (direction === 'forward') return 'no'
  // What comes in is for an address of the host, or for a broadcast one, which tcp has no use for.
  return direction === 'in' && protocol === 6 ? 'yes' : 'maybe'
}
