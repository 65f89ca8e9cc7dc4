import { createHash } from 'node:crypto'
import type { Command } from '../model/command.ts'
import type { ChangePlan, FirewallStep } from '../model/plan.ts'
import arm from './server/arm.sh'
import guard from './server/guard.sh'
import lib from './server/lib.sh'
import rehearse from './server/rehearse.sh'
import restore from './server/restore.sh'
import triggers from './server/triggers.sh'

/** Where the guard lives on the server while a change is pending; `HARDTUI_DIR` moves it for practice and tests. */
const GUARD = `"\${HARDTUI_DIR:-/var/lib/hardtui}/guard.sh"`

/** The guard as it is installed: one self-contained script. */
export const guardScript = [lib, triggers, restore, guard].join('\n')
/** The script that arms; it installs the guard. */
export const armScript = [lib, triggers, arm].join('\n')
/** The script that tries a delta in a scratch namespace. */
export const rehearseScript = [lib, rehearse].join('\n')

const root = (effect: Command['effect'], argv: readonly string[], timeoutMs: number, stdin?: string): Command => ({
  argv,
  effect,
  privilege: 'root',
  timeoutMs,
  ...(stdin === undefined ? {} : { stdin }),
})

const guardVerb = (effect: Command['effect'], words: readonly string[], timeoutMs: number): Command =>
  root(effect, ['sh', '-c', `exec sh ${GUARD} "$@"`, 'hardtui', ...words], timeoutMs)

/** Who arms, from where; kept on the server so that a second operator sees it. */
export type Owner = { readonly name: string; readonly address: string; readonly connection: string }

/** Proves the host, takes the checkpoint and starts the timer; prints a line a step (see protocol.ts). */
export const armCommand = (id: string, plan: ChangePlan, owner: Owner): Command =>
  root(
    'write',
    [
      'sh',
      '-c',
      armScript,
      'hardtui',
      id,
      String(plan.rollbackAfterSeconds),
      createHash('sha256').update(guardScript).digest('hex'),
      oneWord(owner.name),
      oneWord(owner.address),
      owner.connection,
    ],
    90_000,
    payload(planFiles(plan)),
  )

export const applyCommand = (id: string): Command => guardVerb('write', ['start-apply', id], 60_000)
export const confirmCommand = (id: string, unproven: boolean): Command =>
  guardVerb('write', unproven ? ['confirm', id, 'unproven'] : ['confirm', id], 60_000)
export const extendCommand = (id: string, seconds: number): Command =>
  guardVerb('write', ['extend', id, String(seconds)], 20_000)
export const rollbackCommand = (id: string): Command => guardVerb('write', ['rollback', 'operator', id], 90_000)

/** Reads what is pending, and what became of `id`. A host that never saw this program has no guard: nothing is pending. */
export const statusCommand = (id: string): Command =>
  root(
    'read',
    [
      'sh',
      '-c',
      `if [ -r ${GUARD} ]; then exec sh ${GUARD} status raw "$1"; else echo "@state none"; fi`,
      'hardtui',
      id,
    ],
    15_000,
  )

export const rehearseCommand = (
  family: string,
  delta: string,
  touches: readonly { readonly table: string; readonly chain: string }[],
): Command =>
  root(
    'read',
    ['sh', '-c', rehearseScript, 'hardtui', family, ...touches.flatMap((ref) => [ref.table, ref.chain])],
    30_000,
    delta,
  )

const oneWord = (text: string): string => text.replace(/\s+/g, '_') || '-'

type PlanFile = { readonly name: string; readonly text: string }

const planFiles = (plan: ChangePlan): readonly PlanFile[] => [
  { name: 'guard.sh', text: guardScript },
  { name: 'plan/persist', text: `${plan.persistence.kind}\n` },
  { name: 'plan/summary', text: plan.changes.map((change) => `${change.target} ${change.summary}\n`).join('') },
  ...plan.steps.flatMap(stepFiles),
]

const stepFiles = (step: FirewallStep): readonly PlanFile[] => [
  { name: `plan/${step.family}.touches`, text: step.touches.map((ref) => `${ref.table} ${ref.chain}\n`).join('') },
  { name: `plan/${step.family}.delta`, text: step.delta },
  { name: `plan/${step.family}.base`, text: step.base },
  { name: `plan/${step.family}.planned`, text: step.planned },
]

/** Files as the arming script unpacks them: a head with the number of lines, the lines, and an end that proves it whole. */
function payload(files: readonly PlanFile[]): string {
  const framed = files.map(({ name, text }) => {
    const body = text === '' || text.endsWith('\n') ? text : `${text}\n`
    return `@@ ${name} ${body.split('\n').length - 1}\n${body}`
  })
  return `${framed.join('')}@@ end\n`
}
