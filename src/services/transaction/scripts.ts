import { createHash } from 'node:crypto'
import type { AccountChange } from '../model/account.ts'
import type { Command } from '../model/command.ts'
import { type FileBytes, sumOf, toBase64 } from '../model/file-bytes.ts'
import type { ChangePlan } from '../model/plan.ts'
import { safe } from '../model/safe.ts'
import type { AccountStep, FileStep, FirewallStep, UnitStep } from '../model/step.ts'
import { RECORD_VERSION } from '../model/transaction.ts'
import accounts from './server/accounts.sh'
import accountsBack from './server/accounts-back.sh'
import accountsCheck from './server/accounts-check.sh'
import arm from './server/arm.sh'
import checkpoint from './server/checkpoint.sh'
import clean from './server/clean.sh'
import files from './server/files.sh'
import finish from './server/finish.sh'
import guard from './server/guard.sh'
import lib from './server/lib.sh'
import merge from './server/merge.sh'
import own from './server/own.sh'
import persist from './server/persist.sh'
import record from './server/record.sh'
import rehearse from './server/rehearse.sh'
import rules from './server/rules.sh'
import spare from './server/spare.sh'
import sshd from './server/sshd.sh'
import standby from './server/standby.sh'
import sysctl from './server/sysctl.sh'
import system from './server/system.sh'
import triggers from './server/triggers.sh'
import units from './server/units.sh'

/** Where the guard lives on the server while a change is pending; what is before that is the launch line's word. */
const GUARD = '"$HARDTUI_ROOT/var/lib/hardtui/guard.sh"'
/** Its second copy, for when somebody has removed the first. */
const SPARE = '"$HARDTUI_ROOT/run/hardtui/guard.sh"'
/** A login is known by its connection, where the guard finds no sshd above itself. */
const FROM = 'from "$HARDTUI_CONNECTION"'

const guardParts = [
  lib,
  clean,
  system,
  triggers,
  merge,
  rules,
  own,
  persist,
  files,
  sysctl,
  accounts,
  accountsBack,
  units,
  sshd,
  record,
  spare,
  standby,
  finish,
  guard,
]
/** The guard as it is installed: one self-contained script. */
export const guardScript = guardParts.join('\n')
/** The script that arms; it installs the guard. */
export const armScript = [
  lib,
  system,
  triggers,
  files,
  sysctl,
  accounts,
  units,
  sshd,
  spare,
  checkpoint,
  accountsCheck,
  arm,
].join('\n')
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
  root(effect, ['sh', '-c', `exec sh ${GUARD} ${FROM} "$@"`, 'hardtui', ...words], timeoutMs)

/** Who arms, from where; kept on the server so that a second operator sees it. */
export type Owner = {
  readonly name: string
  readonly address: string
  readonly connection: string
  /** Names the console that holds the change, so that it can be told when another one takes it over. */
  readonly holder: string
}

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
      owner.holder,
      toolsFor(plan).join(' '),
    ],
    90_000,
    payload(planFiles(plan)),
  )

/** Passwords go on standard input, as chpasswd(8) takes them, and are in no argument. */
export function applyCommand(id: string, secrets: ReadonlyMap<string, string> = new Map()): Command {
  if (secrets.size === 0) return guardVerb('write', ['start-apply', id], 90_000)
  const stdin = [...secrets].map(([name, password]) => `${name}:${password}\n`).join('')
  return { ...guardVerb('write', ['start-apply', id, 'secrets'], 90_000), stdin }
}
/** How much a confirm rests on: a proof, a proof although another console's own failed, or nobody's. */
type ConfirmMode = 'proven' | 'heard' | 'unproven'
export const confirmCommand = (id: string, mode: ConfirmMode, holder: string): Command =>
  guardVerb('write', ['confirm', id, mode === 'proven' ? '-' : mode, holder], 60_000)
/** Leaves on the server what this console's own proof found, for whoever confirms from elsewhere. */
export const noteProofCommand = (id: string, holder: string, works: boolean, words: string): Command =>
  guardVerb(
    'write',
    ['note_proof', id, holder, works ? 'works' : 'fails', safe(words.replace(/\s+/g, ' '), 1000)],
    10_000,
  )
export const extendCommand = (id: string, seconds: number, holder: string): Command =>
  guardVerb('write', ['extend', id, String(seconds), holder], 20_000)
export const takeOverCommand = (id: string, owner: Owner): Command =>
  guardVerb('write', ['takeover', id, oneWord(owner.name), oneWord(owner.address), owner.holder], 20_000)
export const rollbackCommand = (id: string): Command => guardVerb('write', ['rollback', 'operator', id], 90_000)

/** Reads what is pending, and what became of `id`. A host that never saw this program has no guard: nothing is pending. */
export const statusCommand = (id: string): Command =>
  root(
    'read',
    [
      'sh',
      '-c',
      `for guard in ${GUARD} ${SPARE}; do [ ! -e "$guard" ] || exec sh "$guard" ${FROM} status raw "$1"; done
       printf '@state none\\n@end status\\n'`,
      'hardtui',
      id,
    ],
    15_000,
  )

export const historyCommand = (): Command => askGuard('history')
export const recordCommand = (id: string): Command => askGuard('record', id)

