import type { Editing, Past, Seen, Undone } from '../../model/editing.ts'
import { bytesOf, type FileBytes, textOf } from '../../model/file-bytes.ts'
import type { Blocker, PlanPart, WhatIf } from '../../model/plan.ts'
import { LINE_CAP, type Safe, safe, say } from '../../model/safe.ts'
import { fileBlockers, fileStep } from '../../steps/file-step.ts'
import { byWords, effect, ownLogin } from './checks.ts'
import { ACCESS_FILES, ACCESS_PATHS, type AccessEdit, type AccessFile, type TcpwrappersFacts } from './facts.ts'
import { foldAccess, unfoldAccess } from './fold.ts'
import { layAccess } from './lay.ts'
import { ended, linesIn, linesOf, readLine } from './lines.ts'
import { ruleOf } from './rules.ts'

/** How TCP wrappers are changed: lines of their two files, all else kept byte for byte. */
export const tcpwrappersEditing: Editing<'tcpwrappers'> = {
  lay: layAccess,
  fold: foldAccess,
  unfold: unfoldAccess,
  holds: (facts, edit) => edit.kind === 'add' && stands(facts, edit),
  describe: (edit, before) => ({ target: safe(ACCESS_PATHS[edit.file]), summary: summaryOf(edit, before) }),
  part,
  owns: { file: (path) => ACCESS_FILES.some((file) => ACCESS_PATHS[file] === path) },
  undo,
}

/** Whether a line is there already, and decides as it would at its place: an option before it may decide otherwise. */
function stands(facts: TcpwrappersFacts, { file, line, at }: Extract<AccessEdit, { kind: 'add' }>): boolean {
  const read = linesIn(facts, file).map(({ bytes }) => readLine(bytes))
  const place = read.findIndex(({ text, whole }) => whole && text === bytesOf(line))
  if (place < 0 || at === 'last') return place >= 0
  return read.slice(0, place).every(({ text, whole }) => whole && !ruleOf(textOf(text))?.options.length)
}

function summaryOf(edit: AccessEdit, before: TcpwrappersFacts): Safe {
  if (edit.kind === 'restore') return edit.bytes === null ? say`removed again` : say`back to the text it had before`
  if (edit.kind === 'add') return say`+ ${safe(edit.line, LINE_CAP)}`
  if (edit.kind === 'replace') return say`~ ${safe(edit.line, LINE_CAP)}`
  const line = linesIn(before, edit.file).find(({ id }) => id === edit.lineId)
  const text = safe(line ? textOf(readLine(line.bytes).text) : '', LINE_CAP)
  return edit.kind === 'delete' ? say`- ${text}` : say`moved: ${text}`
}

function part(
  { base, after, conflicts }: Parameters<Editing<'tcpwrappers'>['part']>[0],
  _edits: readonly AccessEdit[],
  seen: Seen,
): PlanPart {
  const changes = orderOf(base, after, seen).map((file) => ({
    path: ACCESS_PATHS[file],
    text: after.files[file],
    was: base.files[file],
  }))
  const guard = guardOf(after, seen)
  return {
    steps: changes.flatMap((change) => fileStep(change) ?? []),
    whatIf: [guard],
    blockers: [
      ...changes.flatMap((change) => (change.text === change.was ? [] : fileBlockers(change))),
      ...conflicts.map(
        ({ edit, reason }): Blocker => ({
          kind: 'conflict',
          message: say`A staged change to ${safe(ACCESS_PATHS[edit.file])} no longer fits: ${reason}.`,
          next: say`Unstage it with u and stage it again on the file as it is now.`,
        }),
      ),
      ...(guard.answer === 'no' ? [lockOut(guard, seen)] : []),
    ],
  }
}

/** Allow before deny, so that nobody is kept out in between whom the whole lets in; unless that is you. */
function orderOf(base: TcpwrappersFacts, after: TcpwrappersFacts, { host, loginPort }: Seen): readonly AccessFile[] {
  const between = { ...after, files: { ...after.files, deny: base.files.deny } }
  return ownLogin(between, host, loginPort).answer === 'in' ? ACCESS_FILES : ACCESS_FILES.toReversed()
}

/** Whether sshd would still let the operator in. */
function guardOf(after: TcpwrappersFacts, { host, loginPort }: Seen): WhatIf {
  const decision = ownLogin(after, host, loginPort)
  const sure = after.sshdAsks === true && decision.answer !== 'depends'
  const isIn = decision.answer === 'in' || after.sshdAsks === false
  return {
    of: 'login',
    answer: isIn ? 'yes' : sure ? 'no' : 'unsure',
    question: say`your next login (${safe(host.session.clientAddress)}, by TCP wrappers)`,
    because: after.sshdAsks === false ? effect(after) : say`${byWords(decision)}; in force at once, without a reload`,
  }
}

const lockOut = ({ because }: WhatIf, { host }: Seen): Blocker => ({
  kind: 'lock-out',
  message: say`This locks you out: sshd would refuse ${safe(host.session.clientAddress)} by ${because}.`,
  next: say`Stage a rule that lets it in first, or type the host's name when applying to go on regardless.`,
})

/**
 * The very text from before where nobody has changed the file since; else the lines that it added go. Lines that it took away
 * or changed have no place any more in a file that moved on.
 */
function undo(past: Past, now: TcpwrappersFacts | null): Undone<AccessEdit> {
  const edits: AccessEdit[] = []
  const remarks: Safe[] = []
  for (const { path, text, was } of past.files) {
    const file: AccessFile = path === ACCESS_PATHS.allow ? 'allow' : 'deny'
    const holds = now?.files[file]
    if (text === was) continue
    const added = new Set(without(text, was).map(ended))
    if (holds === undefined) remarks.push(say`${safe(path)} can't be read: nothing of it is undone.`)
    else if (holds === text) edits.push({ kind: 'restore', file, bytes: was, over: text })
    else if (added.size === 0 || without(was, text).length > 0)
      remarks.push(say`${safe(path)} changed since, and more than lines were added to it: nothing of it is undone.`)
    else {
      const there = linesOf(holds).filter(({ bytes }) => added.delete(ended(bytes)))
      edits.push(...there.map(({ id }): AccessEdit => ({ kind: 'delete', file, lineId: id })))
      remarks.push(say`${safe(path)} changed since: only the lines that were added and are still there go.`)
    }
  }
  return { edits, remarks }
}

/** The lines of a text that another one has not; where lines end is no difference. */
function without(text: FileBytes | null, other: FileBytes | null): readonly FileBytes[] {
  const there = new Set(linesOf(other).map(({ bytes }) => ended(bytes)))
  return linesOf(text)
    .map(({ bytes }) => bytes)
    .filter((bytes) => bytes !== '\n' && !there.has(ended(bytes)))
}
