// Arming and applying without a console: the very commands that it sends, run as root inside the server, so that a test
// can come between any two of them.
import { expect } from 'vitest'
import type { Command } from '../../../src/services/model/command.ts'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import type { ChangePlan } from '../../../src/services/model/plan.ts'
import { applyCommand, armCommand, rollbackCommand } from '../../../src/services/transaction/scripts.ts'
import { insertFirst } from '../../support/plans.ts'
import type { Operator } from '../operator.ts'
import { type Result, run, until } from '../run.ts'
import type { Server } from '../server.ts'
import { CURRENT } from './world.ts'

const owner = { name: 'ops', address: '192.0.2.2', connection: '192.0.2.2 1 192.0.2.10 22', holder: 'hand' }

export const runOn = (server: Server, { argv, stdin }: Command): Promise<Result> =>
  run(server.insideArgv(argv), stdin === undefined ? {} : { input: stdin })

export const armBy = (id: string, plan: ChangePlan): Command => armCommand(id, plan, owner)
export const arm = (server: Server, id: string, plan: ChangePlan): Promise<Result> => runOn(server, armBy(id, plan))
export const applyIt = (server: Server, id: string): Promise<Result> => runOn(server, applyCommand(id))
export const rollBack = (server: Server, id: string): Promise<Result> => runOn(server, rollbackCommand(id))

/** A change that harms nobody: what it takes to see whether anything was changed. */
export const keepOut = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 81 -j DROP')]
/** A change that shuts everybody out. */
export const lockOut = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, '-p tcp -m tcp --dport 22 -j DROP')]

/** Applies a plan that must be refused, and gives the words that the operator reads. */
export async function refusal({ transactions }: Operator, plan: ChangePlan): Promise<string> {
  await transactions.apply(plan)
  const now = transactions.state()
  expect(now.phase, 'reason' in now ? String(now.reason) : '').toBe('aborted')
  const reason = 'reason' in now ? String(now.reason) : ''
  transactions.dismiss()
  return reason
}

/** What a change that is under way leaves on a server, by name; empty when nothing is. */
export async function tracesOf(server: Server): Promise<string> {
  const places = [CURRENT, '/etc/cron.d/hardtui*', '/etc/init.d/hardtui*', '/etc/rc?.d/*hardtui*']
  const units = '/etc/systemd/system/hardtui-rollback.service /etc/systemd/system/*.wants/hardtui-rollback.service'
  const { stdout } = await server.sh(`ls -d ${places.join(' ')} ${units} 2>/dev/null; ${jobs(server)}`)
  return stdout
}

/** Waits until no job of hardtui's is left: a watch needs up to a second to see that it has nothing to watch. */
export const untilNoTraces = (server: Server): Promise<unknown> =>
  until('the last trace to go', async () => (await tracesOf(server)) === '', { timeoutMs: 15_000, everyMs: 50 })

const jobs = (server: Server): string =>
  server.flavour === 'sysvinit'
    ? 'pgrep -fl "hardtui/guar[d].sh" || :'
    : 'systemctl list-units --plain --no-legend "hardtui-*" | grep -v "loaded inactive" || :'

/** Puts a script in the place of a program for as long as `body` takes. */
export async function withProgram<T>(server: Server, path: string, script: string, body: () => Promise<T>): Promise<T> {
  const fake = `/root/fake${path.replaceAll('/', '-')}`
  // Whoever is told to call the real program finds it beside the fake one.
  await server.must(`cp -aL ${path} ${fake}.real; cat >${fake}; chmod 755 ${fake}; mount --bind ${fake} ${path}`, {
    input: script.replaceAll('REAL', `${fake}.real`),
  })
  try {
    return await body()
  } finally {
    await server.must(`umount ${path}; rm -f ${fake} ${fake}.real`)
  }
}
