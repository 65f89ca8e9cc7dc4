import type { Seen } from '../../src/services/model/editing.ts'

/** What a part of a plan may know beside its own area, where nothing of it was read: a host that is reached on port 22. */
export const UNSEEN: Omit<Seen, 'host'> = {
  listeners: null,
  persistence: 'none',
  file: () => null,
  tried: () => null,
  loginPort: 22,
  rulesNaming: () => [],
}
