import type { StagedOf } from '../../model/areas.ts'
import type { Editing, Merged, Past, Undone } from '../../model/editing.ts'
import { ok } from '../../model/errors.ts'
import type { Blocker, PlanPart } from '../../model/plan.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { fileBlockers, fileStep } from '../../steps/file-step.ts'
import type { KernelFacts, RestEdit, RestFacts } from './facts.ts'
import { layKernel } from './kernel/lay.ts'
import { OWN_FILE } from './kernel/read.ts'
import { nameOf } from './kernel/sysctl-files.ts'

/** What of the rest is changed from here: settings of the kernel, by one file of sysctl.d(5) and at once. */
export const restEditing: Editing<'rest'> = {
  lay,
  fold: (held, added) => ({ held: fold(held, added) }),
  holds: ({ kernel }, edit) => edit.kind === 'set' && kernel?.ok === true && holds(kernel.value, edit),
  describe: (edit) => ({ target: safe(OWN_FILE), summary: summaryOf(edit) }),
  part,
  owns: { file: (path) => path === OWN_FILE },
  undo,
}

function holds(facts: KernelFacts, edit: RestEdit & { readonly kind: 'set' }): boolean {
  const { after } = layKernel(facts, [edit])
  const [now, then] = [facts.own, after.own]
  return facts.values.get(edit.key) === edit.value && now.ok && then.ok && now.value === then.value
}

/** A setting has one value: the last one staged. */
function fold(held: readonly StagedOf<'rest'>[], added: StagedOf<'rest'>): readonly StagedOf<'rest'>[] {
  const { edit } = added
  return [...held.filter((one) => edit.kind !== 'set' || one.edit.kind !== 'set' || one.edit.key !== edit.key), added]
}

function lay(facts: RestFacts, edits: readonly RestEdit[]) {
  const { kernel } = facts
  if (!kernel?.ok) {
    const reason = kernel ? kernel.error : say`the kernel's settings were not read`
    return { after: facts, conflicts: edits.map((edit) => ({ edit, reason })) }
  }
  const { after, conflicts } = layKernel(kernel.value, edits)
  return { after: after === kernel.value ? facts : { ...facts, kernel: ok(after) }, conflicts }
}

const summaryOf = (edit: RestEdit): Safe =>
  edit.kind === 'set'
    ? say`${safe(nameOf(edit.key), 120)} = ${edit.value}`
    : edit.bytes === null
      ? say`removed again`
      : say`back to the text it had before`

function part({ base, after, conflicts }: Merged<'rest'>): PlanPart {
  const blockers = conflicts.map(
    ({ edit, reason }): Blocker => ({
      kind: 'conflict',
      message: say`A staged change to ${safe(OWN_FILE)} no longer fits (${summaryOf(edit)}): ${reason}.`,
      next: say`Unstage it with u, press R, and stage it again on what is there now.`,
    }),
  )
  const [was, text] = [base.kernel, after.kernel]
  if (!was?.ok || !text?.ok || !was.value.own.ok || !text.value.own.ok) return { steps: [], blockers, whatIf: [] }
  const change = { path: OWN_FILE, text: text.value.own.value, was: was.value.own.value }
  const step = fileStep(change)
  return {
    steps: step
      ? [{ ...step, commands: [...step.commands, ...(change.text === null ? [] : [say`sysctl -p ${safe(OWN_FILE)}`])] }]
      : [],
    blockers: [...blockers, ...(step ? fileBlockers(change) : [])],
    whatIf: [],
  }
}

/** The very text from before, where nobody has changed the file since; what the kernel runs with is nowhere written down. */
function undo({ files }: Past, now: RestFacts | null): Undone<RestEdit> {
  const edits: RestEdit[] = []
  const remarks: Safe[] = []
  const own = now?.kernel?.ok ? now.kernel.value.own : null
  for (const { path, text, was } of files) {
    if (text === was) continue
    if (!own?.ok) remarks.push(say`${safe(path)} can't be read: nothing of it is undone.`)
    else if (own.value === text) {
      edits.push({ kind: 'restore', bytes: was, over: text })
      remarks.push(
        say`What the kernel runs with stays until the next boot, where no line of ${safe(path)} sets it otherwise.`,
      )
    } else
      remarks.push(
        own.value === was ? say`${safe(path)} is as it was already.` : say`${safe(path)} changed since: it stays.`,
      )
  }
  return { edits, remarks }
}