/** Without a guard there is nothing to ask. */
const askGuard = (...words: readonly string[]): Command =>
  root('read', ['sh', '-c', `[ ! -r ${GUARD} ] || exec sh ${GUARD} "$@"`, 'hardtui', ...words], 20_000)

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

/** As a plain shell on the server will see it. */
const oneWord = (text: string): string => safe(text).replace(/\s+/g, '_') || '-'

/** What a plan needs of tools, beside those that every plan does. */
function toolsFor(plan: ChangePlan): readonly string[] {
  const tools = plan.steps.flatMap((step): readonly string[] => {
    if (step.kind === 'file') return ['base64']
    if (step.kind !== 'account') return []
    const { change } = step
    if (change.verb === 'create') return ['base64', 'useradd', ...(change.password ? ['chpasswd'] : [])]
    return change.verb === 'keys' ? ['base64'] : ['usermod']
  })
  return [...new Set(tools)]
}

type PlanFile = { readonly name: string; readonly text: string }

function planFiles(plan: ChangePlan): readonly PlanFile[] {
  const files = plan.steps.filter((step) => step.kind === 'file')
  const accountSteps = plan.steps.filter((step) => step.kind === 'account')
  const units = plan.steps.filter((step) => step.kind === 'unit')
  return [
    { name: 'guard.sh', text: guardScript },
    { name: 'plan/version', text: `${RECORD_VERSION}\n` },
    { name: 'plan/persist', text: `${plan.persistence?.kind ?? 'none'}\n` },
    { name: 'plan/summary', text: plan.changes.map((change) => `${change.target} ${change.summary}\n`).join('') },
    ...plan.steps.flatMap((step) => (step.kind === 'rules' ? rulesFiles(step) : [])),
    { name: 'plan/accounts', text: accountSteps.map(accountLine).join('') },
    ...accountSteps.flatMap(keyFiles),
    { name: 'plan/files', text: files.map(fileLine).join('') },
    // As base64: the frame below has lines of text, and a file may end in the middle of one, or be none.
    ...files.flatMap(({ text }, at) =>
      text === null ? [] : [{ name: `plan/file.${at}.base64`, text: toBase64(text) }],
    ),
    ...files.flatMap(({ mode }, at) =>
      mode === undefined ? [] : [{ name: `plan/file.${at}.mode`, text: `${mode.toString(8)}\n` }],
    ),
    { name: 'plan/units', text: units.map(unitLine).join('') },
    { name: 'plan/checks', text: plan.checks.map((id) => `${id}\n`).join('') },
    ...(plan.named ? [{ name: 'plan/named', text: `${plan.named.conf}\n${plan.named.chroot}\n` }] : []),
    { name: 'plan/sshd.people', text: plan.sshdAnswers.map(({ asked, sum }) => `${sum} ${asked}\n`).join('') },
    ...(plan.sshd ? [{ name: 'plan/sshd', text: `${plan.sshd}\n` }] : []),
  ]
}

const rulesFiles = (step: FirewallStep): readonly PlanFile[] => [
  { name: `plan/${step.family}.touches`, text: step.touches.map((ref) => `${ref.table} ${ref.chain}\n`).join('') },
  { name: `plan/${step.family}.delta`, text: step.delta },
  { name: `plan/${step.family}.inverse`, text: step.inverse },
  { name: `plan/${step.family}.base`, text: step.base },
  { name: `plan/${step.family}.planned`, text: step.planned },
]

function accountLine({ change }: AccountStep, at: number): string {
  const words = (): readonly string[] => {
    switch (change.verb) {
      case 'create':
        return [change.shell, change.groups.join(',') || '-', change.password ? 'password' : 'none']
      case 'keys':
        return [change.was ?? 'absent', change.file]
      case 'shell':
        return [change.shell, change.was || '-']
      default:
        return [change.was]
    }
  }
  return `${[at, change.verb, change.name, ...words()].join(' ')}\n`
}

const keyFiles = ({ change }: AccountStep, at: number): readonly PlanFile[] =>
  Object.entries(keysOf(change)).map(([what, lines]) => ({
    name: `plan/account.${at}.${what}.base64`,
    text: toBase64(lines.map((line) => `${line}\n`).join('') as FileBytes),
  }))

function keysOf(change: AccountChange): Readonly<Record<string, readonly FileBytes[]>> {
  if (change.verb === 'create') return { add: change.keys }
  return change.verb === 'keys' ? { add: change.add, remove: change.remove } : {}
}

const fileLine = ({ path, text, was }: FileStep, at: number): string => {
  const base = was === null ? 'absent' : sumOf(was)
  return `${at} ${text === null ? 'remove' : 'write'} ${base} ${path}\n`
}

const unitLine = ({ unit, run, boot, was }: UnitStep): string =>
  `${unit} ${run ?? '-'} ${boot ?? '-'} ${was.run} ${was.boot || '-'}\n`

/** Files as the arming script unpacks them: a head with the number of lines, the lines, and an end that proves it whole. */
function payload(files: readonly PlanFile[]): string {
  const framed = files.map(({ name, text }) => {
    const body = text === '' || text.endsWith('\n') ? text : `${text}\n`
    return `@@ ${name} ${body.split('\n').length - 1}\n${body}`
  })
  return `${framed.join('')}@@ end\n`
}
