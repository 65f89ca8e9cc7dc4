import { branch } from './checks/branch.ts'
import { openResolver, recursion } from './checks/recursion.ts'
import type { DnsCheck } from './checks/sense.ts'
import { forwarders, listens, others, runs, sourcePort, version } from './checks/service.ts'
import { rateLimit, transfer, update } from './checks/zones.ts'

/** What is judged of name servers, what matters most first. */
export const dnsChecks: readonly DnsCheck[] = [
  openResolver,
  update,
  transfer,
  branch,
  sourcePort,
  others,
  recursion,
  listens,
  runs,
  rateLimit,
  version,
  forwarders,
]
