import type { LogEntry } from '../../model/securelog.ts'

/** What sshd writes behind the address of a login by key; nothing that a client chooses stands there. */
const KEY = / ssh2: [A-Z0-9-]+ (SHA256:[A-Za-z0-9+/=]{1,64})$/

/** The key that a login was made with, as sshd names it; null where it does not. */
export const keyOf = ({ text }: LogEntry): string | null => KEY.exec(text)?.[1] ?? null

/** What logins of one user from one address in one way with one key have in common; null for what is no login. */
export const loginIdOf = (entry: LogEntry): string | null =>
  entry.kind === 'accepted'
    ? [entry.user, entry.address, entry.method, keyOf(entry)].map((one) => one ?? '').join('\0')
    : null
