import { findChain } from '../areas/firewall/chain-text.ts'
import { longestCommon } from '../areas/firewall/delta.ts'
import type { Chain, ChainRef, Rule, RuleEdit, RuleSet } from '../model/firewall.ts'
import type { ChangeIntent, FileChange, UnitChange } from '../model/plan.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { TransactionRecord } from '../model/transaction.ts'
import type { Unit } from '../model/units.ts'

/** What is there now; null where it could not be read. */
export type UndoFacts = {
  readonly rules: (family: ChainRef['family']) => RuleSet | null
  readonly units: readonly Unit[] | null
}

/** The change that undoes a transaction, and in words what of it no longer fits: nothing is ever guessed. */
export type Undo = { readonly intents: readonly ChangeIntent[]; readonly remarks: readonly Safe[] }

/** Makes the change that undoes what a transaction did, on what is there now. `newId` names the rules put back. */
export function undoOf(record: TransactionRecord, facts: UndoFacts, newId: () => string): Undo {
  const parts: readonly Undo[] = [
    ...record.rules.flatMap(({ family, touches, before, after }) =>
      touches.map((at): Undo => {
        const rules = facts.rules(family)
        const chain = rules && findChain(rules, at)
        if (!rules) return remark(say`The ${safe(family)} rules can't be read: nothing of them is undone.`)
        if (!chain) return remark(say`The chain ${nameOf(at)} is no longer there.`)
        return undoChain(at, textOf(before, at), textOf(after, at), chain, newId)
      }),
    ),
    ...record.files.map(undoFile),
    ...record.units.map((change) => undoUnit(change, facts.units)),
  ]
  return { intents: parts.flatMap((part) => part.intents), remarks: parts.flatMap((part) => part.remarks) }
}

const remark = (words: Safe): Undo => ({ intents: [], remarks: [words] })
const nameOf = (at: ChainRef): Safe => say`${safe(at.family)} ${safe(at.table)} ${safe(at.chain)}`

/** One chain out of a canonical text (`chainText`). */
export type ChainThen = { readonly policy: string; readonly rules: readonly string[] }

/** Reads one chain of a record: its policy (`-`, `absent` or a target) and the texts of its rules. */
export function textOf(text: string, at: Pick<ChainRef, 'table' | 'chain'>): ChainThen {
  const lines = text.split('\n')
  const head = `*${at.table} ${at.chain} `
  const start = lines.findIndex((line) => line.startsWith(head))
  if (start < 0) return { policy: 'absent', rules: [] }
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => !line.startsWith(`-A ${at.chain}`))
  const rules = rest.slice(0, end < 0 ? rest.length : end)
  return {
    policy: lines[start]?.slice(head.length) ?? 'absent',
    rules: rules.map((line) => line.slice(`-A ${at.chain}`.length).replace(/^ /, '')),
  }
}

/** Which rule of one list became which of another, by text and order; null where it became none. */
function partners(from: readonly string[], to: readonly string[]): readonly (number | null)[] {
  const found = new Map(longestCommon(from, to))
  return from.map((_, at) => found.get(at) ?? null)
}

function undoChain(at: ChainRef, before: ChainThen, after: ChainThen, now: Chain, newId: () => string): Undo {
  const live = now.rules.map((rule) => rule.text)
  const kept = partners(before.rules, after.rules)
  const standing = partners(after.rules, live)
  const known = new Set(standing)
  /** Rules of now that this transaction did not leave behind where they stand: somebody moved or added them. */
  const loose = new Map(now.rules.map((rule, place) => [place, rule] as const).filter(([place]) => !known.has(place)))
  const remarks: Safe[] = []
  const added = deletions(at, after, new Set(kept), standing, now, loose, remarks)
  const back = insertions(at, before, kept, standing, now, loose, newId, remarks)
  const edits = [...added, ...back, ...policyEdit(at, before, after, now, remarks)]
  return { intents: edits.map((edit) => ({ kind: 'edit-rules', edit })), remarks }
}

/** Takes a rule with this text out of the loose ones. */
function claim(loose: Map<number, Rule>, text: string): Rule | null {
  const found = [...loose].find(([, rule]) => rule.text === text)
  if (found) loose.delete(found[0])
  return found?.[1] ?? null
}

