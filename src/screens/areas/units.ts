import { factsOf } from '../../services/model/reading.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import { isRunning, startsAtBoot, type Unit } from '../../services/model/units.ts'
import type { EntryItem, UnitItem, UnitListItem } from '../../state/areas/units/list.ts'
import type { UnitsOrder } from '../../state/slices/view.ts'
import { toFix } from '../presenters/finding.ts'
import { findingLines } from '../presenters/finding-detail.ts'
import { aboutFinding, findingRow } from '../presenters/finding-row.ts'
import { field } from '../presenters/labelled.ts'
import { listenerLine, listenerWords } from '../presenters/listeners.ts'
import { cells } from '../text/cells.ts'
import { columns, EMPTY, type Line, type Role, span } from '../text/line.ts'
import type { Presenter } from './presenter.ts'

/** Unit-file states in words that fit; the detail has systemd's own. */
const SHORT_BOOT: Readonly<Record<string, Safe>> = {
  disabled: say`no boot`,
  transient: say`runtime`,
  indirect: say`no boot`,
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

/** From this width on the memory stands in every row. */
const WIDE = 90

function unitRow(item: UnitItem, width: number, order: UnitsOrder): Line {
  const { unit, finding, mark, staged } = item
  const state = stateWords(unit)
  const listens = listenerWords(unit.listeners)
  const name = nameWidth(width)
  // The cross at the left says it too: the word gives way to the ports where there is no room for both.
  const room = width - name - (width >= WIDE || order === 'memory' ? 28 : 20)
  return columns(
    [
      { text: finding ? say`✗` : say` `, role: 'bad', width: 1 },
      { text: shortName(unit.name), width: name, role: finding ? 'strong' : 'plain' },
      { text: state.word, width: 7, role: state.role },
      ...(width >= WIDE || order === 'memory' ? [{ text: memoryWords(unit), width: 7, role: 'dim' as const }] : []),
      { text: bootWords(unit), width: 7, role: startsAtBoot(unit) ? 'plain' : 'dim' },
      { text: staged ? say`staged: ${staged}` : listens, grow: true, ...(staged ? { role: 'staged' as const } : {}) },
      ...(mark && !staged && room >= cells(listens) + 9 ? [{ text: mark, role: 'bad' as const }] : []),
    ],
    width,
  )
}

/** What it was made of, where that is no file of its own. */
function madeOf({ name, boot, ofScript }: Unit): Safe | null {
  const [, template, instance, kind] = /^([^@]+@)(.+)(\.[a-z]+)$/.exec(name) ?? []
  if (ofScript) return say`generated from a script of sysvinit, whose links say what boots`
  if (template && instance) return say`an instance of ${safe(`${template}${kind}`)}, for ${safe(instance)}`
  if (boot === 'transient') return say`transient: made at run time, and gone at the next boot`
  if (boot === 'generated') return say`generated at boot, by another file`
  return null
}

const MANAGERS = { sysvinit: say`sysvinit`, openrc: say`OpenRC` }

/** What starts it, what stops with it, since when it runs and how much memory it holds, as far as that was told. */
function detailLines({ details }: Unit, width: number): readonly Line[] {
  if (!details) return []
  const { triggeredBy, wantedBy, stopsWith, busName, forSeconds, memory, lastLines } = details
  const starts = [
    ...triggeredBy.map((one) => safe(one)),
    ...(busName ? [say`D-Bus, for ${busName}`] : []),
    ...wantedBy.map((one) => safe(one)),
  ]
  const list = (words: readonly Safe[]): Safe => safe(words.join(', '), 400)
  return [
    ...(forSeconds !== null ? field(say`since`, say`${ageWords(forSeconds)}`, width) : []),
    ...(memory !== null ? field(say`memory`, bytesWords(memory), width) : []),
    ...(starts.length > 0 ? field(say`started by`, list(starts), width) : []),
    ...(stopsWith.length > 0 ? field(say`stops with`, list(stopsWith.map((one) => safe(one))), width) : []),
    ...lastLines.flatMap((one, at) => field(at === 0 ? say`said last` : say``, one, width, 'dim')),
  ]
}

const ageWords = (seconds: number): Safe => {
  if (seconds < 120) return say`${seconds} s`
  if (seconds < 7200) return say`${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? say`${Math.round(seconds / 3600)} h` : say`${Math.round(seconds / 86_400)} days`
}

const memoryWords = ({ details }: Unit): Safe =>
  details?.memory === null || details?.memory === undefined ? say`` : bytesWords(details.memory)

const bytesWords = (bytes: number): Safe =>
  bytes < 1024 * 1024 ? say`${Math.round(bytes / 1024)} KB` : say`${Math.round(bytes / 1024 / 1024)} MB`

/** As `chkconfig --list` shows them: `0:off 1:off 2:on …`, and the boot itself where it starts there. */
const levelWords = (levels: Safe): Safe =>
  safe(
    [
      ...(levels.includes('S') ? ['S:on'] : []),
      ...[...'0123456'].map((level) => `${level}:${levels.includes(level) ? 'on' : 'off'}`),
    ].join('  '),
  )

function unitLines(item: UnitItem, width: number): readonly Line[] {
  const { unit, finding, staged, whyNoListeners } = item
  const made = madeOf(unit)
  return [
    ...field(say`service`, safe(unit.name), width, 'strong'),
    ...field(say`about`, unit.description, width),
    ...field(say`now`, unit.sub === '' ? unit.active : say`${unit.active} (${unit.sub})`, width, stateWords(unit).role),
    ...field(say`at boot`, unit.boot, width),
    ...(unit.levels === undefined ? [] : field(say`runlevels`, levelWords(unit.levels), width)),
    ...(made ? field(say`made of`, made, width) : []),
    ...(staged ? field(say`staged`, staged, width, 'staged') : []),
    ...detailLines(unit, width),
    EMPTY,
    ...(whyNoListeners !== null
      ? field(say`listens`, say`not known: ${whyNoListeners}`, width, 'warn')
      : unit.listeners.length === 0
        ? field(say`listens`, say`on nothing`, width, 'dim')
        : field(say`listens`, listenerWords(unit.listeners), width)),
    ...unit.listeners.flatMap((one) => field(say``, listenerLine(one), width, 'dim')),
    ...(finding ? [EMPTY, ...findingLines(finding, width)] : []),
  ]
}

/** What a super-server starts: by which, whose it is, and its program. */
function entryRow({ entry, finding }: EntryItem, width: number): Line {
  const { by, name, protocol, user, program } = entry
  return columns(
    [
      { text: finding ? say`✗` : say` `, role: 'bad', width: 1 },
      { text: say`${safe(by)}: ${name}`, width: nameWidth(width), role: finding ? 'strong' : 'plain' },
      { text: say`on demand`, width: 15, role: 'dim' },
      { text: say`${protocol} as ${user || say`?`}  ${program}`, grow: true },
    ],
    width,
  )
}

function entryLines({ entry, off, finding }: EntryItem, width: number): readonly Line[] {
  return [
    ...field(say`service`, say`${safe(entry.by)}: ${entry.name}`, width, 'strong'),
    ...field(say`protocol`, entry.protocol, width),
    ...field(say`runs as`, entry.user || say`nobody named`, width),
    ...field(say`program`, entry.program, width),
    ...field(say`stands in`, say`${entry.path}, line ${entry.line}`, width),
    ...field(say`off by hand`, off, width),
    ...(finding ? [EMPTY, ...findingLines(finding, width)] : []),
  ]
}

/** The services pane: what runs, what starts at boot, who listens. */
export const unitsPresenter: Presenter<UnitListItem> = {
  title: (state) => {
    const manager = factsOf(state.readings.byArea.units)?.manager
    return manager && manager !== 'systemd' ? say`Services ─ ${MANAGERS[manager]}` : say`Services`
  },
  note: (state) => {
    const units = factsOf(state.readings.byArea.units)?.units ?? []
    const failed = units.filter(({ active }) => active === 'failed').length
    const running = units.filter(({ active }) => isRunning(active)).length
    const said = [
      ...(units.length > 0 ? [span(say`${running} running`, 'dim')] : []),
      ...(failed > 0 ? [span(say`${failed} failed`, 'bad')] : []),
      ...toFix(state.readings.findings.units),
    ]
    return said.flatMap((one, at) => (at === 0 ? [one] : [span(say` · `, 'dim'), one]))
  },
  row: (item, width, state) => {
    if (item.kind === 'finding') return findingRow(item, width)
    if (item.kind === 'unit') return unitRow(item, width, state.view.unitsOrder)
    if (item.kind === 'entry') return entryRow(item, width)
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
    if (item.kind === 'entry') return say`Started by ${safe(item.entry.by)} when somebody comes.`
    if (item.kind === 'stray') return say`Listens, but belongs to no service that is listed.`
    return item.finding ? say`${item.unit.description}. ${safe(item.finding.rationale)}` : item.unit.description
  },
  detail: (item, width) => {
    if (item.kind === 'finding') return findingLines(item.finding, width)
    if (item.kind === 'unit') return unitLines(item, width)
    if (item.kind === 'entry') return entryLines(item, width)
    return [
      ...field(say`listens`, listenerLine(item.listener), width, 'strong'),
      ...field(say`service`, say`none that is listed: a program started by hand, or by a login`, width, 'warn'),
    ]
  },
  empty: () => say`No services are listed.`,
}
