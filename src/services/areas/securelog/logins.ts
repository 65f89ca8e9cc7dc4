import { safe } from '../../model/safe.ts'
import type { LogEntry, LoginGroup, Survey } from '../../model/securelog.ts'
import { createFolder } from './events.ts'
import { keyOf, loginIdOf } from './login-id.ts'

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
 * many tries from there had failed before.
 */
export function createLogins() {
  const groups = new Map<string, LoginGroup>()
  return {
    /** Takes a line; `failures` are the tries from its address that failed before it. */
    add: (entry: LogEntry, failures: number): void => {
      const id = loginIdOf(entry)
      if (id === null) return
      const key = keyOf(entry)
      const before = groups.get(id)
      if (!before && groups.size >= MOST) return
      groups.set(id, {
        id,
        user: entry.user ?? safe('?'),
        address: entry.address ?? safe('?'),
        method: entry.method ?? safe('?'),
        key: key === null ? null : safe(key),
        count: (before?.count ?? 0) + (entry.times ?? 1),
        first: before?.first ?? entry,
        last: entry,
        failuresBefore: before?.failuresBefore ?? failures,
        own: (before?.own ?? false) || entry.own,
        trusted: (before?.trusted ?? true) && entry.trusted,
      })
    },
    groups: (): readonly LoginGroup[] => inOrder([...groups.values()]),
  }
}

/** Who got in by the lines given, oldest first. `failed` says how many tries from an address failed before them. */
export function groupLogins(
  entries: readonly LogEntry[],
  failed: ReadonlyMap<string, number> = new Map(),
): readonly LoginGroup[] {
  const fold = createFolder()
  const logins = createLogins()
  const failures = new Map(failed)
  for (const entry of entries) {
    const { event, tried } = fold(entry)
    const address = event.address ?? ''
    if (tried > 0) failures.set(address, (failures.get(address) ?? 0) + tried)
    logins.add(entry, failures.get(address) ?? 0)
  }
  return logins.groups()
}

/** Who got in by all that was read: the whole log as it was then, and the lines that came since. */
export function loginsOf(survey: Survey | null, entries: readonly LogEntry[]): readonly LoginGroup[] {
  if (!survey) return groupLogins(entries)
  const { to, logins, pressure } = survey
  const since = to === null ? entries : entries.filter(({ at }) => at > to)
  if (!since.some(({ kind }) => kind === 'accepted')) return logins
  const newer = groupLogins(since, new Map(pressure.addresses.map(({ name, tries }) => [name, tries])))
  const merged = new Map(logins.map((group) => [group.id, group]))
  for (const group of newer) {
    const before = merged.get(group.id)
    merged.set(
      group.id,
      before
        ? {
            ...before,
            ...{ count: before.count + group.count, last: group.last },
            ...{ own: before.own || group.own, trusted: before.trusted && group.trusted },
          }
        : group,
    )
  }
  return inOrder([...merged.values()])
}
