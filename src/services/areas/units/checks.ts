import { isOwnOnly } from '../../model/addresses.ts'
import type { Check } from '../../model/area.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { UnitChange } from '../../model/step.ts'
import { startsAtBoot, type Unit, type UnitsFacts } from '../../model/units.ts'
import { baseName, judgeNeed, ROWS, runs, usedOf } from './needless.ts'
import { offFor } from './off.ts'

const MAIL_PORTS = new Set([25, 465, 587])

/** Names of the units (without `.service`) that a finding of this check is about, for the pane's `needless` mark. */
export const needlessUnits = (facts: UnitsFacts): ReadonlyMap<string, string> =>
  new Map(ROWS.flatMap((row) => usedOf(row, facts).map((unit) => [unit.name, `SVC-${row.id}`] as const)))

/** Stands above the services where it is not known: silence would look like nobody listening. */
export const LISTENERS_CHECK = 'SVC-listeners'

const listeners: Check<UnitsFacts> = {
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
const needless: readonly Check<UnitsFacts, UnitChange & { readonly kind: 'unit' }>[] = ROWS.map((row) => ({
  id: `SVC-${row.id}`,
  severity: row.severity,
  title: row.title,
  expected: row.onlyListeningOutside ? 'loopback only' : 'stopped and disabled',
  rationale: row.rationale,
  references: ['routine S14', 'CIS 2.1', 'systemctl(1)'],
  judge: (facts) => {
    const present = facts.units.filter((unit) => row.names.test(baseName(unit)))
    if (present.length === 0) return { outcome: 'notapplicable', observed: say`not installed` }
    const used = usedOf(row, facts)
    const unsure = present.filter((unit) => unit.active === 'unknown')
    if (used.length === 0 && unsure.length > 0 && !row.onlyListeningOutside)
      return {
        outcome: 'unknown',
        observed: safe(`whether ${unsure.map(({ name }) => name).join(', ')} runs can't be told`),
      }
    if (used.length === 0 && row.onlyListeningOutside) {
      if (facts.whyNoListeners !== null && present.some(runs))
        return { outcome: 'unknown', observed: say`who listens is not known: ${facts.whyNoListeners}` }
      const open = facts.strayListeners.find(({ port, address }) => MAIL_PORTS.has(port) && !isOwnOnly(address))
      if (open && present.some(runs))
        return { outcome: 'unknown', observed: say`port ${open.port} is open outside, whose it is can't be told` }
    }
    if (used.length === 0)
      return { outcome: 'pass', observed: row.onlyListeningOutside ? say`loopback only` : say`stopped and disabled` }
    const words = safe(used.map(inWords).join('; '))
    if (row.onlyListeningOutside) return { outcome: 'fail', observed: words }
    const { verdict, evidence } = judgeNeed(row, used, facts)
    const more = evidence.length > 0 ? { details: evidence } : {}
    if (verdict === 'needed') return { outcome: 'pass', observed: say`needed: ${evidence[0] as Safe}`, ...more }
    return { outcome: 'fail', observed: verdict === 'probably' ? say`probably needless: ${words}` : words, ...more }
  },
  ...(row.onlyListeningOutside
    ? { noFix: 'bind it to loopback in its own configuration; x stops it' }
    : { fix: (facts: UnitsFacts) => offFor(usedOf(row, facts), facts) }),
}))

export const unitChecks: readonly Check<UnitsFacts, UnitChange & { readonly kind: 'unit' }>[] = [listeners, ...needless]

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
