import { type ChainRef, isOneRule, type RuleEdit } from '../../services/model/firewall.ts'
import type { StagedChange } from '../../services/model/plan.ts'
import { foldFile, foldUnit, isFileChange, isRuleChange, isUnitChange, type RuleChange } from './fold-others.ts'

/** Staged changes, oldest first, with what undo and redo go through. */
export type StagingSlice = {
  readonly changes: readonly StagedChange[]
  readonly past: readonly (readonly StagedChange[])[]
  readonly future: readonly (readonly StagedChange[])[]
  /** What becomes of the rules at boot, on a host that loads none. */
  readonly persistence: 'loader' | 'none' | null
}

const KEPT = 200

export const initialStaging: StagingSlice = { changes: [], past: [], future: [], persistence: null }

/** The staging after a step that undo can take back. */
export const withChanges = (slice: StagingSlice, changes: readonly StagedChange[]): StagingSlice => ({
  ...slice,
  changes,
  past: [...slice.past, slice.changes].slice(-KEPT),
  future: [],
})

export function undone(slice: StagingSlice): StagingSlice {
  const changes = slice.past.at(-1)
  if (!changes) return slice
  return { ...slice, changes, past: slice.past.slice(0, -1), future: [slice.changes, ...slice.future] }
}

export function redone(slice: StagingSlice): StagingSlice {
  const [changes, ...future] = slice.future
  if (!changes) return slice
  return { ...slice, changes, past: [...slice.past, slice.changes], future }
}

const editOf = (change: RuleChange): RuleEdit => change.intent.edit
const kindOf = (change: StagedChange): RuleEdit['kind'] | null => (isRuleChange(change) ? editOf(change).kind : null)
const concerns = (change: StagedChange, ruleId: string): change is RuleChange => {
  const edit = isRuleChange(change) ? editOf(change) : null
  return edit !== null && isOneRule(edit) && edit.ruleId === ruleId
}
const isIn = (change: StagedChange, at: ChainRef): change is RuleChange => {
  const there = isRuleChange(change) ? editOf(change).at : null
  return there?.family === at.family && there.table === at.table && there.chain === at.chain
}

/** The edits of rules and policies among staged changes. */
export const editsOf = (changes: readonly StagedChange[]): readonly RuleEdit[] =>
  changes.filter(isRuleChange).map(editOf)
const withEdit = (change: StagedChange, edit: RuleEdit, like: StagedChange): StagedChange => ({
  ...like,
  id: change.id,
  intent: { kind: 'edit-rules', edit },
})

/** Adds one change to those staged, folding it into what is already staged for the same rule, file or unit. */
export function stageChange(changes: readonly StagedChange[], added: StagedChange): readonly StagedChange[] {
  if (isRuleChange(added)) return foldEdit(changes, added)
  if (isFileChange(added)) return foldFile(changes, added)
  return isUnitChange(added) ? foldUnit(changes, added) : changes
}

/** A rule that was only staged and is deleted again leaves nothing behind, a second edit of a rule replaces the first. */
function foldEdit(changes: readonly StagedChange[], added: RuleChange): readonly StagedChange[] {
  const edit = editOf(added)
  if (edit.kind === 'policy') {
    const old = policyChangeOf(changes, edit.at)
    return [...changes.filter((one) => one !== old), added]
  }
  if (edit.kind === 'insert' || edit.kind === 'new-chain') return [...changes, added]
  if (edit.kind === 'delete-chain') {
    // What was staged inside it has become pointless.
    const others = changes.filter((one) => !isIn(one, edit.at))
    const made = changes.some((one) => isIn(one, edit.at) && kindOf(one) === 'new-chain')
    return made ? others : [...others, added]
  }
  const mine = changes.filter((one): one is RuleChange => concerns(one, edit.ruleId))
  const inserted = mine.find((one) => kindOf(one) === 'insert')
  if (edit.kind === 'delete') {
    const others = changes.filter((one) => !concerns(one, edit.ruleId))
    return inserted ? withoutPlace(others, editOf(inserted)) : [...others, added]
  }
  if (edit.kind === 'replace') {
    const same = mine.find((one) => ['insert', 'replace'].includes(editOf(one).kind))
    if (!same) return [...changes, added]
    const old = editOf(same)
    const now: RuleEdit = old.kind === 'insert' ? { ...old, text: edit.text } : edit
    const like = old.kind === 'insert' ? { ...same, summary: added.summary } : added
    return changes.map((one) => (one === same ? withEdit(same, now, like) : one))
  }
  const last = changes.at(-1)
  const moved = last && concerns(last, edit.ruleId) && kindOf(last) === 'move'
  return [...(moved ? changes.slice(0, -1) : changes), added]
}

/** Edits that were to stand before an inserted rule that is gone now stand where it stood. */
function withoutPlace(changes: readonly StagedChange[], gone: RuleEdit): readonly StagedChange[] {
  if (gone.kind !== 'insert') return changes
  return changes.map((change) => {
    if (!isRuleChange(change)) return change
    const edit = editOf(change)
    if ((edit.kind !== 'insert' && edit.kind !== 'move') || edit.before !== gone.ruleId) return change
    return { ...change, intent: { kind: 'edit-rules', edit: { ...edit, before: gone.before } } }
  })
}

/** The changes without one of them; what was staged on top of an inserted rule goes with it. */
export function unstage(changes: readonly StagedChange[], id: string): readonly StagedChange[] {
  const gone = changes.find((one) => one.id === id)
  if (!gone) return changes
  const edit = isRuleChange(gone) ? editOf(gone) : null
  if (edit?.kind === 'new-chain') return changes.filter((one) => !isIn(one, edit.at))
  if (edit?.kind !== 'insert') return changes.filter((one) => one !== gone)
  return withoutPlace(
    changes.filter((one) => !concerns(one, edit.ruleId)),
    edit,
  )
}

const FIX = /^fix:(.+):\d+$/s

/** The id of the `number`th change that a finding's fix stages: a fix is known by its changes. */
export const fixId = (checkId: string, number: number): string => `fix:${checkId}:${number}`

/** What the fix of a finding has staged. */
export const fixChanges = (changes: readonly StagedChange[], checkId: string): readonly StagedChange[] =>
  changes.filter((one) => FIX.exec(one.id)?.[1] === checkId)

/** The findings whose fix is staged. */
export const fixesOf = (changes: readonly StagedChange[]): ReadonlySet<string> =>
  new Set(changes.flatMap((one) => FIX.exec(one.id)?.[1] ?? []))

/** Every staged change to one rule. */
export const changesOf = (changes: readonly StagedChange[], ruleId: string): readonly RuleChange[] =>
  changes.filter((one): one is RuleChange => concerns(one, ruleId))

/** The staged policy of a chain. */
export const policyChangeOf = (changes: readonly StagedChange[], at: ChainRef): StagedChange | null =>
  changes.find((one) => isIn(one, at) && kindOf(one) === 'policy') ?? null
