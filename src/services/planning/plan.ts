import type { Areas } from '../model/area.ts'
import type { AreaId, StagedChange } from '../model/areas.ts'
import { stagedIn } from '../model/areas.ts'
import type { Merged, Seen } from '../model/editing.ts'
import type { HostFacts } from '../model/host.ts'
import type { Blocker, ChangePlan, CheckId, PlanPart } from '../model/plan.ts'
import { safe, say } from '../model/safe.ts'
import type { Step } from '../model/step.ts'
import { editingOf } from './staging.ts'

/** Shortest and longest window, in seconds (`--timer 30s` to `2h`), and the default. */
export const WINDOW = { least: 30, most: 7200, usual: 180 } as const

export type PlanInput = Seen & {
  readonly areas: Areas
  readonly changes: readonly StagedChange[]
  /** Each area with what is staged laid over it; null where it was not read. */
  readonly merged: <Id extends AreaId>(id: Id) => Merged<Id> | null
  readonly windowSeconds: number
}

/** Turns everything staged into one reviewable plan. Pure: the same staging on the same reading gives the same plan. */
export function makePlan(input: PlanInput): ChangePlan {
  const { areas, changes, host } = input
  const touched = (Object.keys(areas) as AreaId[]).filter((id) => changes.some((change) => change.area === id))
  const parts = touched.map((id) => partOf(input, id))
  const ports = parts.flatMap((part) => part.newPorts ?? [])
  const steps = parts.flatMap((part) => part.steps).toSorted((a, b) => TURNS[a.kind] - TURNS[b.kind])
  return {
    changes,
    steps,
    blockers: [...hostBlockers(host, toolsOf(areas, touched, steps)), ...parts.flatMap((part) => part.blockers)],
    whatIf: parts.flatMap((part) => part.whatIf),
    persistence: parts.find((part) => part.persistence)?.persistence ?? null,
    rollbackAfterSeconds: input.windowSeconds,
    newPorts: [...new Set(ports)],
    proofAs: parts.find((part) => part.proofAs)?.proofAs ?? null,
    sshd: parts.find((part) => part.sshd)?.sshd ?? null,
    sshdAnswers: parts.flatMap((part) => part.sshdAnswers ?? []),
    outside: parts.flatMap((part) => part.outside ?? []),
    named: parts.find((part) => part.named)?.named ?? null,
    checks: [...new Set([...parts.flatMap((part) => part.checks ?? []), ...checksOf(steps)])],
  }
}

/**
 * Rules first: a port is opened before anything listens on it. Accounts before files: who is to come in in root's place is
 * there, and may use sudo, before sshd's files close root's door.
 */
const TURNS: Readonly<Record<Step['kind'], number>> = { rules: 0, account: 1, file: 2, unit: 3 }

/** A mistake in one file of sudo's takes it from everybody, whichever area made the change. */
const checksOf = (steps: readonly Step[]): readonly CheckId[] =>
  steps.some((step) => step.kind === 'file' && /^\/etc\/sudoers($|\.d\/)/.test(step.path)) ? ['sudoers'] : []

function partOf<Id extends AreaId>(input: PlanInput, id: Id): PlanPart {
  const merged = input.merged(id)
  const edits = stagedIn(input.changes, id).map(({ edit }) => edit)
  const editing = editingOf(input.areas, id)
  if (merged && editing) return editing.part(merged, edits, input)
  const [first] = stagedIn(input.changes, id)
  const blocker: Blocker = {
    kind: 'conflict',
    message: say`What is staged for ${first?.target ?? safe(id)} can't be read on the server now.`,
    next: say`Press R to read it again, or unstage it with u.`,
  }
  return { steps: [], whatIf: [], blockers: [blocker] }
}

/** What the rollback itself is built on, and what files travel by, beside what each area's steps need. */
const GUARD_TOOLS = ['timeout'] as const
const FILE_TOOLS = ['base64'] as const

const toolsOf = (areas: Areas, touched: readonly AreaId[], steps: readonly Step[]): readonly string[] => [
  ...new Set([
    ...touched.flatMap((id) => areas[id].editing?.tools ?? []),
    ...GUARD_TOOLS,
    ...(steps.some(({ kind }) => kind === 'file' || kind === 'account') ? FILE_TOOLS : []),
  ]),
]

function hostBlockers(host: HostFacts, tools: readonly string[]): readonly Blocker[] {
  const blockers: Blocker[] = []
  if (host.login.escalation === 'none' || host.login.escalation === 'password')
    blockers.push({
      kind: 'no-privilege',
      message: say`Changing this needs root, and ${host.login.user} can't become root here.`,
      next: say`Log in as root or as a user who may use sudo.`,
    })
  const missing = tools.filter((tool) => !host.tools[tool])
  if (missing.length > 0)
    blockers.push({
      kind: 'missing-tool',
      message: say`The server lacks ${safe(missing.join(', '))}, which the rollback is built on.`,
      next: say`Install it (Debian: packages iptables, util-linux and coreutils) and press R.`,
    })
  return blockers
}
