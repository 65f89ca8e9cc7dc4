import { unitsEditing } from '../../../services/areas/units/editing.ts'
import { turnsOff } from '../../../services/areas/units/guards.ts'
import { wasOf } from '../../../services/areas/units/off.ts'
import { whyProtected } from '../../../services/areas/units/protected.ts'
import { stagedIn } from '../../../services/model/areas.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { UnitChange } from '../../../services/model/step.ts'
import { isRunning, type Unit, type UnitsFacts } from '../../../services/model/units.ts'
import type { Kit } from '../../kit.ts'
import { UNITS_ORDERS, type UnitsOrder } from '../../slices/view.ts'
import { spaceHere, spaceOnFinding } from '../../staging/fix.ts'
import { stageEdit, takeBack } from '../../staging/stage.ts'
import { itemUnderCursor } from '../../under-cursor/item.ts'
import { whyNotStage } from '../../why-not.ts'
import type { AreaKey, Now } from '../area-view.ts'
import type { UnitListItem } from './list.ts'

type Verbs = Pick<UnitChange, 'run' | 'boot'>

/** A key of a unit: the verbs for it as it is staged, or why there are none. */
function onUnit(kit: Kit, verbs: (unit: Unit, manager: UnitsFacts['manager']) => Verbs | Safe): Now {
  const why = whyNotStage(kit.get())
  if (why) return { why }
  const item = itemUnderCursor(kit, kit.get()) as UnitListItem | null
  if (item?.kind === 'entry') return { why: say`it is only shown: ${item.off}` }
  if (item?.kind !== 'unit') return { why: say`put the cursor on a service` }
  const { after } = kit.lists.merged(kit.get(), 'units') ?? {}
  const now = after?.units.find(({ name }) => name === item.unit.name)
  if (!after || !now) return { why: say`the services were not read` }
  const refused = unitsEditing.whyNot?.(after)
  if (refused) return { why: refused }
  const wanted = verbs(now, after.manager)
  if (typeof wanted === 'string') return { why: wanted }
  const stays = turnsOff(wanted) ? whyProtected(now) : null
  if (stays) return { why: say`${safe(now.name)} stays: ${stays}` }
  return { run: () => stageEdit(kit, 'units', { kind: 'unit', unit: now.name, ...wanted, was: wasOf(now) }) }
}

function stopOrStart({ name, active, boot }: Unit): Verbs | Safe {
  if (active === 'unknown') return say`whether ${safe(name)} runs can't be told`
  if (!isRunning(active) && boot === 'masked') return maskedWords(name)
  return { run: isRunning(active) ? 'stop' : 'start', boot: null }
}

/** Unit-file states that a verb of boot changes; the others are made otherwise (static, generated, transient, indirect). */
function disableOrEnable({ name, boot }: Unit): Verbs | Safe {
  if (boot === 'enabled' || boot === 'generated') return { run: null, boot: 'disable' }
  if (boot === 'disabled') return { run: null, boot: 'enable' }
  if (boot === 'masked') return maskedWords(name)
  return say`${safe(name)} is ${boot}: nothing at boot is switched by it alone`
}

const maskedWords = (name: string): Safe => say`${safe(name)} is masked: m unmasks it first`

function maskOrUnmask({ boot }: Unit, manager: UnitsFacts['manager']): Verbs | Safe {
  if (manager !== 'systemd') return say`scripts can't be masked: d keeps one from starting at boot`
  return { run: null, boot: boot === 'masked' ? 'unmask' : 'mask' }
}

/** Space: the fix of the finding that calls a service needless; again, and it is taken back. */
function space(kit: Kit): Now {
  const why = whyNotStage(kit.get())
  if (why) return { why }
  const item = itemUnderCursor(kit, kit.get()) as UnitListItem | null
  if (item?.kind === 'entry') return { why: say`it is only shown: ${item.off}` }
  if (item?.kind !== 'unit') return spaceHere(kit)
  if (item.finding) return spaceOnFinding(kit, item.finding)
  const own = stagedIn(kit.get().staging.changes, 'units').filter(
    ({ edit }) => edit.kind === 'unit' && edit.unit === item.unit.name,
  )
  if (own.length > 0) return { run: () => takeBack(kit, own, say`Unstaged: ${safe(item.unit.name)} stays as it is.`) }
  return { why: say`no finding is about it: x stops it, d keeps it from starting at boot` }
}

function nextOrder(kit: Kit): void {
  const at = UNITS_ORDERS.indexOf(kit.get().view.unitsOrder)
  const order = UNITS_ORDERS[(at + 1) % UNITS_ORDERS.length] ?? 'needless'
  kit.set(({ view }) => ({ view: { ...view, unitsOrder: order } }))
  kit.tell('info', say`Services by ${ORDER_WORDS[order]}.`)
}

const ORDER_WORDS: Readonly<Record<UnitsOrder, Safe>> = {
  needless: say`what needs the eye first`,
  listening: say`who listens`,
  memory: say`memory`,
  name: say`name`,
}

/** Keys of the Services pane. */
export const UNITS_KEYS: readonly AreaKey[] = [
  {
    id: 'units.fix',
    keys: ['Space'],
    label: 'stage fix',
    help: 'Stop a needless service and keep it from starting at boot, its sockets and timers with it, or bind one to loopback; again takes that back.',
    footer: 11,
    what: space,
  },
  {
    id: 'units.stop',
    keys: ['x'],
    label: 'stop',
    help: 'Stop the service under the cursor, or start one that is stopped. What the way in or the rollback rests on stays.',
    footer: 12,
    what: (kit) => onUnit(kit, stopOrStart),
  },
  {
    id: 'units.disable',
    keys: ['d'],
    label: 'disable',
    help: 'Keep the service under the cursor from starting at boot, or let it again.',
    footer: 13,
    what: (kit) => onUnit(kit, disableOrEnable),
  },
  {
    id: 'units.mask',
    keys: ['m'],
    label: 'mask',
    help: 'Mask the service under the cursor, so that nothing starts it, D-Bus and other units neither; or unmask it.',
    footer: 14,
    what: (kit) => onUnit(kit, maskOrUnmask),
  },
  {
    id: 'units.order',
    keys: ['o'],
    label: 'order',
    help: 'Order the services: what is needless first, who listens, who holds most memory, by name.',
    footer: 15,
    what: (kit) => ({ run: () => nextOrder(kit) }),
  },
]
