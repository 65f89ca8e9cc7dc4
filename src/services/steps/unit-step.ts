import { safe, say } from '../model/safe.ts'
import type { DiffLine, UnitChange, UnitStep } from '../model/step.ts'

const RUNNING = { start: 'active', restart: 'active', reload: 'active', stop: 'inactive' } as const
const AT_BOOT = { enable: 'enabled', disable: 'disabled', mask: 'masked', unmask: 'unmasked' } as const

/** The part of a plan that starts, stops, enables or disables one unit, or null where nothing is to be done. */
export function unitStep(change: UnitChange): UnitStep | null {
  const { unit, run, boot, was } = change
  if (!run && !boot) return null
  const diff: DiffLine[] = [{ mark: '@', text: safe(unit) }]
  if (boot) diff.push({ mark: '-', text: safe(was.boot) }, { mark: '+', text: safe(AT_BOOT[boot]) })
  if (run) diff.push({ mark: '-', text: safe(was.run) }, { mark: '+', text: say`${safe(RUNNING[run])} (${safe(run)})` })
  return {
    kind: 'unit',
    title: safe(unit),
    diff,
    commands: [boot, run].flatMap((verb) => (verb ? [say`systemctl ${safe(verb)} ${safe(unit)}`] : [])),
    unit,
    run,
    boot,
    was,
  }
}
