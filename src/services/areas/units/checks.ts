import { isOwnOnly } from '../../model/addresses.ts'
import type { Check, Verdict } from '../../model/area.ts'
import type { EditsByArea } from '../../model/areas.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { startsAtBoot, type Unit, type UnitsFacts } from '../../model/units.ts'
import { entryOff, isLegacy } from './inetd.ts'
import { baseName, judgeNeed, ROWS, runs, usedOf } from './needless.ts'
import { offFor } from './off.ts'
import { bindFor, OUTSIDE_ROWS, type OutsideRow, outsideOf } from './outside.ts'

type UnitCheck = Check<UnitsFacts, EditsByArea['units']>

/** The checks that a unit may be the matter of, by its name, for the pane's mark: what is needless comes first. */
export function blamedUnits(facts: UnitsFacts): ReadonlyMap<string, readonly string[]> {
  const blamed = new Map<string, string[]>()
  const blame = (units: readonly Unit[], id: string): void => {
    for (const { name } of units) blamed.set(name, [...(blamed.get(name) ?? []), `SVC-${id}`])
  }
  for (const row of ROWS) blame(usedOf(row, facts), row.id)
  for (const row of OUTSIDE_ROWS) blame(outsideOf(row, facts), row.id)
  return blamed
}

const OUTSIDE_IDS: ReadonlySet<string> = new Set(OUTSIDE_ROWS.map(({ id }) => `SVC-${id}`))

/** Whether a check is about who reaches a service, and not about whether it is there. */
export const isAboutOutside = (checkId: string): boolean => OUTSIDE_IDS.has(checkId)

/** Stands above the services where it is not known: silence would look like nobody listening. */
export const LISTENERS_CHECK = 'SVC-listeners'

const listeners: UnitCheck = {
  id: LISTENERS_CHECK,
  severity: 'high',
  title: 'Who listens is not known',
  expected: 'every line of it read',
  rationale:
    "Nothing that rests on it is judged. A process may hide others by a line break in its name; as root, grep -c '' /proc/[0-9]*/comm | grep -v ':1$' names such ones.",
  references: ['ss(8)', 'proc(5)'],
  judge: ({ whyNoListeners }) =>
    whyNoListeners === null
      ? { outcome: 'pass', observed: say`known` }
      : { outcome: 'unknown', observed: whyNoListeners },
}

/** Services that a server rarely needs, running or started at boot (the routine's S14); ids are `SVC-` and a word. */
const needless: readonly UnitCheck[] = ROWS.map((row) => ({
  id: `SVC-${row.id}`,
  severity: row.severity,
  title: row.title,
  expected: 'stopped and disabled',
  rationale: row.rationale,
  references: ['CIS 2.1', 'systemctl(1)'],
  judge: (facts) => {
    const present = facts.units.filter((unit) => row.names.test(baseName(unit)))
    if (present.length === 0) return { outcome: 'notapplicable', observed: say`not installed` }
    const used = usedOf(row, facts)
    const unsure = present.filter((unit) => unit.active === 'unknown')
    if (used.length === 0 && unsure.length > 0)
      return {
        outcome: 'unknown',
        observed: safe(`whether ${unsure.map(({ name }) => name).join(', ')} runs can't be told`),
      }
    if (used.length === 0) return { outcome: 'pass', observed: say`stopped and disabled` }
    const words = safe(used.map(inWords).join('; '))
    const { verdict, evidence } = judgeNeed(row, used, facts)
    const more = evidence.length > 0 ? { details: evidence } : {}
    if (verdict === 'needed') return { outcome: 'pass', observed: say`needed: ${evidence[0] as Safe}`, ...more }
    return { outcome: 'fail', observed: verdict === 'probably' ? say`probably needless: ${words}` : words, ...more }
  },
  fix: (facts) => offFor(usedOf(row, facts), facts),
}))

/** Services that a host may need for itself: whether others reach them. */
const outside: readonly UnitCheck[] = OUTSIDE_ROWS.map((row) => ({
  id: `SVC-${row.id}`,
  severity: row.severity,
  title: row.title,
  expected: 'loopback only',
  rationale: row.rationale,
  references: row.references,
  judge: (facts) => judgeOutside(row, facts),
  fix: (facts) => bindFor(row, facts),
  noFix: 'bind it to loopback in its own configuration; x stops it',
}))

