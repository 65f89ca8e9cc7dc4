import type { ProbeOutput } from '../../../model/command.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { endedLines, partsOf } from '../../parts.ts'
import type { ClockFacts, MacFacts, SystemFacts } from '../facts.ts'

export function parseSystem(output: ProbeOutput): Result<SystemFacts, Safe> {
  const [mac, clock] = [endedLines(output, 'mac'), endedLines(output, 'clock')]
  if (!mac || !clock) return fail(say`it was not read to its end`)
  return ok({ mac: macOf(mac), clock: clockOf(clock, partsOf(output)('clock')) })
}

function macOf(lines: readonly string[]): MacFacts {
  const of = (word: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  const profiles = lines.flatMap((line) => {
    const [, count, mode] = /^\s*(\d+) profile ([a-z]+)$/.exec(line) ?? []
    return mode === undefined ? [] : [[mode, Number(count)] as const]
  })
  const config = of('config').flatMap((line) => {
    const [, at = '', mode] = /^(\d+):\s*SELINUX=\s*(\w+)/.exec(line) ?? []
    return mode === undefined ? [] : [{ mode, at: say`/etc/selinux/config, line ${safe(at)}: SELINUX=${safe(mode)}` }]
  })
  const [modules, apparmor, enforce] = [of('modules')[0], of('apparmor')[0], of('enforce')[0]]
  return {
    installed: of('files'),
    modules: modules === undefined ? null : modules.split(',').filter((name) => name !== ''),
    apparmor: apparmor === undefined ? null : apparmor === 'Y',
    profiles: lines.includes('profiles') ? new Map(profiles) : null,
    enforcing: enforce === undefined ? null : enforce === '1',
    config: config.at(-1) ?? null,
    boot: of('boot').map((word) => safe(word, 80)),
  }
}

function clockOf(lines: readonly string[], text: string): ClockFacts {
  const units = text.split('\n\n').flatMap((paragraph) => {
    const of = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(paragraph)?.[1] ?? ''
    return of('LoadState') === 'loaded'
      ? [{ name: of('Id'), active: of('ActiveState'), boot: of('UnitFileState') }]
      : []
  })
  const processes = lines.flatMap((line) => /^process (\S+)$/.exec(line)?.[1] ?? [])
  const said = lines.flatMap((line) => /^NTPSynchronized=(yes|no)$/.exec(line)?.[1] ?? [])[0]
  const chrony = lines.flatMap((line) => (line.startsWith('chrony ') ? [line.slice(7).split(',')] : []))[0]
  return {
    synchronised: said === undefined ? null : said === 'yes',
    running: [...new Set(processes)].map((name) => safe(name === 'systemd-timesyn' ? 'systemd-timesyncd' : name)),
    // Aliases are told as what they stand for.
    installed: [...new Map(units.map((unit) => [unit.name, unit])).values()].map(
      ({ name, active, boot }) => say`${safe(name)}: ${safe(active)}, ${safe(boot)} at boot`,
    ),
    whole: lines.includes('units'),
    chrony: chrony?.length === 14 ? { leap: chrony[13] ?? '', reference: safe(chrony[1] ?? '', 60) } : null,
  }
}
