import type { UnitEdit } from '../../model/areas.ts'
import { startsAtBoot, type Unit, type UnitsFacts } from '../../model/units.ts'
import { runs } from './needless.ts'
import { whyProtected } from './protected.ts'
import { runState } from './undo-unit.ts'

/** What starts a unit by itself, as far as it is on: sockets, timers and paths. */
export const triggersOf = ({ details }: Unit, { units }: UnitsFacts): readonly Unit[] =>
  units.filter((one) => details?.triggeredBy.includes(one.name) && (runs(one) || startsAtBoot(one)))

/** A unit as it is, for a change to rest on. */
export const wasOf = ({ active, boot }: Unit): UnitEdit['was'] => ({ run: runState(active), boot })

/**
 * The edits that turn units off now and at boot, with what would start them again; those come first, so that nothing does
 * while the change is made. Null where one of them has to stay, or does not say whether it runs.
 */
export function offFor(units: readonly Unit[], facts: UnitsFacts): readonly UnitEdit[] | null {
  const triggers = units.flatMap((unit) => triggersOf(unit, facts))
  const all = [...new Set([...triggers, ...units])]
  if (all.some((unit) => whyProtected(unit) !== null || unit.active === 'unknown')) return null
  return all.flatMap((unit): readonly UnitEdit[] => {
    const [run, boot] = [runs(unit) ? ('stop' as const) : null, startsAtBoot(unit) ? ('disable' as const) : null]
    return run || boot ? [{ kind: 'unit', unit: unit.name, run, boot, was: wasOf(unit) }] : []
  })
}