function judgeOutside(row: OutsideRow, facts: UnitsFacts): Verdict {
  const present = facts.units.filter((unit) => row.names.test(baseName(unit)))
  if (present.length === 0) return { outcome: 'notapplicable', observed: say`not installed` }
  if (row.isNeedless?.(facts)) return { outcome: 'notapplicable', observed: say`nobody needs it: it can go altogether` }
  const used = outsideOf(row, facts)
  if (used.length === 0) {
    if (facts.whyNoListeners !== null && present.some(runs))
      return { outcome: 'unknown', observed: say`who listens is not known: ${facts.whyNoListeners}` }
    const open = facts.strayListeners.find(({ port, address }) => row.ports.has(port) && !isOwnOnly(address))
    // What a script says of itself is less than what systemd knows: who listens there may be its own.
    if (open && (present.some(runs) || facts.manager !== 'systemd'))
      return { outcome: 'unknown', observed: say`port ${open.port} is open outside, whose it is can't be told` }
    return { outcome: 'pass', observed: say`loopback only` }
  }
  const binds = row.bind(facts, used)
  const details = binds.flatMap(({ at }) => at)
  const refused = binds.flatMap(({ change }) => (change.ok ? [] : [change.error]))[0]
  return {
    outcome: 'fail',
    observed: safe(used.map(inWords).join('; ')),
    ...(details.length > 0 ? { details } : {}),
    ...(refused === undefined ? {} : { noFix: refused }),
  }
}

/** About the entries of inetd(8) and xinetd(8). */
export const ENTRIES_CHECK = 'SVC-inetd'

const entries: UnitCheck = {
  id: ENTRIES_CHECK,
  severity: 'high',
  title: 'inetd starts services of the past',
  expected: 'none of telnet, rsh, rlogin, rexec, tftp, finger, echo and their like',
  rationale:
    'They carry passwords or files in the clear, ask for none at all, or answer floods with floods. An entry is off by a comment sign or disable = yes, and a reload.',
  references: ['CIS 2.1', 'inetd.conf(5)', 'xinetd.conf(5)'],
  judge: ({ onDemand, units }) => {
    if (!onDemand) return { outcome: 'unknown', observed: say`what inetd starts was not read` }
    const old = onDemand.entries.filter(isLegacy)
    const servers = units.filter((unit) => /inetd$/.test(baseName(unit)))
    const isServed = servers.some((unit) => runs(unit) || startsAtBoot(unit) || unit.active === 'unknown')
    const [first] = old
    if (first && isServed)
      return {
        outcome: 'fail',
        observed: safe(old.map(({ by, name }) => `${by}: ${name}`).join(', ')),
        details: old.map(({ path, line, name, program }) => say`${path}, line ${line}: ${name} by ${program}`),
        noFix: entryOff(first),
      }
    if (onDemand.why !== null) return { outcome: 'unknown', observed: onDemand.why }
    if (first) return { outcome: 'pass', observed: say`no inetd serves the entries that there are` }
    return onDemand.entries.length === 0 && servers.length === 0
      ? { outcome: 'notapplicable', observed: say`not installed` }
      : { outcome: 'pass', observed: say`none of them` }
  },
}

export const unitChecks: readonly UnitCheck[] = [listeners, ...needless, ...outside, entries]

function inWords(unit: Unit): string {
  const outside = unit.listeners.filter((listener) => !isOwnOnly(listener.address))
  const ports = [...new Set(outside.map((listener) => `${listener.port}/${listener.protocol}`))]
  const words = [
    runs(unit) ? (unit.active === 'running' ? 'running' : unit.sub) : 'stopped',
    startsAtBoot(unit) ? 'starts at boot' : '',
    ports.length > 0 ? `listens on ${ports.join(' ')}` : '',
  ]
  return `${unit.name} ${words.filter((word) => word !== '').join(', ')}`
}
