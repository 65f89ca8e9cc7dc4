import { asPrinted } from '../../../services/areas/firewall/as-printed.ts'
import { delta, touchedChains } from '../../../services/areas/firewall/delta.ts'
import { applyEdits } from '../../../services/areas/firewall/edits.ts'
import { FIELD_IDS, type FieldId, readFields, writeField } from '../../../services/areas/firewall/form/fields.ts'
import { readRuleInput } from '../../../services/areas/firewall/rule-input.ts'
import { fail, ok, type Result } from '../../../services/model/errors.ts'
import { type ChainRef, isOneRule, type RuleEdit, type RuleSet } from '../../../services/model/firewall.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import { chainId } from '../../areas/firewall/list.ts'
import type { Kit } from '../../kit.ts'
import type { EditDialog } from '../../slices/edit-dialog.ts'
import { stageEdit } from '../../staging/stage.ts'
import { putCursor } from '../../under-cursor/put.ts'
import type { Editor } from '../editor.ts'
import { completed, formFields, formPlace, lineChoices, type RuleDialog } from './form.ts'
import { firewallLists } from './lists.ts'
import { whyNotStageRule } from './why-not.ts'

/** Only this editor opens dialogs of the firewall, and it gives them its own tasks. */
const mine = (dialog: EditDialog): RuleDialog => dialog as RuleDialog

/** The one-line rule editor, and the form beside it. */
export const ruleEditor: Editor = {
  fields: FIELD_IDS,
  examples: [
    say`such as: -p tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT`,
    say`-A CHAIN …, -I CHAIN n … and a whole iptables command work too. Down opens a form.`,
  ],
  checking: say`checking with the server's iptables… (Esc gives up)`,
  valueOf: (line, field) => readFields(line).get(field as FieldId) ?? '',
  withValue: (line, field, value) => writeField(line, field as FieldId, value),
  form: (dialog, state, lists) => {
    const place = formPlace(state, lists, mine(dialog))
    return place && formFields(mine(dialog), place)
  },
  choices: (dialog, state, lists) => {
    const place = formPlace(state, lists, mine(dialog))
    return place ? lineChoices(mine(dialog), place) : []
  },
  complete: (dialog, state, lists) => {
    const place = formPlace(state, lists, mine(dialog))
    return place && completed(mine(dialog), place)
  },
  submit: (kit, dialog) => submitRule(kit, mine(dialog)),
}

const current = (kit: Kit): RuleDialog | null => {
  const { dialog } = kit.get().view
  return dialog?.kind === 'edit' && dialog.area === 'firewall' ? mine(dialog) : null
}

const patch = (kit: Kit, change: Partial<RuleDialog>): void => {
  const dialog = current(kit)
  if (dialog) kit.set(({ view }) => ({ view: { ...view, dialog: { ...dialog, ...change } } }))
}

/** Why nothing is staged, be the editor open: a change may have begun meanwhile, of this console or another. */
function whyClosed(kit: Kit): Safe | null {
  const why = whyNotStageRule(kit.get())
  return why && say`Nothing is staged: ${why}.`
}

/** Reads the line, lets the server's iptables try it, and stages it as that prints it. */
async function submitRule(kit: Kit, dialog: RuleDialog): Promise<void> {
  const server = kit.server()
  const { at } = dialog.task
  const rules = firewallLists(kit.lists).rules(kit.get(), at.family)
  if (!rules || !server) return
  const closed = whyClosed(kit)
  if (closed) return patch(kit, { error: closed })
  const read = readEdit(dialog, rules.after, () => `new-${kit.nextNumber()}`)
  if (!read.ok) return patch(kit, { error: read.error })
  const { after, conflicts } = applyEdits(rules.after, [read.value])
  if (conflicts[0]) return patch(kit, { error: say`This does not fit: ${conflicts[0].reason}.` })
  const input = delta(rules.base, after)
  if (delta(rules.after, after) === '') return patch(kit, { error: say`That is the rule as it is.` })
  const checking = kit.nextNumber()
  patch(kit, { error: null, checking })
  const touches = touchedChains(rules.base, after)
  const tried = input === '' ? ok({ after: '' }) : await server.rehearse(at.family, input, touches)
  if (current(kit)?.checking !== checking) return
  if (!tried.ok) return patch(kit, { checking: null, error: say`${tried.error.message} ${tried.error.next}` })
  const closedNow = whyClosed(kit)
  if (closedNow) return patch(kit, { checking: null, error: closedNow })
  const edits = asPrinted(read.value, after, tried.value.after)
  if (!edits.ok) return patch(kit, { checking: null, error: edits.error })
  kit.set(({ view }) => ({ view: { ...view, dialog: null } }))
  for (const edit of edits.value) stageEdit(kit, 'firewall', edit)
  const [first] = edits.value
  if (edits.value.length > 1)
    kit.tell('info', say`iptables makes ${edits.value.length} rules of this line; all are staged.`)
  if (first) showRow(kit, first.at, isOneRule(first) ? first.ruleId : chainId(first.at))
}

/** Turns the pane to where a rule or chain went and puts the cursor on it. */
function showRow(kit: Kit, at: ChainRef, row: string): void {
  kit.set(({ view }) => ({ view: { ...view, firewall: { family: at.family, table: at.table } } }))
  putCursor(kit, 'firewall', row)
}

/** Reads the line: an edit keeps its rule and place, so a line that names another place is refused. */
function readEdit({ task, field }: RuleDialog, after: RuleSet, newId: () => string): Result<RuleEdit, Safe> {
  const { at } = task
  const before = task.kind === 'add' ? task.before : task.ruleId
  const read = readRuleInput(field.text.trim(), { at, before }, after, newId)
  if (!read.ok || task.kind === 'add') return read
  const edit = read.value
  if (edit.kind !== 'insert') return read
  if (edit.before !== task.ruleId || edit.at.chain !== at.chain || edit.at.table !== at.table)
    return fail(say`This edits one rule where it stands. J and K move it; a adds one elsewhere.`)
  return ok({ kind: 'replace', at, ruleId: task.ruleId, text: edit.text })
}
