import { safe } from '../../src/services/model/safe.ts'
import type { Listener } from '../../src/services/model/units.ts'

/** A socket that listens, as ss(8) would have named it. */
export const listener = (
  protocol: 'tcp' | 'udp',
  address: string,
  port: number,
  process: string | null = null,
): Listener => ({
  protocol,
  address: safe(address),
  port,
  process: process === null ? null : safe(process),
  pid: null,
  unit: null,
})
