import type { UnitEdit } from '../../model/areas.ts'
import type { Undone } from '../../model/editing.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { UnitChange } from '../../model/step.ts'
import { isRunning, type Unit } from '../../model/units.ts'

const BOOT_BACK: Readonly<Record<string, UnitChange['boot']>> = {
  enabled: 'enable',
  disabled: 'disable',
  masked: 'mask',
}

/** As `systemctl is-active` says it. */
export const runState = (word: string): string =>
  isRunning(word) ? 'active' : word === 'failed' ? 'failed' : 'inactive'

/**
 * The verbs that bring a unit back to the state it was in, where one is needed and there is one. `reads`: files go back too,
 * which one that was restarted for them has to read again.
 */
export function undoUnit(
  { unit, run, boot, was }: UnitChange,
  units: readonly Unit[] | null,
  reads = false,
): Undone<UnitEdit> {
  // A reload leaves nothing behind: whoever's files it was for has them read again when they go back.
  if (run === 'reload' && !boot) return { edits: [], remarks: [] }
  const name = safe(unit)
  const now = units?.find((one) => one.name === unit)
  if (!units) return { edits: [], remarks: [say`The services can't be read: ${name} stays as it is.`] }
  if (!now) return { edits: [], remarks: [say`${name} is no longer there.`] }
  const state = { run: runState(now.active), boot: now.boot as string }
  const remarks: Safe[] = []
  const again = run === 'restart' && reads && state.run === 'active'
  const change = { run: again ? run : runBack(run, was.run, state.run), boot: bootBack(boot, was.boot, state.boot) }
  if (run === 'restart' && !again) remarks.push(say`Nothing undoes the restart of ${name}.`)
  if (boot && !change.boot && state.boot !== was.boot)
    remarks.push(say`No verb brings ${name} back to ${safe(was.boot)} at boot.`)
  if (change.run || change.boot) return { edits: [{ kind: 'unit', unit, ...change, was: state }], remarks }
  return { edits: [], remarks: remarks.length > 0 ? remarks : [say`${name} is as it was already.`] }
}

function runBack(run: UnitChange['run'], was: string, now: string): UnitChange['run'] {
  if (run !== 'start' && run !== 'stop') return null
  const ran = isRunning(was)
  return ran === (now === 'active') ? null : ran ? 'start' : 'stop'
}

/** Unmasking brings back whatever links there were; any other state has to be made by its own verb. */
function bootBack(boot: UnitChange['boot'], was: string, now: string): UnitChange['boot'] {
  if (!boot || now === was) return null
  return now === 'masked' ? 'unmask' : (BOOT_BACK[was] ?? null)
}
