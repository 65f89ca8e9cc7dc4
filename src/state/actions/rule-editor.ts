import { asPrinted } from '../../services/areas/firewall/as-printed.ts'
import { withTable } from '../../services/areas/firewall/builtin-chains.ts'
import { findChain } from '../../services/areas/firewall/chain-text.ts'
import { delta, touchedChains } from '../../services/areas/firewall/delta.ts'
import { applyEdits } from '../../services/areas/firewall/edits.ts'
import { toOtherFamily } from '../../services/areas/firewall/other-family.ts'
import { readRuleInput, ruleInputText } from '../../services/areas/firewall/rule-input.ts'
import { switchOff, switchOn } from '../../services/areas/firewall/switch-off.ts'
import { fail, ok, type Result } from '../../services/model/errors.ts'
import { type ChainRef, isOneRule, placeWords, type RuleEdit, type RuleSet } from '../../services/model/firewall.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { Kit } from '../kit.ts'
import { chainId, type RuleItem } from '../lists/firewall-list.ts'
import type { Dialog } from '../slices/view.ts'
import { emptyField, fieldOf } from '../text-field.ts'
import { type CursorActions, itemUnderCursor } from './cursor.ts'
import { numberOf } from './describe.ts'
import { ruleUnderCursor, type StageActions } from './stage.ts'

type RuleDialog = Extract<Dialog, { kind: 'rule' }>

export type RuleEditorActions = {
  /** a: a new rule before the one under the cursor, or at the end of the chain under it. */
  readonly addRule: () => void
  readonly editRule: () => void
  /** o: takes the rule's effect away where it stands, or gives it back. */
  readonly switchRule: () => void
  /** c: the editor in the other family, with the rule in that family's words. */
  readonly copyRule: () => void
  /** Enter in the editor: reads the line, lets the server's iptables try it, and stages it. */
  readonly submitRule: () => Promise<void>
}

/** The one-line rule editor. */
export function createRuleEditorActions(
  kit: Kit,
  stage: StageActions,
  navigate: Pick<CursorActions, 'putCursor'>,
): RuleEditorActions {
  const { get, set, lists } = kit

  const show = (dialog: Dialog | null): void => set(({ view }) => ({ view: { ...view, dialog } }))
  const current = (): RuleDialog | null => {
    const { dialog } = get().view
    return dialog?.kind === 'rule' ? dialog : null
  }
  const patch = (change: Partial<RuleDialog>): void => {
    const dialog = current()
    if (dialog) show({ ...dialog, ...change })
  }

  async function submitRule(): Promise<void> {
    const dialog = current()
    const server = kit.server()
    const rules = dialog && lists.staged(get(), dialog.at.family)
    if (!dialog || dialog.checking !== null || !rules || !server) return
    const read = readEdit(dialog, rules.after, () => `new-${kit.nextNumber()}`)
    if (!read.ok) return patch({ error: read.error })
    const { after, conflicts } = applyEdits(rules.after, [read.value])
    if (conflicts[0]) return patch({ error: say`This does not fit: ${conflicts[0].reason}.` })
    const input = delta(rules.base, after)
    if (delta(rules.after, after) === '') return patch({ error: say`That is the rule as it is.` })
    const checking = kit.nextNumber()
    patch({ error: null, checking })
    const touches = touchedChains(rules.base, after)
    const tried = input === '' ? ok({ after: '' }) : await server.rehearse(dialog.at.family, input, touches)
    if (current()?.checking !== checking) return
    if (!tried.ok) return patch({ checking: null, error: say`${tried.error.message} ${tried.error.next}` })
    const edits = asPrinted(read.value, after, tried.value.after)
    if (!edits.ok) return patch({ checking: null, error: edits.error })
    show(null)
    for (const edit of edits.value) stage.stageEdit(edit)
    const [first] = edits.value
    if (edits.value.length > 1)
      kit.tell('info', say`iptables makes ${edits.value.length} rules of this line; all are staged.`)
    if (first) showRow(kit, first.at, isOneRule(first) ? first.ruleId : chainId(first.at), navigate)
  }
  return {
    addRule: () => {
      const dialog = newRuleDialog(kit)
      if (dialog) show(dialog)
    },
    editRule: () => {
      const dialog = editRuleDialog(kit)
      if (dialog) show(dialog)
    },
    switchRule: () => switchRule(kit, stage),
    copyRule: () => {
      const dialog = copyRuleDialog(kit)
      if (!dialog) return
      const { family, table } = dialog.at
      set(({ view }) => ({ view: { ...view, dialog, firewall: { family, table } } }))
    },
    submitRule,
  }
}

/** The rule under the cursor, if it stays; else the reason is told. */
function standingRule(kit: Kit): RuleItem | null {
  const item = ruleUnderCursor(kit, kit.get())
  if (item?.mark !== 'deleted') return item
  kit.tell('info', say`This rule is staged for deletion; x keeps it.`)
  return null
}

