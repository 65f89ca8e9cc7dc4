import type { Safe } from './safe.ts'

/** What is known of an area. A host without iptables, or a login without root, is a state, not an error. */
export type Reading<F> =
  | { readonly state: 'unread' }
  | { readonly state: 'present'; readonly facts: F; readonly readAt: number }
  | { readonly state: 'absent'; readonly reason: Safe }
  | { readonly state: 'unreadable'; readonly reason: Safe }

/** The facts of a reading, or null where there are none. */
export const factsOf = <F>(reading: Reading<F>): F | null => (reading.state === 'present' ? reading.facts : null)
