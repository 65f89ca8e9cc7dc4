import { type Answer, fixed } from './answer.ts'

/** An IPv4 address as one number, or an IPv6 address as eight. */
export type Address = number | readonly number[]

/** Reads an address as rules and packets have it; null for host names and everything else that is none. */
export function readAddress(text: string): Address | null {
  const v4 = readV4(text)
  if (v4 !== null) return v4
  return text.includes(':') ? readV6(text) : null
}

/** Reads the address of an end of a connection: a v4 one in v6 clothes is a v4 one, and a zone (`%eth0`) is left out. */
export function readEnd(text: string | null): Address | null {
  const address = text === null ? null : readAddress(text.replace(/%.*$/s, ''))
  if (address === null || typeof address === 'number') return address
  const [high, low] = [address[6] ?? 0, address[7] ?? 0]
  return address.slice(0, 5).every((part) => part === 0) && address[5] === 0xffff ? high * 65536 + low : address
}

/** RFC 4291, 2.2: eight groups of hexadecimal digits, one `::` for zeros, perhaps an IPv4 address as the last two. */
function readV6(text: string): readonly number[] | null {
  const gap = text.indexOf('::')
  if (gap < 0) {
    const groups = readGroups(text)
    return groups?.length === 8 ? groups : null
  }
  const before = gap === 0 ? [] : readGroups(text.slice(0, gap))
  const after = gap + 2 === text.length ? [] : readGroups(text.slice(gap + 2))
  if (!before || !after || before.length + after.length > 7) return null
  while (before.length + after.length < 8) before.push(0)
  before.push(...after)
  return before
}

function readGroups(text: string): number[] | null {
  const groups: number[] = []
  const texts = text.split(':')
  for (const [i, group] of texts.entries()) {
    const v4 = i === texts.length - 1 && group.includes('.') ? readV4(group) : null
    if (v4 !== null) groups.push(v4 >>> 16, v4 & 0xffff)
    else if (HEXADECIMAL.test(group)) groups.push(Number.parseInt(group, 16))
    else return null
  }
  return groups
}

const HEXADECIMAL = /^[0-9a-f]{1,4}$/i

/** By hand, for this is asked once per rule, and rule sets of 100,000 rules are mostly addresses. */
function readV4(text: string): number | null {
  let address = 0
  let part = -1
  let dots = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 46) {
      if (part < 0) return null
      address = address * 256 + part
      part = -1
      dots++
    } else if (code >= 48 && code <= 57) {
      // A leading zero means octal to some and decimal to others.
      if (part === 0) return null
      part = (part < 0 ? 0 : part * 10) + code - 48
      if (part > 255) return null
    } else return null
  }
  return dots === 3 && part >= 0 ? address * 256 + part : null
}

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
    return mask !== null && typeof mask === typeof base ? mask : null
  }
  const bits = Number(text)
  if (typeof base === 'number') return bits <= 32 ? leading(bits, 32) : null
  return bits <= 128 ? base.map((_, i) => leading(Math.min(16, Math.max(0, bits - 16 * i)), 16)) : null
}

const leading = (ones: number, width: number): number => 2 ** width - 2 ** (width - ones)

/** Whether an address is in `FROM-TO`, both included (iptables-extensions(8), iprange). */
export function inRange(range: string, address: Address | null): Answer {
  const ends = range.split('-')
  const [from, to] = ends.map(readAddress)
  if (ends.length !== 2 || from === null || to === null || from === undefined || to === undefined) return 'maybe'
  if (address === null || typeof from !== typeof to) return 'maybe'
  if (typeof from !== typeof address) return 'no'
  return fixed(compare(from, address) <= 0 && compare(address, to) <= 0)
}

/** Which of two addresses of one family comes first: below 0, 0, or above 0. */
export function compare(a: Address, b: Address): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b)
  const at = a.findIndex((part, i) => part !== b[i])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

/** Whether two addresses are one. */
export const same = (a: Address, b: Address): boolean => typeof a === typeof b && compare(a, b) === 0

/** 127.0.0.0/8 and ::1. */
export const isLoopback = (address: Address | null): boolean =>
  contains('127.0.0.0/8', address) === 'yes' || contains('::1', address) === 'yes'

/** 224.0.0.0/4 and ff00::/8. */
export const isMulticast = (address: Address | null): boolean =>
  contains('224.0.0.0/4', address) === 'yes' || contains('ff00::/8', address) === 'yes'
