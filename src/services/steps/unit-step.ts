import type { Init } from '../model/host.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { DiffLine, UnitChange, UnitStep } from '../model/step.ts'

const RUNNING = { start: 'active', restart: 'active', reload: 'active', stop: 'inactive' } as const
const AT_BOOT = { enable: 'enabled', disable: 'disabled', mask: 'masked', unmask: 'unmasked' } as const

/**
 * The part of a plan that starts, stops, enables or disables one unit, or null where nothing is to be done. Its commands are
 * in the words of the host's own init (systemctl(1); service(8), update-rc.d(8)).
 */
export function unitStep(change: UnitChange, init: Init = 'systemd'): UnitStep | null {
  const { unit, run, boot, was } = change
  if (!run && !boot) return null
  const diff: DiffLine[] = [{ mark: '@', text: safe(unit) }]
  if (boot) diff.push({ mark: '-', text: safe(was.boot) }, { mark: '+', text: safe(AT_BOOT[boot]) })
  if (run) diff.push({ mark: '-', text: safe(was.run) }, { mark: '+', text: say`${safe(RUNNING[run])} (${safe(run)})` })
  return {
    kind: 'unit',
    title: safe(unit),
    diff,
    commands: [boot, run].flatMap((verb) => (verb ? [commandOf(verb, unit, init)] : [])),
    unit,
    run,
    boot,
    was,
  }
}

function commandOf(verb: NonNullable<UnitChange['run'] | UnitChange['boot']>, unit: string, init: Init): Safe {
  if (init === 'systemd') return say`systemctl ${safe(verb)} ${safe(unit)}`
  const script = safe(unit.replace(/\.service$/, ''))
  return verb in AT_BOOT ? say`update-rc.d ${script} ${safe(verb)}` : say`service ${script} ${safe(verb)}`
}
