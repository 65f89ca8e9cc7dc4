import { type Address, isLoopback } from '../../model/addresses.ts'
import type { Around } from '../../model/area.ts'
import type { Listener } from '../../model/units.ts'
import { clientOf } from './acl.ts'
import type { OwnAddress, Understood } from './facts.ts'
import { mayRecurse, type Ruling } from './rulings.ts'

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

/** What named would do for strangers, at each of the host's own addresses: the worst of it. */
export function forStrangers({ config }: Pick<Understood, 'config'>, own: readonly OwnAddress[] | null): Ruling {
  const here: readonly Address[] = own?.map(({ address }) => address).filter((address) => !isLoopback(address)) ?? []
  const rulings = strangers.flatMap((from) => {
    const ways = here.filter((to) => isV4(to) === isV4(from))
    // Unknown addresses of the host's own: only lists about where something was asked depend on them.
    return (ways.length > 0 ? ways : here.length > 0 ? [] : [from]).map((to) =>
      mayRecurse({ config, own }, { from, to }),
    )
  })
  const find = (answer: Ruling['answer']) => rulings.find((one) => one.answer === answer)
  return find('yes') ?? find('unknown') ?? (rulings[0] as Ruling)
}

/** What a list that is asked about a source says of strangers: whether any of them is in it. */
export const strangersIn = (asks: (from: Address) => 'yes' | 'no' | 'unknown'): 'yes' | 'no' | 'unknown' => {
  const answers = strangers.map(asks)
  return answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no'
}
