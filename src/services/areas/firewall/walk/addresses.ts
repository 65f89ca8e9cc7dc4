import { type Address, compare, readAddress, readEnd } from '../../../model/addresses.ts'
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
  if (typeof base === 'number') return fixed(sameBits(base, address as number, mask as number | null))
  const masks = mask as readonly number[] | null
  return fixed(base.every((part, i) => sameBits(part, (address as readonly number[])[i] ?? 0, masks?.[i] ?? null)))
}

const sameBits = (a: number, b: number, mask: number | null): boolean =>
  mask === null ? a === b : (a & mask) === (b & mask)

function readMask(text: string, base: Address): Address | null {
  if (!/^\d{1,3}$/.test(text)) {
    const mask = readAddress(text)
    return typeof mask === typeof base ? mask : null
  }
  const bits = Number(text)
  if (typeof base === 'number') return bits <= 32 ? leading(bits, 32) : null
  return bits <= 128 ? base.map((_, i) => leading(Math.min(16, Math.max(0, bits - 16 * i)), 16)) : null
}

/** Whether an address begins with the first `bits` of another one; `maybe` where it is not known. */
export function inPrefix(base: Address, bits: number, address: Address | null): Answer {
  if (address === null) return 'maybe'
  if (typeof base === 'number' || typeof address === 'number')
    return fixed(typeof base === typeof address && sameBits(base as number, address as number, leading(bits, 32)))
  return fixed(
    base.every((part, i) => sameBits(part, address[i] ?? 0, leading(Math.min(16, Math.max(0, bits - 16 * i)), 16))),
  )
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

const leading = (ones: number, width: number): number => 2 ** width - 2 ** (width - ones)

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
