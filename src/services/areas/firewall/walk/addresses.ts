import { type Address, compare, maskOf, readAddress, readEnd, sameBits } from '../../../model/addresses.ts'
import { type Answer, fixed } from './answer.ts'

/**
 * Whether a network (`192.0.2.0/24`, `192.0.2.0/255.0.255.0`, `2001:db8::/ffff::`, without a mask one address) has the
 * address in it. `maybe` when either can't be read.
 */
export function contains(network: string, address: Address | null): Answer {
  const slash = network.indexOf('/')
  const base = readAddress(slash < 0 ? network : network.slice(0, slash))
  if (base === null || address === null) return 'maybe'
  if (typeof base !== typeof address) return 'no'
  const mask = slash < 0 ? null : readMask(network.slice(slash + 1), base)
  if (slash >= 0 && mask === null) return 'maybe'
  if (typeof base === 'number') return fixed(agree(base, address as number, mask as number | null))
  const masks = mask as readonly number[] | null
  return fixed(base.every((part, i) => agree(part, (address as readonly number[])[i] ?? 0, masks?.[i] ?? null)))
}

const agree = (a: number, b: number, mask: number | null): boolean => (mask === null ? a === b : sameBits(a, b, mask))

function readMask(text: string, base: Address): Address | null {
  if (!/^\d{1,3}$/.test(text)) {
    const mask = readAddress(text)
    return typeof mask === typeof base ? mask : null
  }
  const bits = Number(text)
  return bits <= (typeof base === 'number' ? 32 : 128) ? maskOf(base, bits) : null
}

/** The first and last address of an IPv4 network (`192.0.2.10/24`): kernels before 5.14 take both for broadcast ones. */
export function edgesOf(network: string): readonly Address[] {
  const [text = '', prefix = ''] = network.split('/')
  const base = readEnd(text)
  // Networks of one or two addresses have none (RFC 3021).
  if (typeof base !== 'number' || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 30) return []
  const size = 2 ** (32 - Number(prefix))
  const first = Math.floor(base / size) * size
  return [first, first + size - 1]
}

/** Whether an address is in `FROM-TO`, both included (iptables-extensions(8), iprange). */
export function inRange(range: string, address: Address | null): Answer {
  const [from = null, to = null, more] = range.split('-').map(readAddress)
  if (from === null || to === null || more !== undefined) return 'maybe'
  if (address === null || typeof from !== typeof to) return 'maybe'
  if (typeof from !== typeof address) return 'no'
  return fixed(compare(from, address) <= 0 && compare(address, to) <= 0)
}

/** 224.0.0.0/4 and ff00::/8. */
export const isMulticast = (address: Address | null): boolean =>
  contains('224.0.0.0/4', address) === 'yes' || contains('ff00::/8', address) === 'yes'
