import { type Address, isLoopback } from '../../model/addresses.ts'
import type { Around } from '../../model/area.ts'
import type { Listener } from '../../model/units.ts'
import { clientOf } from './acl.ts'
import type { OwnAddress, Understood } from './facts.ts'
import { type Answer, type Asker, mayRecurse, type Ruling } from './rulings.ts'

/**
 * Addresses from all over the Internet that no list of trusted ones has in common but by letting in everybody: of APNIC,
 * ARIN, LACNIC and RIPE, by turns.
 */
const STRANGERS = ['1.33.7.9', '23.7.200.9', '101.44.5.6', '177.9.8.7', '193.77.6.5', '200.1.2.77'].concat([
  '2400:77::9',
  '2600:77::9',
  '2800:77::9',
  '2a00:77::9',
])
const strangers: readonly Address[] = STRANGERS.flatMap((text) => clientOf(text) ?? [])

const isV4 = (address: Address): boolean => typeof address === 'number'

/** Sockets of port 53 that others than the host itself reach; null while that is not known. */
export const outsideOf = ({ listeners }: Around): readonly Listener[] | null =>
  listeners?.filter(({ port, address }) => port === 53 && !isLoopback(address) && !/%lo\]?$/.test(address)) ?? null

/** Whether a process is BIND's. */
export const isNamed = ({ process }: Listener): boolean => process === 'named'

/** Asks something of each stranger, at each of the host's own addresses that he could come to. */
export function asStrangers<T>(own: readonly OwnAddress[] | null, ask: (asker: Asker) => T): readonly T[] {
  const here: readonly Address[] = own?.map(({ address }) => address).filter((address) => !isLoopback(address)) ?? []
  return strangers.flatMap((from) => {
    const ways = here.filter((to) => isV4(to) === isV4(from))
    // Of unknown addresses of the host's own only lists about where something was asked depend.
    return (ways.length > 0 ? ways : here.length > 0 ? [] : [from]).map((to) => ask({ from, to }))
  })
}

/** What is to be said of all of them: the worst for one. */
export const worstOf = (answers: readonly Answer[]): Answer =>
  answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no'

/** What named would do for strangers: the worst of it. */
export function forStrangers({ config }: Pick<Understood, 'config'>, own: readonly OwnAddress[] | null): Ruling {
  const rulings = asStrangers(own, (asker) => mayRecurse({ config, own }, asker))
  const worst = worstOf(rulings.map(({ answer }) => answer))
  return rulings.find(({ answer }) => answer === worst) as Ruling
}

/** Whether a list lets one of them in. */
export const letsStrangersIn = (ask: (from: Address) => Answer): Answer => worstOf(strangers.map(ask))
