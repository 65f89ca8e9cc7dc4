import { familyOf } from '../../model/addresses.ts'
import { type Safe, safe } from '../../model/safe.ts'

/** Addresses that are known by name, and names of one. */
const MOST = 1_000
const NAMES = 5

/** Gathers what hosts(5) calls an address: `192.0.2.7  bastion.example bastion`. */
export function createNames() {
  const names = new Map<string, Safe>()
  return {
    feed: (line: string): void => {
      const [address = '', ...all] = (line.split('#')[0] ?? '').trim().split(/\s+/)
      if (all.length === 0 || familyOf(address) === null || names.size >= MOST || names.has(address)) return
      names.set(address, safe(all.slice(0, NAMES).join(', ')))
    },
    result: (): ReadonlyMap<string, Safe> => names,
  }
}
