import type { UnitEdit } from '../../model/areas.ts'
import type { Conflict } from '../../model/editing.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { Unit, UnitsFacts } from '../../model/units.ts'
import { runState } from './undo-unit.ts'

const RUN: Readonly<Record<string, readonly [active: string, sub: string]>> = {
  start: ['active', 'running'],
  stop: ['inactive', 'dead'],
  restart: ['active', 'running'],
}
const BOOT: Readonly<Record<string, string>> = {
  enable: 'enabled',
  disable: 'disabled',
  mask: 'masked',
  unmask: 'disabled',
}

/** Lays changes over the units: what runs then, and what boot starts. One whose state moved since it was read is a conflict. */
export function layUnits(facts: UnitsFacts, edits: readonly UnitEdit[]) {
  const conflicts: Conflict<UnitEdit>[] = []
  let { units } = facts
  for (const edit of edits) {
    const unit = units.find((one) => one.name === edit.unit)
    const reason = unit ? whyNot(unit, edit) : say`there is no such unit here`
    if (reason) conflicts.push({ edit, reason })
    else units = units.map((one) => (one === unit ? changed(one, edit, facts.manager) : one))
  }
  return { after: { ...facts, units }, conflicts }
}

function whyNot(unit: Unit, { run, boot, was }: UnitEdit): Safe | null {
  const now = runState(unit.active)
  if (run && unit.active !== 'unknown' && now !== was.run)
    return say`it is ${safe(now)} by now, and was ${safe(was.run)}`
  if (boot && unit.boot !== was.boot) return say`it is ${unit.boot} at boot by now, and was ${safe(was.boot)}`
  return null
}

function changed(unit: Unit, { run, boot }: UnitEdit, manager: UnitsFacts['manager']): Unit {
  const [active, sub] = (run && RUN[run]) ?? [unit.active, unit.sub]
  // A script is running or stopped, and has no other word.
  const word = manager === 'systemd' || !run ? active : active === 'active' ? 'running' : 'stopped'
  return {
    ...unit,
    active: safe(word),
    sub: manager === 'systemd' ? safe(sub) : unit.sub,
    boot: safe((boot && BOOT[boot]) ?? unit.boot),
    listeners: run === 'stop' ? [] : unit.listeners,
  }
}
