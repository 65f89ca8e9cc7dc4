import type { EditsByArea, FileEdit, UnitEdit } from '../../model/areas.ts'
import type { Conflict } from '../../model/editing.ts'
import { ok } from '../../model/errors.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { Unit, UnitsFacts } from '../../model/units.ts'
import { bytesIn, whyUnread } from './binds/bind.ts'
import { runState } from './undo-unit.ts'

type Edit = EditsByArea['units']

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

/**
 * Lays changes over the units and their files: what runs then, what boot starts, and what stands in the files. One whose
 * state or text moved since it was read is a conflict. On which addresses they listen then is theirs to say.
 */
export function layUnits(facts: UnitsFacts, edits: readonly Edit[]) {
  const conflicts: Conflict<Edit>[] = []
  let after = facts
  for (const edit of edits) {
    const laid = edit.kind === 'file' ? laidFile(after, edit) : laidUnit(after, edit)
    if (typeof laid === 'string') conflicts.push({ edit, reason: laid })
    else after = laid
  }
  return { after, conflicts }
}

function laidUnit(facts: UnitsFacts, edit: UnitEdit): UnitsFacts | Safe {
  const unit = facts.units.find((one) => one.name === edit.unit)
  const reason = unit ? whyNot(unit, edit) : say`there is no such unit here`
  if (reason) return reason
  return { ...facts, units: facts.units.map((one) => (one === unit ? changed(one, edit, facts.manager) : one)) }
}

function laidFile(facts: UnitsFacts, { path, text, was }: FileEdit): UnitsFacts | Safe {
  const { binds } = facts
  if (!binds) return say`${safe(path)} was not read`
  const unread = whyUnread(binds, path)
  if (unread) return unread
  const now = bytesIn(binds, path)
  if (now !== was && now !== text) return say`${safe(path)} changed since`
  return { ...facts, binds: { ...binds, files: new Map(binds.files).set(path, ok(text)) } }
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
