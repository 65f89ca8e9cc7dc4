import type { ProbeOutput } from '../../model/command.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { OnDemand, OnDemandEntry } from '../../model/units.ts'
import { isWhole, linesOf } from '../parts.ts'

/** Services of the past, by their names in services(5): in the clear, without passwords, or of use to floods alone. */
const LEGACY: ReadonlySet<string> = new Set([
  ...['telnet', 'telnets', 'shell', 'rsh', 'login', 'rlogin', 'exec', 'rexec', 'tftp', 'finger', 'talk', 'ntalk'],
  ...['chargen', 'discard', 'echo', 'daytime', 'time', 'systat', 'netstat', 'qotd'],
])

/** Whether an entry is of the past; `127.0.0.1:telnet` and xinetd's `echo-dgram` are too. */
export const isLegacy = ({ name }: OnDemandEntry): boolean =>
  LEGACY.has(
    name
      .replace(/^.*:/, '')
      .replace(/-(?:stream|dgram|tcp|udp)$/, '')
      .toLowerCase(),
  )

/** The probe's entries of inetd(8) and xinetd(8). What was not read to its end, or not understood, has the reason. */
export function parseOnDemand(output: ProbeOutput): OnDemand {
  const lines = linesOf(output.parts.get('entries') ?? '')
  const whole = isWhole(output, 'entries') && lines.at(-1) === 'end'
  let why: Safe | null = whole ? null : say`what inetd starts was not read to its end`
  const entries: OnDemandEntry[] = []
  for (const line of whole ? lines.slice(0, -1) : lines) {
    const [by, path = '', number = '', name, protocol, user, program] = line.split('\t')
    if ((by === 'inetd' || by === 'xinetd') && name && program !== undefined && /^\d{1,7}$/.test(number))
      entries.push({
        ...{ by, path: safe(path, 120), line: Number(number), name: safe(name, 60) },
        ...{ protocol: safe(protocol ?? '', 20), user: safe(user ?? '', 60), program: safe(program, 160) },
      })
    else why ??= by === 'odd' ? safe(path, 160) : say`a line of what inetd starts is odd`
  }
  return { entries, why }
}

/** What to do by hand so that an entry is off. */
export const entryOff = ({ by, path, line }: OnDemandEntry): Safe =>
  by === 'inetd'
    ? say`put # before line ${line} of ${path}, and reload inetd`
    : say`say disable = yes at line ${line} of ${path}, and reload xinetd`
