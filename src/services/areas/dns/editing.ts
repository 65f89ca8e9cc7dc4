import type { FileEdit, StagedOf, UnitEdit } from '../../model/areas.ts'
import type { Editing, Past, Undone } from '../../model/editing.ts'
import type { Init } from '../../model/host.ts'
import type { Blocker, PlanPart } from '../../model/plan.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { Step } from '../../model/step.ts'
import { describeFile, fileParts, foldFile } from '../../steps/file-edit.ts'
import { unitStep } from '../../steps/unit-step.ts'
import { bytesOfFile, type DnsFacts, type NamedFacts } from './facts.ts'
import { layDns } from './lay.ts'
import { proofsOf } from './proofs.ts'

type Edit = FileEdit | UnitEdit
type Staged = StagedOf<'dns'>

/** How BIND is changed: by its files, which it is told to read again, and by its service. */
export const dnsEditing: Editing<'dns'> = {
  lay: layDns,
  fold: (held, added) => ({ held: fold(held, added) }),
  describe: (edit) =>
    edit.kind === 'file'
      ? describeEdit(edit)
      : { target: safe(edit.unit), summary: safe([edit.run, edit.boot].filter(Boolean).join(', ')) },
  part: ({ base, after, conflicts }, edits, seen) => {
    const files = edits.filter((edit) => edit.kind === 'file')
    const units = edits.filter((edit) => edit.kind === 'unit')
    const parts: PlanPart = files.length > 0 ? fileParts(files, seen) : { steps: [], blockers: [], whatIf: [] }
    const bind = base.named
    const steps = [
      ...parts.steps,
      ...units.flatMap((edit) => unitStep(edit, seen.host.init) ?? []),
      ...reread(bind, parts.steps, units, seen.host.init),
    ]
    return {
      steps,
      outside: steps.length > 0 ? proofsOf(base, after, seen) : [],
      whatIf: [],
      blockers: [
        ...parts.blockers,
        ...conflicts.map(
          ({ edit, reason }): Blocker => ({
            kind: 'conflict',
            message: say`${safe(edit.kind === 'file' ? edit.path : edit.unit)} can't be changed: ${reason}.`,
            next: say`Unstage it with u, and press R to read BIND again.`,
          }),
        ),
        ...brokenBlockers(after),
      ],
      ...(parts.steps.length > 0 && bind?.conf
        ? { checks: ['named'], named: { conf: bind.conf, chroot: bind.chroot } }
        : {}),
    }
  },
  owns: { file: (path) => /\/(named|bind|namedb)[^/]*(\/|\.conf$)/.test(path) },
  undo,
  whyNot: ({ named }) =>
    named?.running && !named.unit ? say`named runs without a unit that could be told to read its files again` : null,
}

/** A change to a file says nothing until named reads it; where it does not run there is nobody to tell. */
function reread(
  bind: NamedFacts | null,
  steps: readonly Step[],
  units: readonly UnitEdit[],
  init: Init,
): readonly Step[] {
  if (!bind?.unit || !bind.running || steps.length === 0 || units.length > 0) return []
  const { name, run, boot } = bind.unit
  const step = unitStep({ unit: name, run: 'reload', boot: null, was: { run, boot } }, init)
  return step ? [step] : []
}

/** What is staged was read once more as it would be written; sure of it is named-checkconf, before anything is armed. */
function brokenBlockers({ named }: DnsFacts): readonly Blocker[] {
  if (!named || !('broken' in named.understood)) return []
  return [
    {
      kind: 'conflict',
      message: say`BIND would not take this: ${named.understood.broken}.`,
      next: say`Unstage it with u.`,
    },
  ]
}

function fold(held: readonly Staged[], added: Staged): readonly Staged[] {
  const { edit } = added
  if (edit.kind === 'file') return foldFile(held, { ...added, edit })
  return [...held.filter((one) => one.edit.kind !== 'unit' || one.edit.unit !== edit.unit), added]
}

/** The lines that come, or else those that go; a file of a hundred lines has one name. */
function describeEdit(edit: FileEdit): { readonly target: Safe; readonly summary: Safe } {
  const lines = (text: string | null): readonly string[] => (text ?? '').split('\n').map((line) => line.trim())
  const [before, now] = [lines(edit.was), lines(edit.text)]
  const come = now.filter((line) => line !== '' && !before.includes(line))
  const gone = before.filter((line) => line !== '' && !now.includes(line))
  if (edit.text === null || (come.length === 0 && gone.length === 0)) return describeFile(edit)
  const words = [...come.map((line) => `+ ${line}`), ...(come.length === 0 ? gone.map((line) => `- ${line}`) : [])]
  return { target: safe(edit.path), summary: safe(words.join('  '), 200) }
}

/** Files go back where they hold still what was written; named is told once more. */
function undo({ files }: Past, now: DnsFacts | null): Undone<Edit> {
  const edits: Edit[] = []
  const remarks: Safe[] = []
  for (const { path, text, was } of files) {
    if (text === was) continue
    const file = now?.named?.files.find((one) => one.path === path)
    const holds = file && bytesOfFile(file)
    if (file && holds === text) edits.push({ kind: 'file', path, text: was, was: text })
    else if (file && holds === was) remarks.push(say`${safe(path)} is as it was already.`)
    else remarks.push(say`${safe(path)} changed since, or can’t be read: it stays.`)
  }
  return { edits, remarks }
}
