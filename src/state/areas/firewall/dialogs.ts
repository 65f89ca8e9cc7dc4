import { withTable } from '../../../services/areas/firewall/builtin-chains.ts'
import { findChain } from '../../../services/areas/firewall/chain-text.ts'
import { numberOf } from '../../../services/areas/firewall/describe.ts'
import { toOtherFamily } from '../../../services/areas/firewall/other-family.ts'
import { ruleInputText } from '../../../services/areas/firewall/rule-input.ts'
import { type ChainRef, placeWords, type RuleSet } from '../../../services/model/firewall.ts'
import { type Safe, safe, say } from '../../../services/model/safe.ts'
import type { Kit } from '../../kit.ts'
import { openedEditor } from '../../slices/edit-dialog.ts'
import type { Dialog } from '../../slices/view.ts'
import { fieldOf } from '../../text-field.ts'
import type { RuleDialog, RuleTask } from './form.ts'
import type { RuleItem } from './items.ts'
import { firewallLists } from './lists.ts'
import { firstQuestion } from './packet-answer.ts'
import { itemHere } from './under-cursor.ts'

/** The sheets of the firewall: the rule editor, a chain's policy, the question about a connection. */

const show = (kit: Kit, dialog: Dialog): void => kit.set(({ view }) => ({ view: { ...view, dialog } }))

const editor = (task: RuleTask, title: Safe, text: string): RuleDialog => openedEditor('firewall', task, title, text)

/** a: a new rule before the one under the cursor, or at the end of the chain under it; its place is named. */
export function openNewRule(kit: Kit): void {
  const state = kit.get()
  const { family, table } = state.view.firewall
  const rules = firewallLists(kit.lists).rules(state, family)
  if (!rules) return
  const item = itemHere(kit, state)
  const at: ChainRef =
    item && (item.kind === 'rule' || item.kind === 'chain') ? item.at : { family, table, chain: 'INPUT' }
  const before = item?.kind === 'rule' ? standing(rules.base, rules.after, at, item.id) : null
  const number = before === null ? null : numberOf(rules.after, at, before)
  const length = findChain(rules.after, at)?.rules.length ?? 0
  const title =
    number === null
      ? say`new rule in ${placeWords(at)} at ${length + 1}, the end`
      : say`new rule in ${placeWords(at)} at ${number}, before what is rule ${number} now`
  show(kit, editor({ kind: 'add', at, before }, title, ''))
}

/** e: the editor for a rule. */
export const openRule = (kit: Kit, item: RuleItem): void =>
  show(
    kit,
    editor(
      { kind: 'edit', at: item.at, ruleId: item.id },
      say`rule ${item.number ?? 0} of ${placeWords(item.at)}`,
      ruleInputText(item.rule),
    ),
  )

/** c: the editor at the end of the same chain in the other family, but before a last rule that takes everything. */
export function openCopy(kit: Kit, item: RuleItem): void {
  const at: ChainRef = { ...item.at, family: item.at.family === 'v4' ? 'v6' : 'v4' }
  const rules = firewallLists(kit.lists).rules(kit.get(), at.family)
  const chain = rules && findChain(withTable(rules.after, at.table), at)
  const made = toOtherFamily(item.rule.text, item.at.family)
  if (!made.ok) return kit.tell('info', made.error)
  if (!chain) return kit.tell('info', say`The other family has no chain ${safe(at.chain)} to copy it to.`)
  const last = chain.rules.at(-1)
  const before = last && /^-j (DROP|REJECT)\b/.test(last.text) ? last.id : null
  const title = say`copy to ${placeWords(at)} at ${before === null ? chain.rules.length + 1 : chain.rules.length}`
  const dialog = editor({ kind: 'add', at, before }, title, made.value)
  const { family, table } = at
  kit.set(({ view }) => ({ view: { ...view, dialog, firewall: { family, table } } }))
}

/** The rule a new one goes before: the one under the cursor or, when that one is to be deleted, the next that stays. */
function standing(base: RuleSet, after: RuleSet, at: ChainRef, ruleId: string): string | null {
  const now = new Set(findChain(after, at)?.rules.map((rule) => rule.id))
  if (now.has(ruleId)) return ruleId
  const old = findChain(base, at)?.rules ?? []
  const place = old.findIndex((rule) => rule.id === ruleId)
  return old.slice(place + 1).find((rule) => now.has(rule.id))?.id ?? null
}

/** P: the policy of the chain under the cursor. */
export function openPolicy(kit: Kit): void {
  const item = itemHere(kit, kit.get())
  const at = item?.kind === 'rule' || item?.kind === 'chain' ? item.at : null
  const rules = at && firewallLists(kit.lists).rules(kit.get(), at.family)
  const policy = (rules && findChain(rules.after, at)?.policy) ?? null
  if (!at) return kit.tell('info', say`P changes the policy of a chain: put the cursor on it or on one of its rules.`)
  if (policy === null) return kit.tell('info', say`Only built-in chains have a policy.`)
  show(kit, { kind: 'policy', at, policy })
}

/** t: asks whether a connection would pass, the operator's own to begin with. */
export const askPacket = (kit: Kit): void => show(kit, { kind: 'packet', field: fieldOf(firstQuestion(kit.get())) })
