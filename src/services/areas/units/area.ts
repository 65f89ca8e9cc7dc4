import type { Area } from '../../model/area.ts'
import type { ProbeOutput } from '../../model/command.ts'
import { fail } from '../../model/errors.ts'
import { safe, say } from '../../model/safe.ts'
import type { Listener, Unit, UnitsFacts } from '../../model/units.ts'
import { isWhole, linesOf, type Part, partsOf } from '../parts.ts'
import bindsScript from './binds/probe.sh'
import { parseBinds } from './binds/read.ts'
import { unitChecks } from './checks.ts'
import { unitsEditing } from './editing.ts'
import inetdScript from './inetd.sh'
import { parseOnDemand } from './inetd.ts'
import { type Heard, parseCgroups, parseNetstat, parseProc, parseSs, type Socket } from './listeners.ts'
import { parseNeeds } from './needs.ts'
import probeScript from './probe.sh'
import { parseDetails, parseSockets, parseSystemd, type UnitRow, unitOfCgroup } from './systemd.ts'
import { parseSysvinit } from './sysvinit.ts'

/** What starts at boot, what runs and who listens: systemd services and sockets, or scripts of sysvinit or OpenRC. */
export const units: Area<'units'> = {
  id: 'units',
  probes: [
    { id: 'units', script: probeScript, timeoutSeconds: 20 },
    { id: 'binds', script: bindsScript, timeoutSeconds: 10 },
    { id: 'inetd', script: inetdScript, timeoutSeconds: 10 },
  ],
  checks: unitChecks,
  editing: unitsEditing,
  parse: (outputs, _host, readAt) => {
    const output = outputs('units')
    if (!output) return { state: 'unread' }
    // Half a list of services would call the rest not installed; who listens is another list.
    if (
      output.cut !== null &&
      output.cut !== '' &&
      !/^(?:manager|scripted|details|failed|needs|cgroups|listeners-.*)$/.test(output.cut)
    )
      return { state: 'unreadable', reason: say`the list of services was cut off; press R to try again` }
    const part = partsOf(output)
    const heard = readListeners(output)
    const [bindsOutput, inetdOutput] = [outputs('binds'), outputs('inetd')]
    const more = {
      needs: parseNeeds(part('needs')),
      ...(bindsOutput ? { binds: parseBinds(bindsOutput) } : {}),
      ...(inetdOutput ? { onDemand: parseOnDemand(inetdOutput) } : {}),
    }
    switch (part('manager')) {
      case 'systemd':
        return { state: 'present', readAt, facts: { ...systemdFacts(part, heard), ...more } }
      case 'sysvinit':
        return { state: 'present', readAt, facts: { ...scriptFacts('sysvinit', part, heard), ...more } }
      case 'openrc':
        return { state: 'present', readAt, facts: { ...scriptFacts('openrc', part, heard), ...more } }
      case 'none': {
        const word = linesOf(part('words')).at(-1)
        return { state: 'absent', reason: safe(word ?? 'neither systemd nor init scripts run this host') }
      }
      default:
        return { state: 'unreadable', reason: say`systemctl did not answer in 20 s; press R to try again` }
    }
  },
}

/** The programs that tell who listens; the probe asks the first that answers. */
const PROGRAMS = [
  ['listeners-ss', parseSs],
  ['listeners-netstat', parseNetstat],
  ['listeners-proc', parseProc],
] as const

function readListeners(output: ProbeOutput): Heard {
  const [name, parse] = PROGRAMS.find(([part]) => output.parts.has(part)) ?? []
  if (name === undefined || parse === undefined) return fail(say`the host did not come to say who listens`)
  return isWhole(output, name) ? parse(partsOf(output)(name)) : fail(say`the list of who listens was cut off`)
}

function systemdFacts(part: Part, heard: Heard): UnitsFacts {
  const cgroups = parseCgroups(part('cgroups'))
  const held = parseSockets(part('sockets'))
  const details = parseDetails(part('details'), part('failed'))
  const rows = parseSystemd(part('units'), part('files'), part('scripted')).map((row) => {
    const own = details?.get(row.name)
    return own ? { ...row, details: own } : row
  })
  return joined('systemd', rows, heard, (socket) => {
    // The kernel's word on the socket comes before its process: a process may call itself another one's pid.
    const own = unitOfCgroup(socket.cgroup ?? '')
    const named = own === null || own === 'init.scope' ? (pidUnit(cgroups, socket) ?? own) : own
    if (named && named !== 'init.scope') return named
    return held.get(`${socket.address}:${socket.port}`) ?? held.get(`[::]:${socket.port}`) ?? named
  })
}

function scriptFacts(manager: 'sysvinit' | 'openrc', part: Part, heard: Heard): UnitsFacts {
  const scripts = parseSysvinit(part('scripts'), part('programs'), part('started'))
  const owner = new Map(scripts.flatMap((script) => script.pids.map((pid) => [pid, script.name] as const)))
  return joined(manager, scripts, heard, (socket) => {
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
  heard: Heard,
  unitOf: (socket: Socket) => string | null,
): UnitsFacts {
  const listeners = new Map<string, Listener[]>(rows.map((row) => [row.name, []]))
  const strayListeners: Listener[] = []
  for (const socket of heard.ok ? heard.value : []) {
    const { protocol, address, port, process, pid } = socket
    const listener: Listener = { protocol, address, port, process, pid, unit: unitOf(socket) }
    const own = listener.unit === null ? undefined : listeners.get(listener.unit)
    ;(own ?? strayListeners).push(listener)
  }
  const found = rows.map(
    ({ name, description, active, sub, boot, details, ofScript, levels }): Unit => ({
      ...{ name, description, active, sub, boot, ...(ofScript ? { ofScript } : {}) },
      listeners: listeners.get(name) ?? [],
      ...(details ? { details } : {}),
      ...(levels === undefined ? {} : { levels }),
    }),
  )
  return { manager, units: found, strayListeners, whyNoListeners: heard.ok ? null : heard.error }
}
