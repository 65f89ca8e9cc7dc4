// A change of every kind at once: rules, files of which one is sshd's own, a unit.
import type { StagedChange } from '../../../src/services/model/areas.ts'
import type { ChangePlan } from '../../../src/services/model/plan.ts'
import { stagedFile, stagedUnit, textChange } from '../../support/plans.ts'
import type { Operator } from '../operator.ts'
import type { Machine } from './machine.ts'
import { drop } from './operator.ts'

const WINDOW_SECONDS = 300
const UNIT = 'cron.service'

/** `locks out`: port 22 is dropped, and sshd moved away from it. `harmless`: as much, and everybody can still log in. */
export type Harm = 'locks out' | 'harmless'

/** Counts the plans, so that each is different from those before. */
let made = 0

/** The plan of it over the machine as it is. */
export async function changeEverything(machine: Machine, operator: Operator, harm: Harm): Promise<ChangePlan> {
  made += 1
  const sshd = harm === 'harmless' ? `# change ${made}\n` : 'Port 2222\n'
  const also = [
    await file(machine, '/etc/motd', (now) => `${now}change ${made}\n`),
    await file(machine, `/etc/hardtui-test/deep/change-${made}.conf`, () => `change ${made}\n`),
    await file(machine, '/etc/ssh/sshd_config', (now) => sshd + now),
    await unit(machine),
  ]
  const rule = drop(harm === 'harmless' ? 8100 + made : 22)
  return operator.plan(rule, { windowSeconds: WINDOW_SECONDS, persistence: 'loader', also })
}

async function file(machine: Machine, path: string, change: (now: string) => string): Promise<StagedChange> {
  const { status, stdout } = await machine.sh(`cat ${path}`)
  return stagedFile(textChange(path, change(stdout), status === 0 ? stdout : null))
}

/** Off where it is on, and the other way round. */
async function unit(machine: Machine): Promise<StagedChange> {
  const { stdout } = await machine.sh(`systemctl is-active ${UNIT}; systemctl is-enabled ${UNIT}`)
  const [run = '', boot = ''] = stdout.trim().split('\n')
  const verbs =
    run === 'active' ? ({ run: 'stop', boot: 'disable' } as const) : ({ run: 'start', boot: 'enable' } as const)
  return stagedUnit({ unit: UNIT, ...verbs, was: { run, boot } })
}
