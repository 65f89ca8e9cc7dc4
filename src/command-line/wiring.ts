import { randomBytes } from 'node:crypto'
import type { AskDns } from '../services/model/dns.ts'
import type { Host, HostFacts } from '../services/model/host.ts'
import type { Transactions } from '../services/model/transaction.ts'
import { createTransactions } from '../services/transaction/machine.ts'
import { systemClock } from '../state/clock.ts'
import { limitReader } from './read-firewall.ts'

/** How long a change may take to show its harm before a new login is tried, in ms. */
export const SETTLE_MS = 2_000

/** The transactions of a real run: this machine's clock, random ids. */
export const transactionsOf = (
  host: Host,
  facts: () => HostFacts | null,
  settleMs = SETTLE_MS,
  loginPort: () => number | undefined = () => undefined,
  askDns?: AskDns,
): Transactions =>
  createTransactions({
    host,
    facts,
    settleMs,
    loginPort,
    clock: systemClock,
    newId: () => randomBytes(4).toString('hex'),
    limitOnLogins: limitReader(host),
    ...(askDns ? { askDns } : {}),
  })
