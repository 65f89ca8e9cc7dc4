import { askedWords } from '../../../services/areas/tcpwrappers/ask.ts'
import {
  ACCESS_PATHS,
  type AccessEdit,
  type AccessFile,
  type AccessPlace,
} from '../../../services/areas/tcpwrappers/facts.ts'
import { typedFault } from '../../../services/areas/tcpwrappers/fault.ts'
import { layAccess } from '../../../services/areas/tcpwrappers/lay.ts'
import { linesIn, readLine } from '../../../services/areas/tcpwrappers/lines.ts'
import { ruleOf } from '../../../services/areas/tcpwrappers/rules.ts'
import { bytesOf } from '../../../services/model/file-bytes.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { ConsoleState } from '../../console-state.ts'
import type { Kit } from '../../kit.ts'
import type { Lists } from '../../lists/lists.ts'
import { type EditDialog, openedEditor } from '../../slices/edit-dialog.ts'
import { stageEdit } from '../../staging/stage.ts'
import { putCursor } from '../../under-cursor/put.ts'
import type { Editor } from '../editor.ts'
import { lineEditor } from '../line-editor.ts'
import { type AccessItem, type AccessRuleItem, daemonsNamed, ruleId } from './list.ts'
import { whyNotStageAccess } from './why-not.ts'

/** What is done with the rule that is typed. */
export type AccessTask =
  | { readonly kind: 'add'; readonly file: AccessFile; readonly at: AccessPlace }
  | { readonly kind: 'edit'; readonly file: AccessFile; readonly lineId: string }

const show = (kit: Kit, task: AccessTask, title: Safe, text: string): void =>
  kit.set(({ view }) => ({ view: { ...view, dialog: openedEditor('tcpwrappers', task, title, text) } }))

/** a: a new rule before the one under the cursor, or at the end of the file under it; its place is named. */
export function openNewRule(kit: Kit, item: AccessItem | null): void {
  const file = item?.kind === 'rule' || item?.kind === 'file' ? item.file : 'allow'
  const path = safe(ACCESS_PATHS[file])
  const before = item?.kind === 'rule' ? standing(kit, item) : null
  if (before)
    show(kit, { kind: 'add', file, at: { before } }, say`new rule in ${path}, before the one under the cursor`, '')
  else show(kit, { kind: 'add', file, at: 'last' }, say`new rule at the end of ${path}`, '')
}

/** The line a new one goes before: the one under the cursor or, where that one is to be deleted, the next that stays. */
function standing(kit: Kit, { file, line }: AccessRuleItem): string | null {
  const merged = kit.lists.merged(kit.get(), 'tcpwrappers')
  if (!merged) return null
  const there = new Set(linesIn(merged.after, file).map(({ id }) => id))
  if (there.has(line.id)) return line.id
  const old = linesIn(merged.base, file)
  const at = old.findIndex(({ id }) => id === line.id)
  return old.slice(at + 1).find(({ id }) => there.has(id))?.id ?? null
}

/** e: the rule under the cursor, to be typed over. */
export function openRule(kit: Kit, { file, line, text, number }: AccessRuleItem): void {
  if (bytesOf(text) !== readLine(line.bytes).text)
    return kit.tell('info', say`This line holds bytes that are no text: change it by hand.`)
  show(
    kit,
    { kind: 'edit', file, lineId: line.id },
    say`rule of ${safe(ACCESS_PATHS[file])}, line ${number ?? 0}`,
    text,
  )
}

/** A rule as it is typed: what is said beneath is whether its daemons ask these files here. */
export const ruleEditor: Editor = {
  ...lineEditor([], submitted),
  about: ({ field }, state, lists) => aboutRule(field.text, state, lists),
}

const EXAMPLES = [
  say`such as: sshd: 192.0.2.7 198.51.100.0/24 [2001:db8::]/64`,
  say`ALL, EXCEPT, .example.net and options behind another colon (ALL: ALL: deny) work too.`,
]

function aboutRule(text: string, state: ConsoleState, lists: Lists): readonly Safe[] {
  const merged = lists.merged(state, 'tcpwrappers')
  const rule = ruleOf(text)
  const daemons = rule && rule.clients.length > 0 ? daemonsNamed(rule) : []
  return merged && daemons.length > 0 ? daemons.map((daemon) => askedWords(merged.base, daemon)) : EXAMPLES
}

/** Stages the rule, and closes the editor; the reason where it can't be one, or its place has gone. */
function submitted(kit: Kit, text: string): Safe | null {
  const state = kit.get()
  const task = (state.view.dialog as EditDialog | null)?.task as AccessTask | undefined
  const merged = kit.lists.merged(state, 'tcpwrappers')
  const closed = whyNotStageAccess(state)
  if (closed || !merged || !task) return say`Nothing is staged: ${closed ?? say`the files were not read`}.`
  const line = task.kind === 'add' ? text.trim() : text
  const fault = typedFault(line, bytesOf(line).length)
  if (fault) return fault
  const edit: AccessEdit =
    task.kind === 'add'
      ? { ...task, lineId: `new-${kit.nextNumber()}`, line }
      : { kind: 'replace', file: task.file, lineId: task.lineId, line }
  const { after, conflicts } = layAccess(merged.after, [edit])
  if (conflicts[0]) return say`This does not fit: ${conflicts[0].reason}.`
  if (after.files[task.file] === merged.after.files[task.file]) return say`That is the rule as it is.`
  kit.set(({ view }) => ({ view: { ...view, dialog: null } }))
  stageEdit(kit, 'tcpwrappers', edit)
  putCursor(kit, 'tcpwrappers', ruleId(edit.file, edit.lineId))
  return null
}
