import { type Safe, safe } from '../../model/safe.ts'
import type { LogEntry } from '../../model/securelog.ts'

/** Logins of one user from one address in one way, with one key. */
export type LoginGroup = {
  readonly id: string
  readonly user: Safe
  readonly address: Safe
  readonly method: Safe
  /** `SHA256:…` where sshd named the key. */
  readonly key: Safe | null
  readonly count: number
  readonly first: LogEntry
  readonly last: LogEntry
  /** Tries from the same address that failed before the first of them. */
  readonly failuresBefore: number
  /** One of them is this very session. */
  readonly own: boolean
  /** False where any local user could have written one of the lines. */
  readonly trusted: boolean
}

/** What sshd writes behind the address of a login by key; nothing that a client chooses stands there. */
const KEY = / ssh2: [A-Z0-9-]+ (SHA256:[A-Za-z0-9+/=]{1,64})$/

/**
 * Who got in, by the lines given, oldest first: each user, address, method and key once, with how often, when first and
 * last, and how many tries from there had failed before. What is not this session, and came after most failures, stands
 * first.
 */
export function groupLogins(entries: readonly LogEntry[]): readonly LoginGroup[] {
  const failures = new Map<string, number>()
  const groups = new Map<string, LoginGroup>()
  for (const entry of entries) {
    const { kind, address, times = 1 } = entry
    if ((kind === 'failed' || kind === 'invalid') && address)
      failures.set(address, (failures.get(address) ?? 0) + times)
    if (kind !== 'accepted') continue
    const [, key] = KEY.exec(entry.text) ?? []
    const id = [entry.user, address, entry.method, key].map((one) => one ?? '').join('\0')
    const before = groups.get(id)
    groups.set(id, {
      id: `login:${id}`,
      user: entry.user ?? safe('?'),
      address: address ?? safe('?'),
      method: entry.method ?? safe('?'),
      key: key === undefined ? null : safe(key),
      count: (before?.count ?? 0) + times,
      first: before?.first ?? entry,
      last: entry,
      failuresBefore: before?.failuresBefore ?? failures.get(address ?? '') ?? 0,
      own: (before?.own ?? false) || entry.own,
      trusted: (before?.trusted ?? true) && entry.trusted,
    })
  }
  const strange = ({ own }: LoginGroup): number => (own ? 1 : 0)
  return [...groups.values()].toSorted(
    (a, b) => strange(a) - strange(b) || b.failuresBefore - a.failuresBefore || b.last.id - a.last.id,
  )
}
