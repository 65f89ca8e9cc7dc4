import { units } from '../../../services/areas/units/area.ts'
import { type StagedOf, stagedIn } from '../../../services/model/areas.ts'
import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { UnitsFacts } from '../../../services/model/units.ts'
import type { ConsoleState } from '../../console-state.ts'
import { findingText } from '../../lists/finding-list.ts'
import { rememberLast, rememberSame } from '../../lists/list.ts'
import type { Lists } from '../../lists/lists.ts'
import type { AreaView } from '../area-view.ts'
import { UNITS_KEYS } from './keys.ts'
import { type UnitListItem, unitItems } from './list.ts'

const NONE: readonly UnitListItem[] = []
const createItems = (_lists: Lists) => {
  const items = rememberLast(unitItems)
  const own = rememberSame<StagedOf<'units'>>()
  return (facts: UnitsFacts, { readings, staging, view }: ConsoleState) =>
    items(facts, readings.findings.units, own(stagedIn(staging.changes, 'units')), view.unitsOrder)
}

/** What runs, what starts at boot, who listens. */
export const unitsView: AreaView<'units', UnitListItem> = {
  area: units,
  title: 'Services',
  cell: 'bl',
  items: (state, lists) => {
    const facts = factsOf(state.readings.byArea.units)
    return facts ? lists.own(createItems)(facts, state) : NONE
  },
  isNotable: (item) =>
    item.kind === 'finding'
      ? item.finding.outcome === 'fail'
      : (item.kind === 'unit' || item.kind === 'entry') && item.finding !== null,
  text: textOf,
  keys: UNITS_KEYS,
}

function textOf(item: UnitListItem): Safe {
  if (item.kind === 'finding') return findingText(item)
  if (item.kind === 'unit') return safe(item.unit.name)
  if (item.kind === 'entry') return say`${safe(item.entry.by)}: ${item.entry.name}`
  return say`${item.listener.address}:${item.listener.port}/${safe(item.listener.protocol)}`
}