function switchRule(kit: Kit, stage: StageActions): void {
  const item = standingRule(kit)
  if (!item) return
  const { text, id: ruleId } = item.rule
  const made = switchOn(text) ?? switchOff(text)
  if (made === null)
    return kit.tell('info', say`This rule only counts, or its target is too long to keep in a comment.`)
  stage.stageEdit({ kind: 'replace', at: item.at, ruleId, text: made })
}

/** The editor at the end of the same chain in the other family, but before a last rule that takes everything. */
function copyRuleDialog(kit: Kit): RuleDialog | null {
  const item = standingRule(kit)
  if (!item) return null
  const at: ChainRef = { ...item.at, family: item.at.family === 'v4' ? 'v6' : 'v4' }
  const rules = kit.lists.staged(kit.get(), at.family)
  const chain = rules && findChain(withTable(rules.after, at.table), at)
  const made = toOtherFamily(item.rule.text, item.at.family)
  if (!chain || !made.ok) {
    kit.tell('info', made.ok ? say`The other family has no chain ${safe(at.chain)} to copy it to.` : made.error)
    return null
  }
  const last = chain.rules.at(-1)
  const before = last && /^-j (DROP|REJECT)\b/.test(last.text) ? last.id : null
  const title = say`copy to ${placeWords(at)} at ${before === null ? chain.rules.length + 1 : chain.rules.length}`
  return { ...EMPTY_EDITOR, at, task: { kind: 'add', before }, title, field: fieldOf(made.value) }
}

const EMPTY_EDITOR = { kind: 'rule', form: null, error: null, checking: null } as const

/** The editor for a new rule at the cursor, its place named. */
function newRuleDialog(kit: Kit): RuleDialog | null {
  const state = kit.get()
  const { family, table } = state.view.firewall
  const rules = kit.lists.staged(state, family)
  if (!rules) return null
  const item = itemUnderCursor(kit, state)
  const at: ChainRef =
    item && (item.kind === 'rule' || item.kind === 'chain') ? item.at : { family, table, chain: 'INPUT' }
  const before = item?.kind === 'rule' ? standing(rules.base, rules.after, at, item.id) : null
  const number = before === null ? null : numberOf(rules.after, at, before)
  const length = findChain(rules.after, at)?.rules.length ?? 0
  const title =
    number === null
      ? say`new rule in ${placeWords(at)} at ${length + 1}, the end`
      : say`new rule in ${placeWords(at)} at ${number}, before what is rule ${number} now`
  return { ...EMPTY_EDITOR, at, task: { kind: 'add', before }, title, field: emptyField }
}

/** The editor for the rule under the cursor. */
function editRuleDialog(kit: Kit): RuleDialog | null {
  const item = standingRule(kit)
  if (!item) return null
  const title = say`rule ${item.number ?? 0} of ${placeWords(item.at)}`
  const field = fieldOf(ruleInputText(item.rule))
  return { ...EMPTY_EDITOR, at: item.at, task: { kind: 'edit', ruleId: item.id }, title, field }
}

/** Turns the pane to where a rule or chain went and puts the cursor on it. */
function showRow(kit: Kit, at: ChainRef, row: string, navigate: Pick<CursorActions, 'putCursor'>): void {
  kit.set(({ view }) => ({ view: { ...view, firewall: { family: at.family, table: at.table } } }))
  navigate.putCursor('firewall', row)
}

/** The rule a new one goes before: the one under the cursor or, when that one is to be deleted, the next that stays. */
function standing(base: RuleSet, after: RuleSet, at: ChainRef, ruleId: string): string | null {
  const now = new Set(findChain(after, at)?.rules.map((rule) => rule.id))
  if (now.has(ruleId)) return ruleId
  const old = findChain(base, at)?.rules ?? []
  const place = old.findIndex((rule) => rule.id === ruleId)
  return old.slice(place + 1).find((rule) => now.has(rule.id))?.id ?? null
}

/** Reads the line: an edit keeps its rule and place, so a line that names another place is refused. */
function readEdit(dialog: RuleDialog, after: RuleSet, newId: () => string): Result<RuleEdit, Safe> {
  const { at, task } = dialog
  const before = task.kind === 'add' ? task.before : task.ruleId
  const read = readRuleInput(dialog.field.text.trim(), { at, before }, after, newId)
  if (!read.ok || task.kind === 'add') return read
  const edit = read.value
  if (edit.kind !== 'insert') return read
  if (edit.before !== task.ruleId || edit.at.chain !== at.chain || edit.at.table !== at.table)
    return fail(say`This edits one rule where it stands. J and K move it; a adds one elsewhere.`)
  return ok({ kind: 'replace', at, ruleId: task.ruleId, text: edit.text })
}
