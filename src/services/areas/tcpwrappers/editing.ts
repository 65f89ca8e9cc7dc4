import type { StagedOf } from '../../model/areas.ts'
import type { Conflict, Editing, Past, Seen, Undone } from '../../model/editing.ts'
import { bytesOf, type FileBytes } from '../../model/file-bytes.ts'
import type { Blocker, PlanPart, WhatIf } from '../../model/plan.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { fileBlockers, fileStep } from '../../steps/file-step.ts'
import { byWords, ownLogin } from './checks.ts'
import type { AccessEdit, AccessFile, TcpwrappersFacts } from './facts.ts'
import { rulesOf } from './rules.ts'

const PATHS: Readonly<Record<AccessFile, string>> = { allow: '/etc/hosts.allow', deny: '/etc/hosts.deny' }
const FILES = ['allow', 'deny'] as const

/** How TCP wrappers are changed: whole lines of their two files, all else kept byte for byte. */
export const tcpwrappersEditing: Editing<'tcpwrappers'> = {
  lay,
  fold: (held, added) => ({ held: fold(held, added) }),
  holds: ({ files }, edit) => edit.kind === 'add' && stands(files[edit.file], edit),
  describe: (edit) => ({ target: safe(PATHS[edit.file]), summary: summaryOf(edit) }),
  part,
  owns: { file: (path) => path === PATHS.allow || path === PATHS.deny },
  undo,
}

/** What is added and taken away again comes to nothing. */
function fold(
  held: readonly StagedOf<'tcpwrappers'>[],
  added: StagedOf<'tcpwrappers'>,
): readonly StagedOf<'tcpwrappers'>[] {
  const { edit } = added
  const back = held.find(
    (one) =>
      edit.kind !== 'restore' &&
      one.edit.kind === (edit.kind === 'add' ? 'remove' : 'add') &&
      one.edit.file === edit.file &&
      'line' in one.edit &&
      one.edit.line === edit.line,
  )
  return back ? held.filter((one) => one !== back) : [...held, added]
}

function lay(facts: TcpwrappersFacts, edits: readonly AccessEdit[]) {
  const conflicts: Conflict<AccessEdit>[] = []
  let { files } = facts
  for (const edit of edits) {
    const made = laid(files[edit.file], edit)
    if (typeof made === 'object' && made !== null) conflicts.push({ edit, reason: made.reason })
    else files = { ...files, [edit.file]: made }
  }
  return { after: files === facts.files ? facts : { ...facts, files }, conflicts }
}

type Refused = { readonly reason: Safe }

function laid(now: FileBytes | null, edit: AccessEdit): FileBytes | null | Refused {
  if (edit.kind === 'restore') return now === edit.over ? edit.bytes : { reason: say`the file changed since` }
  const line = `${bytesOf(edit.line)}\n`
  if (edit.kind === 'add') {
    const text = now ?? ''
    return (edit.at === 'first' ? line + text : text + endOf(text) + line) as FileBytes
  }
  const at = placeOf(now, edit.line)
  if (now === null || at < 0) return { reason: say`the line is gone` }
  return (now.slice(0, at) + now.slice(at + line.length)) as FileBytes
}

/** Whether a line is there already, and decides as it would at its place: an option before it may decide otherwise. */
function stands(file: FileBytes | null, { line, at }: Extract<AccessEdit, { kind: 'add' }>): boolean {
  const place = placeOf(file, line)
  if (place < 0 || at === 'last') return place >= 0
  const { rules, broken } = rulesOf(file?.slice(0, place) as FileBytes)
  return !broken && rules.every(({ options }) => options.length === 0)
}

/** What has to come before a line at the end: a last line is ended, and one that goes on is gone on with nothing. */
function endOf(text: string): string {
  if (text === '') return ''
  const end = text.endsWith('\n') ? '' : '\n'
  return /\\\n?$/.test(text) ? `${end}\n` : end
}

/** Where a whole line stands; below 0 where it does not. */
function placeOf(file: FileBytes | null, line: string): number {
  if (file === null) return -1
  const wanted = `\n${bytesOf(line)}\n`
  return `\n${file}`.indexOf(wanted)
}

const summaryOf = (edit: AccessEdit): Safe =>
  edit.kind === 'restore'
    ? edit.bytes === null
      ? say`removed again`
      : say`back to the text it had before`
    : say`${edit.kind === 'add' ? say`+` : say`-`} ${safe(edit.line, 200)}`

function part(
  { base, after, conflicts }: Parameters<Editing<'tcpwrappers'>['part']>[0],
  _edits: readonly AccessEdit[],
  seen: Seen,
): PlanPart {
  // Allow before deny: at no moment is somebody kept out whom the whole lets in.
  const changes = FILES.map((file) => ({ path: PATHS[file], text: after.files[file], was: base.files[file] }))
  const guard = guardOf(after, seen)
  return {
    steps: changes.flatMap((change) => fileStep(change) ?? []),
    whatIf: guard ? [guard] : [],
    blockers: [
      ...changes.flatMap((change) => (change.text === change.was ? [] : fileBlockers(change))),
      ...conflicts.map(
        ({ edit, reason }): Blocker => ({
          kind: 'conflict',
          message: say`A staged change to ${safe(PATHS[edit.file])} no longer fits: ${reason}.`,
          next: say`Unstage it with u and stage it again on the file as it is now.`,
        }),
      ),
      ...(guard?.answer === 'no' ? [lockOut(guard, seen)] : []),
    ],
  }
}

/** Whether sshd would still let the operator in; nothing where it asks nobody. */
function guardOf(after: TcpwrappersFacts, { host }: Seen): WhatIf | null {
  if (after.sshdAsks === false) return null
  const decision = ownLogin(after, host)
  const sure = after.sshdAsks === true && decision.answer !== 'depends'
  return {
    of: 'login',
    answer: decision.answer === 'in' ? 'yes' : sure ? 'no' : 'unsure',
    question: say`your next login (${safe(host.session.clientAddress)}, by TCP wrappers)`,
    because: byWords(decision),
  }
}

const lockOut = ({ because }: WhatIf, { host }: Seen): Blocker => ({
  kind: 'lock-out',
  message: say`This locks you out: sshd would refuse ${safe(host.session.clientAddress)} by ${because}.`,
  next: say`Stage a rule that lets it in first, or type the host's name when applying to go on regardless.`,
})

/** The very text from before where nobody has changed the file since; else the lines that it added go. */
function undo(past: Past, now: TcpwrappersFacts | null): Undone<AccessEdit> {
  const edits: AccessEdit[] = []
  const remarks: Safe[] = []
  for (const { path, text, was } of past.files) {
    const file = path === PATHS.allow ? 'allow' : 'deny'
    const holds = now?.files[file]
    if (text === was) continue
    if (holds === undefined) remarks.push(say`${safe(path)} can't be read: nothing of it is undone.`)
    else if (holds === text) edits.push({ kind: 'restore', file, bytes: was, over: text })
    else {
      const old = new Set((was ?? '').split('\n'))
      const added = (text ?? '').split('\n').filter((line) => line !== '' && !old.has(line))
      const there = added.filter((line) => placeOf(holds, line) >= 0)
      edits.push(...there.map((line): AccessEdit => ({ kind: 'remove', file, line })))
      remarks.push(say`${safe(path)} changed since: only the lines that were added and are still there go.`)
    }
  }
  return { edits, remarks }
}
