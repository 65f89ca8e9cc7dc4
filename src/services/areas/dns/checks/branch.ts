import type { Verdict } from '../../../model/area.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import type { DnsFacts, NamedFacts } from '../facts.ts'
import type { DnsCheck } from './sense.ts'

/** When ISC's own support of a branch ends or has ended, as isc.org had it in May 2026; what is older ended earlier. */
const ENDS: readonly (readonly [minor: number, day: string])[] = [
  [20, '2028-07-01'],
  [18, '2026-07-01'],
  [16, '2024-04'],
]
/** From this one on, odd numbers are development's. */
const FIRST_ODD = 13

/** How distributions mark what they build and mend themselves, in what `named -V` says. */
const PACKAGED = /-(Debian|Ubuntu|Raspbian|RedHat|RH)\b|\b\d+\.el\d|\.fc\d+\b/

/** The branch that runs here, and what is known of its end. */
function judgeBranch({ version, release, program }: NamedFacts, readAt: number): Verdict {
  const [major, minor] = (release ?? '').split('.').map(Number)
  if (release === null || major === undefined || minor === undefined)
    return { outcome: 'unknown', observed: say`named did not say which release it is` }
  const details = [version ?? program]
  const branch = say`${major}.${minor}`
  const packaged = PACKAGED.exec(version ?? '') !== null
  const ended = endOf(major, minor)
  if (ended === null)
    return { outcome: 'unknown', observed: say`${branch} is newer than this console knows of`, details }
  const isOver = typeof ended !== 'string' || Date.parse(ended) <= readAt
  const words: Safe =
    typeof ended === 'string'
      ? say`${branch}: ISC’s support ${safe(isOver ? 'ended' : 'ends')} ${safe(ended)}`
      : ended.words
  if (!isOver) return { outcome: 'pass', observed: words, details }
  return packaged
    ? {
        outcome: 'pass',
        observed: say`${branch}, mended by the distribution`,
        details: [
          ...details,
          words,
          say`the distribution mends it for as long as it supports this release of the system`,
        ],
      }
    : { outcome: 'fail', observed: words, details }
}

/** Null: newer than the table. */
function endOf(major: number, minor: number): string | { readonly words: Safe } | null {
  if (major !== 9) return major < 9 ? { words: say`BIND ${major} has been without support for decades` } : null
  const known = ENDS.find(([one]) => one === minor)
  if (known) return known[1]
  if (minor >= FIRST_ODD && minor % 2 === 1) return { words: say`9.${minor} is a branch for development` }
  return minor > (ENDS[0]?.[0] ?? 0) ? null : { words: say`9.${minor}: ISC’s support ended in March 2022 or before` }
}

/** A branch that nobody mends any more. */
export const branch: DnsCheck = {
  id: 'DNS-end-of-life',
  severity: 'medium',
  title: 'BIND is of a branch that is no longer mended',
  expected: 'a branch with support',
  rationale:
    'Holes in named are found several times a year and can be used by whoever may send it a packet. ISC mends them in branches that it supports; distributions mend what they have packaged, for as long as they support their own release.',
  references: ['ISC Software Support Policy', 'isc.org/download'],
  judge: ({ named, readAt }: DnsFacts) =>
    named ? judgeBranch(named, readAt) : { outcome: 'notapplicable', observed: say`BIND is not installed` },
  noFix: 'it was not built by the distribution: install its package, or build a branch that isc.org/download names',
}
