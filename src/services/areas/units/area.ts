import type { Area } from '../../model/area.ts'
import { safe, say } from '../../model/safe.ts'
import type { Listener, Unit, UnitsFacts } from '../../model/units.ts'
import { linesOf, splitParts } from '../parts.ts'
import { unitChecks } from './checks.ts'
import { parseCgroups, parseNetstat, parseProc, parseSs, type Socket } from './listeners.ts'
import probeScript from './probe.sh'
import { parseSockets, parseSystemd, type UnitRow, unitOfCgroup } from './systemd.ts'
import { parseSysvinit } from './sysvinit.ts'

/** What starts at boot, what runs and who listens: systemd services and sockets, or scripts of sysvinit or OpenRC. */
export const units: Area<'units'> = {
  id: 'units',
  title: 'Services',
  probes: [{ id: 'units', script: probeScript, timeoutSeconds: 20 }],
  checks: unitChecks,
  parse: (outputs, _host, readAt) => {
    const output = outputs('units')
    if (!output) return { state: 'unread' }
    const part = splitParts(output.stdout)
    const sockets = readSockets(part)
    switch (part('manager')) {
      case 'systemd':
        return { state: 'present', readAt, facts: systemdFacts(part, sockets) }
      case 'sysvinit':
        return { state: 'present', readAt, facts: scriptFacts('sysvinit', part, sockets) }
      case 'openrc':
        return { state: 'present', readAt, facts: scriptFacts('openrc', part, sockets) }
      case 'none': {
        const word = linesOf(part('words')).at(-1)
        return { state: 'absent', reason: safe(word ?? 'neither systemd nor init scripts run this host') }
      }
      default:
        return { state: 'unreadable', reason: say`systemctl did not answer in 20 s; press R to try again` }
    }
  },
}

type Part = (name: string) => string

const readSockets = (part: Part): readonly Socket[] => [
  ...parseSs(part('listeners-ss')),
  ...parseNetstat(part('listeners-netstat')),
  ...parseProc(part('listeners-proc')),
]

function systemdFacts(part: Part, sockets: readonly Socket[]): UnitsFacts {
  const cgroups = parseCgroups(part('cgroups'))
  const held = parseSockets(part('sockets'))
  return joined('systemd', parseSystemd(part('units'), part('files')), sockets, (socket) => {
    // The kernel's word on the socket comes before its process: a process may call itself another one's pid.
    const own = unitOfCgroup(socket.cgroup ?? '')
    const named = own === null || own === 'init.scope' ? (pidUnit(cgroups, socket) ?? own) : own
    if (named && named !== 'init.scope') return named
    return held.get(`${socket.address}:${socket.port}`) ?? held.get(`[::]:${socket.port}`) ?? named
  })
}

function scriptFacts(manager: 'sysvinit' | 'openrc', part: Part, sockets: readonly Socket[]): UnitsFacts {
  const scripts = parseSysvinit(part('scripts'), part('programs'), part('started'))
  const owner = new Map(scripts.flatMap((script) => script.pids.map((pid) => [pid, script.name] as const)))
  return joined(manager, scripts, sockets, (socket) => {
    const pid = socket.pids.find((one) => owner.has(one))
    return pid === undefined ? null : (owner.get(pid) ?? null)
  })
}

const pidUnit = (cgroups: ReadonlyMap<number, string>, { pid }: Socket): string | null =>
  pid === null ? null : (cgroups.get(pid) ?? null)

/** Puts each listener under its unit; those of no unit that is listed (a login's scope, a stray daemon) stay apart. */
function joined(
  manager: UnitsFacts['manager'],
  rows: readonly UnitRow[],
  sockets: readonly Socket[],
  unitOf: (socket: Socket) => string | null,
): UnitsFacts {
  const listeners = new Map<string, Listener[]>(rows.map((row) => [row.name, []]))
  const strayListeners: Listener[] = []
  for (const socket of sockets) {
    const { protocol, address, port, process, pid } = socket
    const listener: Listener = { protocol, address, port, process, pid, unit: unitOf(socket) }
    const own = listener.unit === null ? undefined : listeners.get(listener.unit)
    ;(own ?? strayListeners).push(listener)
  }
  const found = rows.map(
    ({ name, description, active, sub, boot }): Unit => ({
      name,
      description,
      active,
      sub,
      boot,
      listeners: listeners.get(name) ?? [],
    }),
  )
  return { manager, units: found, strayListeners }
}
