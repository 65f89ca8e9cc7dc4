import { findChain } from '../../services/areas/firewall/chain-text.ts'
import { applyEdits } from '../../services/areas/firewall/edits.ts'
import type { ChainRef, RuleEdit, RuleSet } from '../../services/model/firewall.ts'
import type { StagedChange } from '../../services/model/plan.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import type { ChainItem, RuleItem } from '../lists/firewall-list.ts'
import type { PaneItem } from '../lists/selectors.ts'
import {
  changesOf,
  editsOf,
  policyChangeOf,
  redone,
  stageChange,
  undone,
  unstage,
  withChanges,
} from '../slices/staging.ts'
import { itemUnderCursor } from './cursor.ts'
import { changeOf } from './describe.ts'
import { createFixes, type Fixes } from './fix.ts'

export type StageActions = {
  /** Space: stages the fix under the cursor, or takes back what is staged there. */
  readonly toggleFix: () => void
  /** Why Space does nothing here; null when it does something. */
  readonly whyNoFix: () => Safe | null
  readonly deleteRule: () => void
  readonly moveRule: (direction: 1 | -1) => void
  readonly setPolicy: (at: ChainRef, policy: 'ACCEPT' | 'DROP') => void
  readonly unstage: (changeId: string) => void
  readonly undo: () => void
  readonly redo: () => void
  readonly switchPersistence: () => void
  /** Stages an edit that was checked. */
  readonly stageEdit: (edit: RuleEdit, origin?: StagedChange['origin']) => void
}

/** The rule or chain under the cursor of the firewall pane. */
export function ruleUnderCursor(kit: Pick<Kit, 'lists'>, state: ConsoleState): RuleItem | null {
  const item = state.view.focused === 'firewall' ? itemUnderCursor(kit, state) : null
  return item?.kind === 'rule' ? item : null
}

/** The user-defined chain under the cursor of the firewall pane that is the operator's own. */
export function ownChainUnderCursor(kit: Pick<Kit, 'lists'>, state: ConsoleState): ChainItem | null {
  const item = state.view.focused === 'firewall' ? itemUnderCursor(kit, state) : null
  return item?.kind === 'chain' && item.chain.policy === null && item.owner === null ? item : null
}

const sameChain = (a: ChainRef, b: ChainRef): boolean =>
  a.family === b.family && a.table === b.table && a.chain === b.chain

/** The chain whose policy Space would set to DROP. */
const policyFix = (item: PaneItem): ChainRef | null =>
  item.kind === 'chain' && item.livePolicy === 'ACCEPT' && item.at.table === 'filter' && item.chain.policy !== null
    ? item.at
    : null

