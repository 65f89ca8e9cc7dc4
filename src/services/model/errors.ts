import type { Safe } from './safe.ts'

/** Who must act on an error. `bug` is ours. */
export type ErrorKind =
  | 'unreachable'
  | 'host-key-mismatch'
  | 'auth-failed'
  | 'no-privilege'
  | 'timeout'
  | 'disconnected'
  | 'channel-refused'
  | 'unsupported-host'
  | 'cancelled'
  | 'bug'

/** A failure as a value: one clear sentence on what happened, one on what to do next. */
export type HostError = { readonly kind: ErrorKind; readonly message: Safe; readonly next: Safe }

/** The outcome of anything that can fail in a way the operator must hear of. */
export type Result<T, E = HostError> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E }

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value })
export const fail = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error })