/** What the transaction added and is still there goes. */
function deletions(
  at: ChainRef,
  after: ChainThen,
  kept: ReadonlySet<number | null>,
  standing: readonly (number | null)[],
  now: Chain,
  loose: Map<number, Rule>,
  remarks: Safe[],
): readonly RuleEdit[] {
  return after.rules.flatMap((text, place): readonly RuleEdit[] => {
    if (kept.has(place)) return []
    const stands = standing[place] ?? null
    const rule = stands === null ? claim(loose, text) : (now.rules[stands] ?? null)
    if (rule) return [{ kind: 'delete', at, ruleId: rule.id }]
    remarks.push(say`Rule ${safe(text)} of ${nameOf(at)} is no longer there.`)
    return []
  })
}

/** What it took away comes back before the rule that followed it then, or the next of those that is still there. */
function insertions(
  at: ChainRef,
  before: ChainThen,
  kept: readonly (number | null)[],
  standing: readonly (number | null)[],
  now: Chain,
  loose: Map<number, Rule>,
  newId: () => string,
  remarks: Safe[],
): readonly RuleEdit[] {
  const placeNow = (old: number): number | null => standing[kept[old] ?? -1] ?? null
  return before.rules.flatMap((text, place): readonly RuleEdit[] => {
    if (kept[place] !== null) return []
    if (claim(loose, text)) {
      remarks.push(say`Rule ${safe(text)} of ${nameOf(at)} is there again already.`)
      return []
    }
    const followers = before.rules.map((_, old) => old).filter((old) => old > place && kept[old] !== null)
    const next = followers.find((old) => placeNow(old) !== null)
    if (next !== followers[0])
      remarks.push(
        say`The rule that followed ${safe(text)} in ${nameOf(at)} is gone: it goes before the next one that is still there. Look at the order.`,
      )
    const anchor = next === undefined ? null : (now.rules[placeNow(next) ?? -1]?.id ?? null)
    return [{ kind: 'insert', at, before: anchor, ruleId: newId(), text }]
  })
}

function policyEdit(
  at: ChainRef,
  before: ChainThen,
  after: ChainThen,
  now: Chain,
  remarks: Safe[],
): readonly RuleEdit[] {
  const { policy } = before
  if (policy === after.policy || (policy !== 'ACCEPT' && policy !== 'DROP')) return []
  if (now.policy !== policy) return [{ kind: 'policy', at, policy }]
  remarks.push(say`The policy of ${nameOf(at)} is ${safe(policy)} again already.`)
  return []
}

/** The file's text of now is not read here: that it is still what was written then is checked by the server. */
function undoFile({ path, text, was }: FileChange): Undo {
  return text === was
    ? { intents: [], remarks: [] }
    : { intents: [{ kind: 'put-file', path, text: was, was: text }], remarks: [] }
}

type Verbs = Pick<UnitChange, 'run' | 'boot'>
const RUN_BACK: Readonly<Record<string, Verbs['run']>> = { active: 'start', inactive: 'stop', failed: 'stop' }
const BOOT_BACK: Readonly<Record<string, Verbs['boot']>> = { enabled: 'enable', disabled: 'disable', masked: 'mask' }

function undoUnit({ unit, run, boot, was }: UnitChange, units: readonly Unit[] | null): Undo {
  const name = safe(unit)
  if (!units) return remark(say`The services can't be read: ${name} stays as it is.`)
  const now = units.find((one) => one.name === unit)
  if (!now) return remark(say`${name} is no longer there.`)
  const running = { run: now.active as string, boot: now.boot as string }
  const remarks: Safe[] = []
  const runBack = run === null || run === 'restart' || run === 'reload' ? null : (RUN_BACK[was.run] ?? null)
  const bootBack = boot === null ? null : boot === 'mask' ? 'unmask' : (BOOT_BACK[was.boot] ?? null)
  if (run === 'restart' || run === 'reload')
    remarks.push(say`${name} was told to ${safe(run)}: there is nothing to undo about that.`)
  if (boot !== null && bootBack === null) remarks.push(say`No verb brings ${name} back to ${safe(was.boot)} at boot.`)
  const isRunning = (state: string): boolean => state === 'active'
  const verbs: Verbs = {
    run: runBack && isRunning(running.run) !== (runBack === 'start') ? runBack : null,
    boot: bootBack && running.boot !== was.boot ? bootBack : null,
  }
  if (!verbs.run && !verbs.boot)
    return { intents: [], remarks: [...remarks, ...(runBack || bootBack ? [say`${name} is as it was already.`] : [])] }
  return { intents: [{ kind: 'set-unit', unit, ...verbs, was: running }], remarks }
}
