import { type Answer, both, fixed } from './answer.ts'
import type { Condition } from './conntrack-matches.ts'
import type { Burst } from './packet.ts'
import type { View } from './view.ts'

/** Everything behind one `-m`, together. */
export type GroupTest = (conditions: readonly Condition[], view: View) => Answer

/** Asks the last packet of a burst; about a packet that comes alone nothing is known, for others may have come before. */
const inBurst =
  (test: (conditions: readonly Condition[], burst: Burst) => Answer): GroupTest =>
  (conditions, { burst }) =>
    burst ? test(conditions, burst) : 'maybe'

const wordOf = (conditions: readonly Condition[], ...options: readonly string[]): string | null =>
  conditions.find(({ option }) => options.includes(option))?.value ?? null

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `6/min` as packets a second; null for rates in bytes and for what is none. */
function perSecond(rate: string): number | null {
  const [, count, unit = ''] = /^(\d+)(?:\/(s|sec|second|m|min|minute|h|hour|d|day))?$/.exec(rate) ?? []
  return count === undefined ? null : Number(count) / (SECONDS[unit[0] ?? 's'] ?? 1)
}

/** Whether a burst has used up a bucket that holds so many packets and is filled at a rate. */
function exceeds(rate: string, size: string | null, { connections, seconds }: Burst): Answer {
  const speed = perSecond(rate)
  return speed === null ? 'maybe' : fixed(connections > Number(size ?? 5) + speed * seconds)
}

/** `--limit`: matches while packets are left in its bucket. */
export const ofLimit = inBurst((conditions, burst) => {
  const exceeded = exceeds(wordOf(conditions, '--limit') ?? '3/hour', wordOf(conditions, '--limit-burst'), burst)
  return exceeded === 'maybe' ? 'maybe' : fixed(exceeded === 'no')
})

export const ofHashlimit = inBurst((conditions, burst) => {
  const above = wordOf(conditions, '--hashlimit-above')
  const rate = above ?? wordOf(conditions, '--hashlimit-upto', '--hashlimit')
  if (rate === null) return 'maybe'
  const exceeded = exceeds(rate, wordOf(conditions, '--hashlimit-burst'), burst)
  return exceeded === 'maybe' ? 'maybe' : fixed((exceeded === 'yes') === (above !== null))
})

/** `--rcheck` and `--update` match an address that a rule has put on the list (`--set`) as often as they say. */
export const ofRecent = inBurst((conditions, { connections, seconds, lists }) => {
  const negated = conditions.some((one) => one.negated)
  if (wordOf(conditions, '--set') !== null) return fixed(!negated)
  if (wordOf(conditions, '--remove') !== null || wordOf(conditions, '--rttl') !== null) return 'maybe'
  const within = Number(wordOf(conditions, '--seconds') ?? seconds)
  const seen = connections * Math.min(1, within / seconds)
  const listed = lists.has(wordOf(conditions, '--name') ?? 'DEFAULT')
  return fixed((listed && seen >= Number(wordOf(conditions, '--hitcount') ?? 1)) !== negated)
})

export const ofConnlimit = inBurst((conditions, { connections }) => {
  const [above, upto] = ['--connlimit-above', '--connlimit-upto'].map((option) => wordOf(conditions, option))
  const negated = conditions.some((one) => one.negated)
  if (above !== null && above !== undefined) return fixed(connections > Number(above) !== negated)
  return upto === null || upto === undefined ? 'maybe' : fixed(connections <= Number(upto) !== negated)
})

/** What an ordinary packet has of the headers that ipv6header names: none but the one that it is about. */
export const ofHeaders: GroupTest = (conditions) =>
  conditions
    .filter(({ option }) => option === '--header')
    .map(({ value, negated }): Answer => (negated || /prot|none|\d/.test(value) ? 'maybe' : 'no'))
    .reduce(both, 'yes')
