import type { ProbeOutput } from '../../../model/command.ts'
import type { Persistence } from '../../../model/firewall.ts'
import type { SetMaker } from '../../../model/ip-sets.ts'
import { safe } from '../../../model/safe.ts'
import { linesOf, splitParts } from '../../parts.ts'

/**
 * What makes sets at boot, as the probe found it; null where that was not read. Interfaces come up after
 * netfilter-persistent, iptables.service and the loader, all of which are `Before=network-pre.target`, and what runs last
 * (rc.local, cron) after everything.
 */
export function readMakers(output: ProbeOutput | null, { kind }: Persistence): readonly SetMaker[] | null {
  const stdout = output?.stdout ?? ''
  // Its last mark says that nothing is missing.
  if (!stdout.trimEnd().endsWith('\n@@done')) return null
  const early = kind !== 'none' && kind !== 'other'
  return splitParts(stdout)('makers')
    .split(/^(?=by )/m)
    .filter((text) => text.startsWith('by '))
    .map((text) => {
      const [by = '', when = '', ...rest] = linesOf(text)
      return {
        by: safe(by.slice(3), 120),
        inTime:
          when === 'when first' ? true : when === 'when late' ? false : when !== 'when unit' && early ? false : null,
        names: new Set(rest.filter((line) => line.startsWith('name ')).map((line) => line.slice(5))),
        others: rest.includes('others'),
      }
    })
}