/** Staging: nothing here reaches the server. */
export function createStageActions(kit: Kit): StageActions {
  const { get, set, lists } = kit
  const fixes = createFixes(kit)

  const commit = (changes: readonly StagedChange[]): void =>
    set(({ staging }) => ({ staging: withChanges(staging, changes) }))

  function stageEdit(edit: RuleEdit, origin: StagedChange['origin'] = 'operator'): void {
    const state = get()
    const rules = lists.staged(state, edit.at.family)
    if (!rules) return
    const { after } = applyEdits(rules.after, [edit])
    const change = changeOf(`change-${kit.nextNumber()}`, edit, origin, rules.after, after)
    const changes = stageChange(state.staging.changes, change)
    const needed = withoutIdle(rules.base, changes, edit)
    commit(needed)
    if (needed === changes) kit.tell('good', say`Staged: ${change.target} ${change.summary}`)
    else kit.tell('info', say`The rule is as the server has it again: nothing is staged for it.`)
  }

  const drop = (changes: readonly StagedChange[], words: Safe): void => {
    let left = get().staging.changes
    for (const change of changes) left = unstage(left, change.id)
    commit(left)
    kit.tell('info', words)
  }

  function setPolicy(at: ChainRef, policy: 'ACCEPT' | 'DROP'): void {
    const rules = lists.staged(get(), at.family)
    const live = rules ? (findChain(rules.base, at)?.policy ?? 'ACCEPT') : null
    const staged = policyChangeOf(get().staging.changes, at)
    if (policy !== live) stageEdit({ kind: 'policy', at, policy })
    else if (staged) drop([staged], say`The policy stays as it is.`)
    else kit.tell('info', say`That is the policy already.`)
  }

  function deleteChain({ at, mark }: ChainItem): void {
    const rules = lists.staged(get(), at.family)
    if (!rules) return
    const staged = get().staging.changes.find(
      ({ intent }) =>
        intent.kind === 'edit-rules' && intent.edit.kind === 'delete-chain' && sameChain(intent.edit.at, at),
    )
    if (mark === 'deleted' && staged) return drop([staged], say`The chain stays.`)
    const { conflicts } = applyEdits(rules.after, [{ kind: 'delete-chain', at }])
    if (conflicts[0]) return kit.tell('info', say`${safe(at.chain)} can't be deleted: ${conflicts[0].reason}.`)
    stageEdit({ kind: 'delete-chain', at })
  }

  function deleteRule(): void {
    const chain = ownChainUnderCursor(kit, get())
    if (chain) return deleteChain(chain)
    const item = ruleUnderCursor(kit, get())
    if (!item) return
    if (item.mark === 'deleted') drop(changesOf(get().staging.changes, item.id), say`The rule stays.`)
    else stageEdit({ kind: 'delete', at: item.at, ruleId: item.id })
  }

  function toggleFix(): void {
    const item = itemUnderCursor(kit, get())
    if (!item) return
    if (item.kind === 'rule') return drop(changesOf(get().staging.changes, item.id), say`Unstaged.`)
    if (item.kind === 'finding') {
      const toggled = fixes.toggle(item.finding)
      if (!toggled) return
      commit(toggled.changes)
      return kit.tell('good', toggled.words)
    }
    const staged = item.kind === 'chain' && policyChangeOf(get().staging.changes, item.at)
    const fix = policyFix(item)
    if (staged) drop([staged], say`Unstaged: the policy stays as it is.`)
    else if (fix) setPolicy(fix, 'DROP')
  }

  return {
    toggleFix,
    whyNoFix: () => whyNoFix(itemUnderCursor(kit, get()), fixes),
    deleteRule,
    moveRule: (direction) => moveRule(kit, direction, stageEdit),
    setPolicy,
    unstage: (id) => {
      commit(unstage(get().staging.changes, id))
      kit.tell('info', say`Unstaged; u undoes that.`)
    },
    undo: () => {
      set(({ staging }) => ({ staging: undone(staging) }))
      kit.tell('info', say`Undone; Ctrl-r does it again.`)
    },
    redo: () => {
      set(({ staging }) => ({ staging: redone(staging) }))
      kit.tell('info', say`Done again.`)
    },
    switchPersistence: () =>
      set(({ staging }) => ({
        staging: { ...staging, persistence: staging.persistence === 'loader' ? 'none' : 'loader' },
      })),
    stageEdit,
  }
}

/** Changes without those of one rule that, all together, leave its chain as it is on the server without them. */
function withoutIdle(base: RuleSet, changes: readonly StagedChange[], edit: RuleEdit): readonly StagedChange[] {
  if (edit.kind !== 'move' && edit.kind !== 'replace') return changes
  const others = changes.filter((change) => !changesOf([change], edit.ruleId).length)
  const inserted = changesOf(changes, edit.ruleId).some((change) => change.intent.edit.kind === 'insert')
  if (inserted || others.length === changes.length) return changes
  const rulesAfter = (some: readonly StagedChange[]): string => {
    const rules = findChain(applyEdits(base, editsOf(some)).after, edit.at)?.rules ?? []
    return JSON.stringify(rules.map((rule) => [rule.id, rule.text]))
  }
  return rulesAfter(others) === rulesAfter(changes) ? others : changes
}

function whyNoFix(item: PaneItem | null, fixes: Fixes): Safe | null {
  if (!item) return say`there is nothing under the cursor`
  if (item.kind === 'rule')
    return item.mark ? null : say`a rule has no fix to stage: e edits it, x deletes it, a adds one before it`
  if (item.kind === 'finding') return fixes.whyNot(item.finding)
  if (item.kind === 'chain') return policyFix(item) ? null : chainReason(item)
  return say`no fix can be staged for this yet; Enter says what to do`
}

const chainReason = (item: ChainItem): Safe | null =>
  item.chain.policy === null
    ? say`only built-in chains have a policy`
    : item.chain.policy === item.livePolicy
      ? say`its policy is as it should be; P changes it`
      : null

function moveRule(kit: Kit, direction: 1 | -1, stageEdit: (edit: RuleEdit) => void): void {
  const state = kit.get()
  const item = ruleUnderCursor(kit, state)
  const rules = item && findChain(kit.lists.staged(state, item.at.family)?.after ?? NO_RULES, item.at)?.rules
  if (!item || !rules) return
  const at = rules.findIndex((rule) => rule.id === item.id)
  if (at < 0) return kit.tell('info', say`This rule is staged for deletion; x keeps it.`)
  const to = at + direction
  if (to < 0 || to >= rules.length)
    return kit.tell('info', say`The rule is at the ${direction < 0 ? TOP : END} of its chain.`)
  const before = direction < 0 ? rules[to]?.id : (rules[to + 1]?.id ?? null)
  stageEdit({ kind: 'move', at: item.at, ruleId: item.id, before: before ?? null })
}

const TOP = say`top`
const END = say`end`
const NO_RULES = { family: 'v4', tables: [] } as const
