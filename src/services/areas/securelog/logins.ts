import { safe } from '../../model/safe.ts'
import type { LogEntry, LoginGroup } from '../../model/securelog.ts'
import { createFolder } from './events.ts'
import { keyOf, loginIdOf } from './login-id.ts'
import { createTally } from './tally.ts'

/** Groups that are told apart. A server with more has its log read by other means. */
const MOST = 20_000

/** Those who are not this session, and came after most failures, stand first. */
const inOrder = (groups: readonly LoginGroup[]): readonly LoginGroup[] =>
  groups.toSorted(
    (a, b) =>
      Number(a.own) - Number(b.own) ||
      b.failuresBefore - a.failuresBefore ||
      b.last.at - a.last.at ||
      b.last.id - a.last.id,
  )

/**
 * Gathers who got in, oldest first: each user, address, method and key once, with how often, when first and last, and how
 * many tries from there had failed before. It goes on from `before`.
 */
export function createLogins(before: readonly LoginGroup[] = []) {
  const groups = new Map(before.map((group) => [group.id, group]))
  let beyond = 0
  return {
    /** Takes a line; `failures` are all tries from its address that failed before it. */
    add: (entry: LogEntry, failures: number): void => {
      const id = loginIdOf(entry)
      if (id === null) return
      const known = groups.get(id)
      if (known) groups.set(id, oneMore(known, entry, failures))
      else if (groups.size < MOST) groups.set(id, firstOf(id, entry, failures))
      else beyond += 1
    },
    groups: (): readonly LoginGroup[] => inOrder([...groups.values()]),
    /** Logins of more groups than are told apart. */
    beyond: (): number => beyond,
  }
}

function firstOf(id: string, entry: LogEntry, failures: number): LoginGroup {
  const key = keyOf(entry)
  return {
    id,
    user: entry.user ?? safe('?'),
    address: entry.address ?? safe('?'),
    method: entry.method ?? safe('?'),
    key: key === null ? null : safe(key),
    count: entry.times ?? 1,
    ...{ first: entry, last: entry, own: entry.own, trusted: entry.trusted },
    ...{ failuresBefore: failures, failuresAtLast: failures },
  }
}

/** Somebody may get in where another one has for years: what failed since then counts. */
const oneMore = (group: LoginGroup, entry: LogEntry, failures: number): LoginGroup => ({
  ...group,
  count: group.count + (entry.times ?? 1),
  last: entry,
  failuresBefore: Math.max(group.failuresBefore, failures - group.failuresAtLast),
  failuresAtLast: failures,
  own: group.own || entry.own,
  trusted: group.trusted && entry.trusted,
})

/** Who got in by the lines given, oldest first. */
export function groupLogins(entries: readonly LogEntry[]): readonly LoginGroup[] {
  const fold = createFolder(0)
  const tally = createTally()
  const logins = createLogins()
  for (const entry of entries) {
    tally.add(entry, fold(entry))
    logins.add(entry, tally.from(entry.address))
  }
  return logins.groups()
}
