import { familyOf, isOwnOnly } from '../../services/model/addresses.ts'
import { FAMILIES } from '../../services/model/firewall.ts'
import { factsOf } from '../../services/model/reading.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import { isRunning, type Listener, startsAtBoot, type Unit } from '../../services/model/units.ts'
import type { UnitItem } from '../../state/lists/unit-list.ts'
import { cells } from '../text/cells.ts'
import { columns, EMPTY, type Line, type Role } from '../text/line.ts'
import { toFix } from './finding.ts'
import { aboutFinding, findingRow } from './finding-row.ts'
import type { Presenter } from './presenter.ts'

/** Unit-file states in words that fit; the detail has systemd's own. */
const SHORT_BOOT: Readonly<Record<string, Safe>> = {
  disabled: say`no boot`,
  transient: say`runtime`,
  indirect: say`no boot`,
}

/** `:22 v4 v6`, `:5353 udp v4`, `:25 local`: who can reach it, by port. */
export function listenerWords(listeners: readonly Listener[]): Safe {
  const ports = new Map<string, { outside: Set<string>; udp: boolean; port: number }>()
  for (const { protocol, address, port } of listeners) {
    const key = `${protocol} ${port}`
    const one = ports.get(key) ?? { outside: new Set<string>(), udp: protocol === 'udp', port }
    const family = familyOf(address)
    for (const each of family ? [family] : FAMILIES) if (!isOwnOnly(address)) one.outside.add(each)
    ports.set(key, one)
  }
  return [...ports.values()].reduce<Safe>((sum, { outside, udp, port }) => {
    const reach = outside.size === 0 ? 'local' : [...outside].toSorted().join(' ')
    const words = say`:${port}${safe(udp ? ' udp' : '')} ${safe(reach)}`
    return sum === '' ? words : say`${sum}  ${words}`
  }, say``)
}

/** What a unit does now, in one word. */
export function stateWords(unit: Unit): { readonly word: Safe; readonly role: Role } {
  if (unit.active === 'failed') return { word: say`failed`, role: 'bad' }
  if (!isRunning(unit.active)) return { word: say`stopped`, role: 'dim' }
  return { word: unit.sub === 'exited' || unit.sub === 'listening' ? unit.sub : say`running`, role: 'good' }
}

/** Whether it starts with the machine. */
export const bootWords = (unit: Unit): Safe => (startsAtBoot(unit) ? say`boot` : (SHORT_BOOT[unit.boot] ?? unit.boot))

const shortName = (name: string): Safe => safe(name.replace(/\.service$/, ''))

const nameWidth = (width: number): number => Math.max(14, Math.min(30, Math.floor(width * 0.33)))

function unitRow(item: UnitItem, width: number): Line {
  const { unit, finding } = item
  const state = stateWords(unit)
  const listens = listenerWords(unit.listeners)
  const name = nameWidth(width)
  // The cross at the left says it too: the word gives way to the ports where there is no room for both.
  const room = width - name - 20
  return columns(
    [
      { text: finding ? say`✗` : say` `, role: 'bad', width: 1 },
      { text: shortName(unit.name), width: name, role: finding ? 'strong' : 'plain' },
      { text: state.word, width: 7, role: state.role },
      { text: bootWords(unit), width: 7, role: startsAtBoot(unit) ? 'plain' : 'dim' },
      { text: listens, grow: true },
      ...(finding && room >= cells(listens) + 9 ? [{ text: say`needless`, role: 'bad' as const }] : []),
    ],
    width,
  )
}

const MANAGERS = { sysvinit: say`sysvinit`, openrc: say`OpenRC` }

/** The services pane: what runs, what starts at boot, who listens. */
export const services: Presenter = {
  area: 'units',
  title: (state) => {
    const manager = factsOf(state.readings.byArea.units)?.manager
    return manager && manager !== 'systemd' ? say`Services ─ ${MANAGERS[manager]}` : say`Services`
  },
  note: (state) => toFix(state.readings.findings.units),
  row: (item, width) => {
    if (item.kind === 'finding') return findingRow(item, width)
    if (item.kind === 'unit') return unitRow(item, width)
    if (item.kind !== 'stray') return EMPTY
    const { listener } = item
    return columns(
      [
        { text: say`?`, role: 'warn', width: 1 },
        { text: listener.process ?? say`unknown program`, width: nameWidth(width) },
        { text: say`no service`, width: 15, role: 'dim' },
        { text: listenerWords([listener]), grow: true },
      ],
      width,
    )
  },
  about: (item) => {
    if (item.kind === 'finding') return aboutFinding(item.finding)
    if (item.kind === 'stray') return say`Listens, but belongs to no service that is listed.`
    if (item.kind !== 'unit') return say``
    return item.finding ? say`${item.unit.description}. ${safe(item.finding.rationale)}` : item.unit.description
  },
  empty: () => say`No services are listed.`,
}
