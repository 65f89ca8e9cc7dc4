import { safe } from '../../model/safe.ts'
import type { LogEntry, LoginGroup } from '../../model/securelog.ts'
import { createFolder } from './events.ts'

/** What sshd writes behind the address of a login by key; nothing that a client chooses stands there. */
const KEY = / ssh2: [A-Z0-9-]+ (SHA256:[A-Za-z0-9+/=]{1,64})$/

/** Groups that are told apart. A server with more has its log read by other means. */
const MOST = 20_000

/**
 * Gathers who got in, oldest first: each user, address, method and key once, with how often, when first and last, and how
 * many tries from there had failed before.
 */
export function createLogins() {
  const groups = new Map<string, LoginGroup>()
  return {
    /** Takes a line; `failures` are the tries from its address that failed before it. */
    add: (entry: LogEntry, failures: number): void => {
      if (entry.kind !== 'accepted') return
      const [, key] = KEY.exec(entry.text) ?? []
      const id = [entry.user, entry.address, entry.method, key].map((one) => one ?? '').join('\0')
      const before = groups.get(id)
      if (!before && groups.size >= MOST) return
      groups.set(id, {
        id: `login:${id}`,
        user: entry.user ?? safe('?'),
        address: entry.address ?? safe('?'),
        method: entry.method ?? safe('?'),
        key: key === undefined ? null : safe(key),
        count: (before?.count ?? 0) + (entry.times ?? 1),
        first: before?.first ?? entry,
        last: entry,
        failuresBefore: before?.failuresBefore ?? failures,
        own: (before?.own ?? false) || entry.own,
        trusted: (before?.trusted ?? true) && entry.trusted,
      })
    },
    /** Those who are not this session, and came after most failures, stand first. */
    groups: (): readonly LoginGroup[] =>
      [...groups.values()].toSorted(
        (a, b) => Number(a.own) - Number(b.own) || b.failuresBefore - a.failuresBefore || b.last.id - a.last.id,
      ),
  }
}

/** Who got in by the lines given, oldest first. */
export function groupLogins(entries: readonly LogEntry[]): readonly LoginGroup[] {
  const fold = createFolder()
  const logins = createLogins()
  const failures = new Map<string, number>()
  for (const entry of entries) {
    const { event, tried } = fold(entry)
    const address = event.address ?? ''
    if (tried > 0) failures.set(address, (failures.get(address) ?? 0) + tried)
    logins.add(entry, failures.get(address) ?? 0)
  }
  return logins.groups()
}
