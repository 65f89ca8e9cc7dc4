import { type Safe, safe } from '../../model/safe.ts'
import type { Unit, UnitDetails } from '../../model/units.ts'
import { linesOf } from '../parts.ts'

/** A unit before its listeners are known. */
export type UnitRow = Omit<Unit, 'listeners'>

/** A unit name as systemd.unit(5) allows it, at most 255 characters; anything else is not a name and is skipped. */
const NAME = /^[A-Za-z0-9:_.\\@-]{1,255}\.(?:service|socket|timer|path)$/

/** Older releases print a dot before failed units even with --plain. */
const MARK = /^[^A-Za-z0-9:_.\\@-]+ /

/** A line of list-units; what follows the sub state is the job that is queued, where one is, and the description. */
const UNIT = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)(?:\s+(.*))?$/s
const JOB = /^(?:start|stop|restart|try-restart|reload|reload-or-start|verify-active|nop)\s+(?=\S)/

/** What D-Bus calls a unit by: always another name of one (systemd.unit(5), Alias=), which older releases don't say. */
const BUS_NAME = /^dbus-org\./

/**
 * Joins `systemctl list-units --all --plain` (what is loaded) with `list-unit-files --plain` (what boot starts), and of
 * those that were generated from scripts with what `is-enabled` says of the scripts.
 * Templates, aliases and units that are only named by others (not-found) are left out: none of them can be started.
 */
export function parseSystemd(units: string, files: string, scripted = ''): readonly UnitRow[] {
  const boot = new Map<string, string>()
  const scripts = new Map<string, string>()
  for (const line of linesOf(scripted)) {
    const [name, state] = line.split(' ')
    if (name && (state === 'enabled' || state === 'disabled')) scripts.set(name, state)
  }
  for (const line of linesOf(files)) {
    const [name, state] = line.trim().split(/\s+/)
    if (name && state && NAME.test(name)) boot.set(name, (state === 'generated' && scripts.get(name)) || state)
  }
  const rows = new Map<string, UnitRow>()
  for (const line of linesOf(units)) {
    const [, name, load, active, sub, rest = ''] = UNIT.exec(line.trimStart().replace(MARK, '').trim()) ?? []
    if (!name || !load || !active || !sub || !NAME.test(name) || boot.get(name) === 'alias') continue
    if (load === 'not-found' && active === 'inactive') continue
    rows.set(name, {
      name,
      description: safe(rest.replace(JOB, '')),
      active: safe(active),
      sub: safe(sub),
      boot: safe(bootState(boot, name, load)),
      ...(scripts.has(name) ? { ofScript: true as const } : {}),
    })
  }
  for (const [name, state] of boot)
    if (!rows.has(name) && state !== 'alias' && !isTemplate(name) && !BUS_NAME.test(name))
      rows.set(name, { name, description: safe(''), active: safe('inactive'), sub: safe('dead'), boot: safe(state) })
  return [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isTemplate = (name: string): boolean => /@\.(?:service|socket|timer|path)$/.test(name)

/** An instance without a file of its own takes its template's state; a loaded unit without any file was made at run time. */
const bootState = (boot: ReadonlyMap<string, string>, name: string, load: string): string =>
  boot.get(name) ?? boot.get(name.replace(/@.*\./, '@.')) ?? (load === 'loaded' ? 'transient' : load)

/** `systemctl list-sockets`: listening address to the socket unit that holds it. Paths and netlink are left out. */
export function parseSockets(text: string): ReadonlyMap<string, string> {
  const sockets = new Map<string, string>()
  for (const line of linesOf(text)) {
    const words = line.trim().split(/\s+/)
    const unit = words.find((word) => word.endsWith('.socket') && NAME.test(word))
    if (words[0] && unit && /:\d+$/.test(words[0])) sockets.set(words[0], unit)
  }
  return sockets
}

/**
 * The unit a cgroup path belongs to: the first part that is one, because what follows is that unit's own business
 * (a user's services live below `user@1000.service`).
 */
export const unitOfCgroup = (path: string): string | null =>
  path.split('/').find((part) => /\.(?:service|socket|scope)$/.test(part)) ?? null

const DETAILS =
  /^(Id|TriggeredBy|RequiredBy|BoundBy|ConsistsOf|WantedBy|BusName|ActiveEnterTimestampMonotonic|MemoryCurrent)=(.*)$/

/**
 * `systemctl show` of all units behind a line of /proc/uptime, by name; null where it was not read to its end. `failed` has
 * the last lines of some of them, each behind `|` under `@NAME`.
 */
export function parseDetails(text: string, failed: string): ReadonlyMap<string, UnitDetails> | null {
  const [uptime = '', ...lines] = text.trimEnd().split('\n')
  if (lines.pop() !== 'end') return null
  const logs = parseLogs(failed)
  const found = new Map<string, UnitDetails>()
  for (const block of lines.join('\n').split(/\n{2,}/)) {
    const pairs = block.split('\n').flatMap((line) => {
      const [, key, value] = DETAILS.exec(line) ?? []
      return key === undefined || value === undefined ? [] : [[key, value] as const]
    })
    const own = new Map(pairs)
    const name = own.get('Id')
    // One key twice is no block of one unit.
    if (name === undefined || !NAME.test(name) || own.size !== pairs.length) continue
    found.set(name, detailsOf(own, Number.parseFloat(uptime), logs.get(name) ?? []))
  }
  return found
}

function detailsOf(own: ReadonlyMap<string, string>, uptime: number, lastLines: readonly Safe[]): UnitDetails {
  const list = (key: string): readonly string[] => (own.get(key) ?? '').split(' ').filter((one) => one !== '')
  const entered = Number(own.get('ActiveEnterTimestampMonotonic') ?? 0) / 1e6
  const memory = own.get('MemoryCurrent') ?? ''
  return {
    triggeredBy: list('TriggeredBy'),
    stopsWith: [...new Set(['RequiredBy', 'BoundBy', 'ConsistsOf'].flatMap(list))],
    wantedBy: list('WantedBy'),
    busName: own.get('BusName') ? safe(own.get('BusName') ?? '', 80) : null,
    forSeconds: entered > 0 && Number.isFinite(uptime) ? Math.max(0, Math.round(uptime - entered)) : null,
    // Where nobody counts it, it is all ones, or words.
    memory: /^\d{1,15}$/.test(memory) ? Number(memory) : null,
    lastLines,
  }
}

function parseLogs(text: string): ReadonlyMap<string, readonly Safe[]> {
  const logs = new Map<string, Safe[]>()
  let now: Safe[] | undefined
  for (const line of linesOf(text)) {
    if (line.startsWith('@')) {
      now = []
      logs.set(line.slice(1), now)
    } else if (line.startsWith('|')) now?.push(safe(line.slice(1), 300))
  }
  return logs
}
