import { safe } from '../../model/safe.ts'
import { linesOf } from '../parts.ts'
import type { UnitRow } from './systemd.ts'

/** An init script and the processes that are its own. */
export type ScriptRow = UnitRow & { readonly pids: readonly number[] }

/**
 * Reads the probe's lines: script, boot, daemon, pid, runlevels, description, by TAB; and `programs`, one `/proc/PID program` a
 * line. `started` is what OpenRC has started, after the word `known`, or nothing where it does not tell.
 */
export function parseSysvinit(scripts: string, programs: string, started = ''): readonly ScriptRow[] {
  const [told, ...names] = linesOf(started)
  const services = new Set(names)
  const running = new Map<string, number[]>()
  for (const line of linesOf(programs)) {
    const match = /^\/proc\/(\d+) (\/.*?)(?: \(deleted\))?$/s.exec(line)
    if (!match) continue
    const program = withoutUsrMerge(match[2] as string)
    const pids = running.get(program)
    if (pids) pids.push(Number(match[1]))
    else running.set(program, [Number(match[1])])
  }
  return linesOf(scripts).flatMap((line) => {
    const [name, boot, daemon, pid, levels = '', ...words] = line.split('\t')
    if (!name || !/^[A-Za-z0-9_.+@:-]{1,255}$/.test(name) || (boot !== 'enabled' && boot !== 'disabled')) return []
    const pids = new Set(daemon ? (running.get(withoutUsrMerge(daemon)) ?? []) : [])
    if (/^[1-9]\d*$/.test(pid ?? '')) pids.add(Number(pid))
    const active = stateOf({
      lives: pids.size > 0,
      named: Boolean(daemon) || Number(pid) > 0,
      started: told === 'known' ? services.has(name) : null,
    })
    return [
      {
        name,
        description: safe(words.join(' ')),
        active: safe(active),
        sub: safe(''),
        boot: safe(boot),
        ...(/^[.]S?[0-6]{0,7}$/.test(levels) && { levels: safe(levels.slice(1)) }),
        pids: [...pids],
      },
    ]
  })
}

/**
 * A script runs when the process of its pid file lives or its daemon is among the programs. For one that names neither (it
 * sets something up and ends) OpenRC's word counts; where there is none, or it has started what does not live, nobody knows.
 */
function stateOf({ lives, named, started }: { lives: boolean; named: boolean; started: boolean | null }): string {
  if (lives) return 'running'
  if (named) return started ? 'unknown' : 'stopped'
  return started === null ? 'unknown' : started ? 'running' : 'stopped'
}

/** /sbin/x and /usr/sbin/x are the same file where /sbin is a link to /usr/sbin. */
const withoutUsrMerge = (path: string): string => path.replace(/^\/usr(?=\/s?bin\/)/, '')
