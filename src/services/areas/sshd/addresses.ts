import { type Address, inPrefix, readEnd } from '../../model/addresses.ts'
import { matchesPattern } from '../../model/pattern.ts'

/**
 * Whether an address is covered by a list of networks and patterns (`10.0.0.0/8,!10.9.*,2001:db8::/32`), as sshd's
 * addr_match_list decides: an item that is negated and matches beats every other.
 */
export function matchesAddresses(address: string, list: string): boolean {
  let matched = false
  const actual = readEnd(address)
  for (const item of list.split(',')) {
    const negated = item.startsWith('!')
    if (!matchesAddress(address, actual, negated ? item.slice(1) : item)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

function matchesAddress(address: string, actual: Address | null, item: string): boolean {
  const [network = '', length] = item.split('/')
  const wanted = readEnd(network)
  if (wanted === null || actual === null) return matchesPattern(address, item)
  return inPrefix(wanted, length === undefined ? 128 : Number(length), actual)
}
