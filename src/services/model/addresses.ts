/** The two families of IP, each with rules of its own. */
export type Family = 'v4' | 'v6'
export const FAMILIES: readonly Family[] = ['v4', 'v6']

/** How many bits an address of a family has. */
export const ADDRESS_BITS: Readonly<Record<Family, number>> = { v4: 32, v6: 128 }

/** An IPv4 address as one number, or an IPv6 address as eight. */
export type Address = number | readonly number[]

/** Reads an address as rules and packets have it; null for host names and everything else that is none. */
export function readAddress(text: string): Address | null {
  const v4 = readV4(text)
  if (v4 !== null) return v4
  return text.includes(':') ? readV6(text) : null
}

/**
 * Reads the address of an end of a connection as programs print it: brackets and a zone (`[fe80::1]%eth0`) are left out,
 * and a v4 address in v6 clothes (`::ffff:192.0.2.1`, RFC 4291, 2.5.5.2) is a v4 one, for that is what its packets are.
 */
export function readEnd(text: string | null): Address | null {
  const address = text === null ? null : readAddress(bareAddress(text))
  if (address === null || typeof address === 'number') return address
  const [high, low] = [address[6] ?? 0, address[7] ?? 0]
  return address.slice(0, 5).every((part) => part === 0) && address[5] === 0xffff ? high * 65536 + low : address
}

/** An address without brackets and zone: `[fe80::1]%eth0` and `fe80::1%eth0` are `fe80::1`. */
export const bareAddress = (text: string): string =>
  text
    .replace(/%[^\]]*$/s, '')
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/s, '')

/** An IPv4 address in dots. */
export const dotted = (address: number): string => [24, 16, 8, 0].map((by) => (address >>> by) & 255).join('.')

/** The family whose packets an address has, whose rules they meet; null for what is no address (`*`, a name). */
export function familyOf(text: string): Family | null {
  const address = readEnd(text)
  return address === null ? null : typeof address === 'number' ? 'v4' : 'v6'
}

/** 127.0.0.0/8 and ::1 (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3), in whatever clothes. */
export function isLoopback(end: Address | string | null): boolean {
  const address = typeof end === 'string' ? readEnd(end) : end
  if (address === null) return false
  return typeof address === 'number' ? address >>> 24 === 127 : address.every((part, i) => part === (i === 7 ? 1 : 0))
}

/** Whether nobody but the host itself reaches a socket at an address, as ss(8) prints it: a loopback one, or any on lo. */
export const isOwnOnly = (address: string): boolean => isLoopback(address) || /%lo\]?$/.test(address)

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

/** Which of two addresses of one family comes first: below 0, 0, or above 0. */
export function compare(a: Address, b: Address): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b)
  const at = a.findIndex((part, i) => part !== b[i])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

/** Whether an address begins with the first bits of another one, as all addresses of a network do. */
export function inPrefix(base: Address, bits: number, address: Address): boolean {
  if (typeof base === 'number' || typeof address === 'number')
    return typeof base === typeof address && sameBits(base as number, address as number, leading(bits, 32))
  // Sets have tens of thousands of members: no mask is made for each of them.
  return base.every((part, i) => sameBits(part, address[i] ?? 0, leading(bits - 16 * i, 16)))
}

/** The address of as many parts as another one whose first bits alone are ones: `24` is 255.255.255.0 beside a v4 one. */
export const maskOf = (beside: Address, bits: number): Address =>
  typeof beside === 'number' ? leading(bits, 32) : beside.map((_, i) => leading(bits - 16 * i, 16))

/** Whether two parts agree in the bits of a mask. */
export const sameBits = (a: number, b: number, mask: number): boolean => (a & mask) === (b & mask)

const leading = (ones: number, width: number): number => 2 ** width - 2 ** (width - Math.min(width, Math.max(0, ones)))

/** Whether two addresses are one. */
export const same = (a: Address, b: Address): boolean => typeof a === typeof b && compare(a, b) === 0
