// The console's real rooms against the machine, and what its server looks like from within.
import { dialDefault } from '../../../src/services/host/dial.ts'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import { insertFirst } from '../../support/plans.ts'
import { type Operator, operate } from '../operator.ts'
import { ADDRESSES } from '../paths.ts'
import type { User } from '../users.ts'
import type { Machine } from './machine.ts'

const SETTLE_MS = 300

/** Logs in as the console does, by the same dial. */
export const logIn = (machine: Machine, user: User = 'root'): Promise<Operator> =>
  operate(
    {
      name: 'machine',
      host: '127.0.0.1',
      port: machine.port,
      user,
      identityFiles: [machine.key],
      agent: null,
      knownHostsFiles: [machine.knownHosts],
      hostKeyAlias: ADDRESSES.server.v4,
    },
    async () => null,
    dialDefault,
    SETTLE_MS,
  )

/** A rule before all others of INPUT that drops what comes for a port: 22 locks everybody out. */
export const drop =
  (port: number) =>
  (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, `-p tcp -m tcp --dport ${port} -j DROP`)]

/** Files that the transaction keeps on the server while a change is pending. */
export const CURRENT = '/var/lib/hardtui/current'
export const ARMED = `[ -e ${CURRENT}/state.armed ]`
export const APPLIED = `[ -s ${CURRENT}/applied/done ]`

/** A script that waits for a condition of POSIX sh, without printing. */
export const waitFor = (condition: string): string => `until ${condition}; do sleep 0.02; done`
