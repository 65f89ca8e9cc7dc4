import { familyOf, isOwnOnly } from '../../services/model/addresses.ts'
import { FAMILIES } from '../../services/model/firewall.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { Listener } from '../../services/model/units.ts'

/** `:22 v4 v6`, `:5353 udp v4`, `:25 local`: who can reach it, by port. */
export function listenerWords(listeners: readonly Listener[]): Safe {
  const ports = new Map<string, { outside: Set<string>; udp: boolean; port: number }>()
  for (const { protocol, address, port } of listeners) {
    const key = `${protocol} ${port}`
    const one = ports.get(key) ?? { outside: new Set<string>(), udp: protocol === 'udp', port }
    const family = familyOf(address)
    for (const each of family ? [family] : FAMILIES) if (!isOwnOnly(address)) one.outside.add(each)
    ports.set(key, one)
  }
  return [...ports.values()].reduce<Safe>((sum, { outside, udp, port }) => {
    const reach = outside.size === 0 ? 'local' : [...outside].toSorted().join(' ')
    const words = say`:${port}${safe(udp ? ' udp' : '')} ${safe(reach)}`
    return sum === '' ? words : say`${sum}  ${words}`
  }, say``)
}

/** One socket: protocol, address, and who holds it. */
export const listenerLine = (one: Listener): Safe =>
  say`${safe(one.protocol)} ${one.address}:${one.port}  ${one.process ?? say``}${one.pid === null ? say`` : say` (pid ${one.pid})`}`
