import { safe } from '../../src/services/model/safe.ts'
import type { Listener } from '../../src/services/model/units.ts'

/** A socket that listens, as ss(8) names it: `tcp 0.0.0.0 80 nginx`, of that service unless told otherwise. */
export const listener = (
  protocol: 'tcp' | 'udp',
  address: string,
  port: number,
  process: string | null = null,
  unit: string | null = process && `${process}.service`,
): Listener => ({
  protocol,
  address: safe(address),
  port,
  process: process === null ? null : safe(process),
  pid: process === null ? null : 1,
  unit,
})
