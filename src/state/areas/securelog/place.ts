import { networkOf } from '../../../services/areas/securelog/networks.ts'
import { type Safe, safe } from '../../../services/model/safe.ts'
import type { Survey } from '../../../services/model/securelog.ts'

/** Where an address is, as far as the server can tell without asking anybody. */
export type Place = {
  /** What its hosts(5) calls it. */
  readonly name: Safe | null
  readonly network: Safe | null
}

/** Tells what is known of an address. */
export function placeAt(address: string, survey: Survey | null): Place {
  const network = networkOf(address)
  return { name: survey?.names.get(address) ?? null, network: network === null ? null : safe(network) }
}
