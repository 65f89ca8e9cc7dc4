import { matchesPattern } from '../../model/pattern.ts'

/**
 * Whether an address is covered by a list of networks and patterns (`10.0.0.0/8,!10.9.*,2001:db8::/32`), as sshd's
 * addr_match_list decides: an item that is negated and matches beats every other.
 */
export function matchesAddresses(address: string, list: string): boolean {
  let matched = false
  const actual = bitsOf(address)
  for (const item of list.split(',')) {
    const negated = item.startsWith('!')
    if (!matchesAddress(address, actual, negated ? item.slice(1) : item)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

function matchesAddress(address: string, actual: string | null, item: string): boolean {
  const [network = '', length] = item.split('/')
  const wanted = bitsOf(network)
  if (wanted === null || actual === null) return matchesPattern(address, item)
  const bits = length === undefined ? wanted.length : Number(length)
  return wanted.length === actual.length && wanted.slice(0, bits) === actual.slice(0, bits)
}

/** An address as a row of bits, 32 or 128; null where the text is none. A v4 address in v6's clothes is v4. */
function bitsOf(text: string): string | null {
  const plain = text.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  const octets = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(plain) ? plain.split('.').map(Number) : null
  if (octets) return octets.every((octet) => octet < 256) ? octets.map((octet) => binary(octet, 8)).join('') : null
  if (!/^[0-9a-f:]+$/i.test(plain) || !plain.includes(':')) return null
  const [head = '', tail, more] = plain.split('::')
  const [front, back] = [head, tail ?? ''].map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]]
  const missing = 8 - front.length - back.length
  if (more !== undefined || (tail === undefined ? missing !== 0 : missing < 1)) return null
  const groups = [...front, ...Array<string>(missing).fill('0'), ...back]
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => binary(Number.parseInt(group, 16), 16)).join('')
    : null
}

const binary = (value: number, width: number): string => value.toString(2).padStart(width, '0')
