// A plan as the console makes it: the server read, each part staged on what is staged already, sshd asked what it makes of it.
import type { AreaId, FactsByArea, StagedChange } from '../../../../src/services/model/areas.ts'
import { stagedIn } from '../../../../src/services/model/areas.ts'
import type { ProbeOutput } from '../../../../src/services/model/command.ts'
import type { Merged } from '../../../../src/services/model/editing.ts'
import type { ChangePlan } from '../../../../src/services/model/plan.ts'
import { makePlan } from '../../../../src/services/planning/plan.ts'
import { editingOf, merge, stageAll } from '../../../../src/services/planning/staging.ts'
import { AREAS } from '../../../../src/state/areas/table.ts'
import { withoutUnitGuard } from '../../../support/make-plan.ts'
import type { Operator } from '../../operator.ts'
import type { Server } from '../../server.ts'
import type { User } from '../../users.ts'
import type { Change } from './changes.ts'
import type { Kind } from './kinds.ts'

const AREA_IDS = Object.keys(AREAS) as readonly AreaId[]

export type Making = {
  readonly server: Server
  readonly kind: Kind
  readonly user: User
  readonly operator: Operator
  readonly change: Change
  readonly windowSeconds: number
}

/** The plan of a change. What would lock the operator out is let pass, as he may; anything else must not block it. */
export async function planOf({ operator, change, windowSeconds, ...on }: Making): Promise<ChangePlan> {
  const read = await operator.read(AREA_IDS)
  const host = read.facts
  const facts = new Map<AreaId, FactsByArea[AreaId] | null>(AREA_IDS.map((id) => [id, read.of(id)]))
  const now = <Id extends AreaId>(id: Id) => facts.get(id) as FactsByArea[Id] | null
  let changes: readonly StagedChange[] = []
  const merged = <Id extends AreaId>(id: Id): Merged<Id> | null => {
    const base = now(id)
    return (
      base &&
      merge(
        editingOf(AREAS, id),
        base,
        stagedIn(changes, id).map(({ edit }) => edit),
      )
    )
  }
  const after = <Id extends AreaId>(id: Id): FactsByArea[Id] => {
    const one = merged(id)
    if (!one) throw new Error(`${id} was not read`)
    return one.after
  }
  for (const part of change.parts) changes = stageAll(AREAS, changes, await part.stage({ ...on, host, after }), now)
  const trials = await triedBy(operator, changes, merged)
  const ports = merged('sshd')?.after.configuredPorts ?? []
  const { serverPort } = host.session
  const plan = withoutUnitGuard(
    makePlan({
      areas: AREAS,
      changes,
      merged,
      host,
      windowSeconds,
      listeners: read.listeners,
      persistence: 'none',
      file: () => null,
      loginPort: ports.includes(serverPort) ? serverPort : (ports[0] ?? serverPort),
      rulesNaming: () => [],
      tried: ({ script }) => trials.get(script) ?? null,
    }),
  )
  const hard = plan.blockers.filter(({ kind }) => kind !== 'lock-out')
  if (hard.length > 0) throw new Error(`the plan is blocked: ${hard.map(({ message }) => message).join(' ')}`)
  if (plan.steps.length === 0) throw new Error('the plan is empty')
  return plan
}

/** What the server's programs say of what is staged, by the question. */
async function triedBy(
  { host }: Operator,
  changes: readonly StagedChange[],
  merged: <Id extends AreaId>(id: Id) => Merged<Id> | null,
): Promise<ReadonlyMap<string, ProbeOutput>> {
  const question = <Id extends AreaId>(id: Id) => {
    const one = stagedIn(changes, id).length > 0 ? merged(id) : null
    return (one && editingOf(AREAS, id)?.trial?.(one)) ?? null
  }
  const answers = new Map<string, ProbeOutput>()
  for (const asked of AREA_IDS.flatMap((id) => question(id) ?? [])) {
    await host.probe([asked], { facts: () => {}, output: (output) => answers.set(asked.script, output) })
  }
  return answers
}
