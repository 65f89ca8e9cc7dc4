import type { ProbeOutput } from '../../../model/command.ts'
import type { Persistence } from '../../../model/firewall.ts'
import type { SetMaker } from '../../../model/ip-sets.ts'
import { safe } from '../../../model/safe.ts'
import { linesOf, partsOf } from '../../parts.ts'

/**
 * Whether what runs then comes before the rules: where netfilter-persistent, iptables.service or the loader load them, and
 * where something else does. The three are `Before=network-pre.target`, so that interfaces come up after them, and
 * rc.local and cron run after everything.
 */
const IN_TIME: Readonly<Record<string, readonly [early: boolean | null, other: boolean | null]>> = {
  first: [true, true],
  late: [false, false],
  hook: [false, null],
  script: [false, null],
  // Who writes the whole rule set makes his sets before.
  owner: [null, true],
  unit: [null, null],
}

/** What makes sets at boot, as the probe found it; null where that was not read to its end. */
export function readMakers(output: ProbeOutput | null, { kind }: Persistence): readonly SetMaker[] | null {
  // What follows it was begun: it was read to its end.
  if (!output?.parts.has('end')) return null
  const isOther = kind === 'none' || kind === 'other'
  return partsOf(output)('makers')
    .split(/^(?=by )/m)
    .filter((text) => text.startsWith('by '))
    .map((text) => {
      const lines = linesOf(text)
      const after = (word: string) =>
        lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
      const [by = ''] = after('by')
      const [when = ''] = after('when')
      const [order] = after('order')
      const [early = null, other = null] = Object.hasOwn(IN_TIME, when) ? (IN_TIME[when] ?? []) : []
      return {
        by: safe(by, 120),
        // A script that loads rules itself says more of the time than where it is called.
        inTime: isOther ? (order === undefined ? other : order === 'first') : early,
        names: new Set(after('name')),
        others: lines.includes('others'),
      }
    })
}
