import type { Fate } from './fate.ts'
import type { Spot } from './place.ts'

/** How a packet may leave a chain. `moved`: as another packet than the one asked about. */
export type Ending = 'pass' | 'drop' | 'moved' | 'return'

/** One way out of a chain: the spot that decides it, and the spot it depends on (null when it is the sure course). */
export type Outcome = {
  readonly spot: Spot | null
  readonly doubt: Spot | null
  readonly fate: Fate
  /** The port that a REDIRECT sends to; left out when there was none, null when it is not known. */
  readonly port?: number | null | undefined
}

/** All ways out of a chain that there may be. */
export type Road = { [ending in Ending]?: Outcome }

/** Adds a way out. The sure course is named rather than one that depends on something. */
export function addTo(road: Road, ending: Ending, outcome: Outcome): void {
  const known = road[ending]
  road[ending] = known ? join(known, outcome) : outcome
}

function join(a: Outcome, b: Outcome): Outcome {
  const named = a.doubt && !b.doubt ? b : a
  const port = a.port === undefined ? b.port : b.port === undefined || b.port === a.port ? a.port : null
  return { spot: named.spot, doubt: named.doubt, fate: a.fate | b.fate, port }
}
