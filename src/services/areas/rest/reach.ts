import { isOwnOnly } from '../../model/addresses.ts'
import type { Around, Verdict } from '../../model/area.ts'
import { say } from '../../model/safe.ts'

/**
 * Who reaches a server: others, nobody but the host itself, nobody at all as it does not listen; or that is not known,
 * as where the listeners were not read, or one of them is nobody's.
 */
export type Reach = 'outside' | 'own' | 'none' | 'unknown'

/** Listens for others, and starts them when somebody comes. */
const STARTS = /^(?:systemd|init|x?inetd)$/

export function reachOf(process: RegExp, ports: readonly number[], { listeners }: Around): Reach {
  if (!listeners) return 'unknown'
  const all = listeners.filter(({ protocol }) => protocol === 'tcp')
  const own = all.filter(
    (one) =>
      one.process !== null && (process.test(one.process) || (STARTS.test(one.process) && ports.includes(one.port))),
  )
  if (own.some(({ address }) => !isOwnOnly(address))) return 'outside'
  if (all.some((one) => one.process === null && !isOwnOnly(one.address))) return 'unknown'
  return own.length > 0 ? 'own' : 'none'
}

const NOT_KNOWN = say`whether it listens outside is not known`

/** What is wrong with a server that nobody outside reaches is told, and is no finding. */
export function within(reach: Reach, verdict: Verdict): Verdict {
  if (verdict.outcome !== 'fail') return verdict
  switch (reach) {
    case 'own':
      return { ...verdict, outcome: 'pass', observed: say`heard by this host alone: ${verdict.observed}` }
    case 'none':
      return { ...verdict, outcome: 'pass', observed: say`does not listen: ${verdict.observed}` }
    case 'unknown':
      return { ...verdict, details: [...(verdict.details ?? []), NOT_KNOWN] }
    default:
      return verdict
  }
}
