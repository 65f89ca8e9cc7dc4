import type { ProbeOutput } from '../../../model/command.ts'
import { fail, ok, type Result } from '../../../model/errors.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { endedLines, linesOf, partsOf } from '../../parts.ts'
import type { Pending, Timer, UpdatesFacts } from '../facts.ts'

export function parseUpdates(output: ProbeOutput): Result<UpdatesFacts, Safe> {
  const tools = endedLines(output, 'tools')
  const reboot = endedLines(output, 'reboot')
  if (!tools || !reboot) return fail(say`how updates come was not read to its end`)
  const config = endedLines(output, 'apt-config')
  const [now, ...stamps] = (endedLines(output, 'lists') ?? []).map(Number)
  const of = (word: string): readonly string[] =>
    reboot.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  const timers = endedLines(output, 'timers')
  return ok({
    tools: new Set(tools),
    aptConfig: config && aptConfigOf(config),
    dnfApplies: dnfOf(endedLines(output, 'dnf') ?? []),
    timers: timers && timersOf(partsOf(output)('timers')),
    listsAge:
      now === undefined || stamps.length === 0
        ? null
        : Math.max(0, now - stamps.reduce((last, one) => Math.max(last, one), 0)),
    reboot: {
      running: of('running')[0] ?? null,
      installed: of('installed'),
      required: reboot.includes('required'),
      packages: of('package').map((name) => safe(name, 80)),
    },
    pending: tools.includes('apt-get') ? pendingOf(output) : null,
  })
}

/** `NAME "VALUE";` a line; apt takes names in any case. */
function aptConfigOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of lines) {
    const [, name, value = ''] = /^(\S+) "(.*)";$/.exec(line) ?? []
    if (name !== undefined) found.set(name.toLowerCase(), value)
  }
  return found
}

function dnfOf(lines: readonly string[]): UpdatesFacts['dnfApplies'] {
  for (const line of lines) {
    const [, path = '', number = '', value] = /^([^:]+):(\d+):\s*apply_updates\s*=\s*(\S*)/.exec(line) ?? []
    if (value !== undefined)
      return { value, at: say`${safe(path)}, line ${safe(number)}: apply_updates = ${safe(value)}` }
  }
  return null
}

/** `systemctl show` of several units: a paragraph each. */
function timersOf(text: string): ReadonlyMap<string, Timer> {
  const found = new Map<string, Timer>()
  for (const paragraph of text.split('\n\n')) {
    const of = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(paragraph)?.[1] ?? ''
    if (of('Id') !== '' && of('LoadState') === 'loaded')
      found.set(of('Id'), { active: of('ActiveState'), boot: of('UnitFileState'), last: safe(of('LastTriggerUSec')) })
  }
  return found
}

/**
 * `Inst NAME [OLD] (NEW ORIGIN:VERSION/SUITE [ARCH])`: apt's own word on where a version comes from; nothing where it comes
 * from nowhere but this host.
 */
const INST = /^Inst (\S+) (?:\[\S*\] )?\((\S+)(?: (.*))? \[\S+\]\)/

/** As many as the probe hands on. */
const MOST = 500

function pendingOf(output: ProbeOutput): UpdatesFacts['pending'] {
  const lines = endedLines(output, 'pending')
  if (!lines) {
    const words = linesOf(partsOf(output)('pending'))
      .at(-1)
      ?.replace(/^failed /, '')
    return fail(words ? say`apt says: ${safe(words)}` : say`apt did not answer in time`)
  }
  const found: Pending[] = []
  for (const line of lines) {
    const [, name, version = '', origin = ''] = INST.exec(line) ?? []
    // One that is not understood may be the one that matters.
    if (name === undefined) return fail(say`apt says what is not understood: ${safe(line, 120)}`)
    const from = say`${safe(version, 60)}, ${safe(origin, 120)}`
    found.push({ name: safe(name, 80), from, security: /security/i.test(origin) })
  }
  if (found.length >= MOST && !found.some(({ security }) => security))
    return fail(say`${MOST} updates and more wait, and not all of them were read`)
  return ok(found)
}
