import type { UnitEdit } from '../../model/areas.ts'
import type { Blocker, WhatIf } from '../../model/plan.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { isRunning, startsAtBoot, type Unit, type UnitsFacts } from '../../model/units.ts'
import { runs } from './needless.ts'
import { whyProtected } from './protected.ts'

/** Whether verbs turn a unit off, now or at boot. */
export const turnsOff = ({ run, boot }: Pick<UnitEdit, 'run' | 'boot'>): boolean =>
  run === 'stop' || boot === 'disable' || boot === 'mask'

/** Units that stop with one, and with those, by what requires or is bound to what (systemd.unit(5)); itself is not named. */
export function stopsAlong(name: string, { units }: UnitsFacts): readonly Unit[] {
  const byName = new Map(units.map((unit) => [unit.name, unit]))
  const found = new Set<string>()
  const look = (one: string): void => {
    for (const next of byName.get(one)?.details?.stopsWith ?? []) {
      const unit = byName.get(next)
      if (next === name || found.has(next) || !unit || !runs(unit)) continue
      found.add(next)
      look(next)
    }
  }
  look(name)
  return units.filter((unit) => found.has(unit.name))
}

/** What stands against changes of units, and what comes with them. `after` are the facts with all of them laid over. */
export function guardUnits(
  edits: readonly UnitEdit[],
  base: UnitsFacts,
  after: UnitsFacts,
): { readonly blockers: readonly Blocker[]; readonly whatIf: readonly WhatIf[] } {
  const staged = new Set(edits.filter(turnsOff).map(({ unit }) => unit))
  const blockers = edits.filter(turnsOff).flatMap(({ unit }): readonly Blocker[] => {
    const why = whyProtected({ name: unit })
    return why ? [kept(unit, why)] : []
  })
  const whatIf: WhatIf[] = []
  for (const { unit, run } of edits) {
    if (run !== 'stop') continue
    const along = stopsAlong(unit, base).filter(({ name }) => !staged.has(name))
    for (const one of along) {
      const why = whyProtected(one)
      if (why) blockers.push(kept(one.name, say`${why}, and it stops with ${safe(unit)}`))
    }
    if (along.length > 0)
      whatIf.push({
        answer: 'unsure',
        question: say`what else stops with ${safe(unit)}`,
        because: safe(along.map(({ name }) => name).join(', '), 200),
      })
  }
  for (const unit of after.units) if (staged.has(unit.name)) whatIf.push(...startsAgain(unit, after))
  return { blockers, whatIf }
}

const kept = (unit: string, why: Safe): Blocker => ({
  kind: 'conflict',
  message: say`${safe(unit)} stays: ${why}.`,
  next: say`Unstage it with x; what is meant is done by hand, with another way in at hand.`,
})

/** What would start a unit that is turned off, as far as that is on once all is staged. */
function startsAgain({ name, details, boot }: Unit, { units }: UnitsFacts): readonly WhatIf[] {
  if (boot === 'masked' || !details) return []
  const triggers = units.filter(
    (one) => details.triggeredBy.includes(one.name) && (isRunning(one.active) || startsAtBoot(one)),
  )
  const question = say`what starts ${safe(name)} again`
  return [
    ...triggers.map(
      (one): WhatIf => ({
        answer: 'unsure',
        question,
        because: say`${safe(one.name)}, when something comes: stop and disable it too`,
      }),
    ),
    ...(details.busName
      ? [
          {
            answer: 'unsure' as const,
            question,
            because: say`D-Bus perhaps, when a program asks for ${details.busName}: m masks it`,
          },
        ]
      : []),
  ]
}
