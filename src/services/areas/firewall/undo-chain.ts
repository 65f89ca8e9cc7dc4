import { type Chain, type ChainRef, placeWords, type Rule, type RuleEdit } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { longestCommon } from '../../steps/longest-common.ts'

/** One chain as a record has it: its policy (`-`, `absent` or a target) and the texts of its rules. */
export type ChainThen = { readonly policy: string; readonly rules: readonly string[] }

/** Reads one chain out of a canonical text (`chainText`). */
export function chainThen(text: string, at: Pick<ChainRef, 'table' | 'chain'>): ChainThen {
  const lines = text.split('\n')
  const head = `*${at.table} ${at.chain} `
  const start = lines.findIndex((line) => line.startsWith(head))
  if (start < 0) return { policy: 'absent', rules: [] }
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line === '' || line.startsWith('*'))
  return {
    policy: (lines[start] as string).slice(head.length),
    rules: rest
      .slice(0, end < 0 ? rest.length : end)
      .map((line) => line.slice(`-A ${at.chain}`.length).replace(/^ /, '')),
  }
}

type ChainToUndo = {
  readonly at: ChainRef
  readonly before: ChainThen
  readonly after: ChainThen
  readonly now: Chain
  readonly newId: () => string
}

/** What the parts of one undo share. */
type Work = ChainToUndo & {
  /** Where each rule of before stands in after, and each of after now; null where it is gone. */
  readonly kept: readonly (number | null)[]
  readonly standing: readonly (number | null)[]
  /** Rules of now that do not stand where the transaction left them: others added or moved them. */
  readonly loose: Set<Rule>
  readonly remarks: Safe[]
}

/** The edits that undo what a transaction did to one chain, in the order in which they are to be made. */
export type UndoneChain = { readonly edits: readonly RuleEdit[]; readonly remarks: readonly Safe[] }

/** Undoes the making or the deleting of a chain; `now` is null where there is no such chain. */
export function undoWholeChain({ at, before, after, newId }: Omit<ChainToUndo, 'now'>, now: Chain | null): UndoneChain {
  if (before.policy === after.policy) return { edits: [], remarks: [] }
  if (after.policy !== 'absent') {
    if (!now) return { edits: [], remarks: [say`The chain ${placeWords(at)} is no longer there.`] }
    const foreign = now.rules.length - after.rules.length
    const remarks = foreign > 0 ? [say`${placeWords(at)} goes with ${foreign} rules that others put into it.`] : []
    return { edits: [{ kind: 'delete-chain', at }], remarks }
  }
  if (now) return { edits: [], remarks: [say`The chain ${placeWords(at)} is there again already.`] }
  const rules = before.rules.map((text): RuleEdit => ({ kind: 'insert', at, before: null, ruleId: newId(), text }))
  return { edits: [{ kind: 'new-chain', at }, ...rules], remarks: [] }
}

/** Undoes what was done inside a chain. */
export function undoChain(asked: ChainToUndo): UndoneChain {
  const { before, after, now } = asked
  const live = now.rules.map((rule) => rule.text)
  const standing = partners(after.rules, live)
  const known = new Set(standing)
  const work: Work = {
    ...asked,
    kept: partners(before.rules, after.rules),
    standing,
    loose: new Set(now.rules.filter((_, place) => !known.has(place))),
    remarks: [],
  }
  return { edits: [...deletions(work), ...insertions(work), ...policies(work)], remarks: work.remarks }
}

/** Which line of one list became which of another, by text and order. */
function partners(from: readonly string[], to: readonly string[]): readonly (number | null)[] {
  const found = new Map(longestCommon(from, to))
  return from.map((_, at) => found.get(at) ?? null)
}

/** Takes a rule of this text out of the loose ones. */
function claim({ loose }: Work, text: string): Rule | null {
  const found = [...loose].find((rule) => rule.text === text) ?? null
  if (found) loose.delete(found)
  return found
}

/** What the transaction added and is still there goes, wherever it stands. */
function deletions(work: Work): readonly RuleEdit[] {
  const { at, after, kept, standing, now, remarks } = work
  const old = new Set(kept)
  return after.rules.flatMap((text, place): readonly RuleEdit[] => {
    if (old.has(place)) return []
    const stands = standing[place] ?? null
    const rule = stands === null ? claim(work, text) : now.rules[stands]
    if (rule) return [{ kind: 'delete', at, ruleId: rule.id }]
    remarks.push(say`${placeWords(at)}: rule ${safe(text)} is no longer there.`)
    return []
  })
}

/** What it took away comes back before the rule that followed it then, or the next of those that is still there. */
function insertions(work: Work): readonly RuleEdit[] {
  const { at, before, kept, standing, now, newId, remarks } = work
  const ruleNow = (then: number): Rule | null => now.rules[standing[then] ?? -1] ?? null
  return before.rules.flatMap((text, place): readonly RuleEdit[] => {
    if (kept[place] !== null) return []
    if (claim(work, text)) {
      remarks.push(say`${placeWords(at)}: rule ${safe(text)} is there again already.`)
      return []
    }
    const followers = kept.slice(place).filter((one) => one !== null)
    const next = followers.find((one) => ruleNow(one) !== null)
    if (next !== followers[0])
      remarks.push(
        say`${placeWords(at)}: what followed ${safe(text)} is gone; it goes before the next rule that is left. Look at the order.`,
      )
    const anchor = next === undefined ? null : (ruleNow(next)?.id ?? null)
    return [{ kind: 'insert', at, before: anchor, ruleId: newId(), text }]
  })
}

function policies({ at, before: { policy }, after, now, remarks }: Work): readonly RuleEdit[] {
  if (policy === after.policy || (policy !== 'ACCEPT' && policy !== 'DROP')) return []
  if (now.policy !== policy) return [{ kind: 'policy', at, policy }]
  remarks.push(say`${placeWords(at)}: the policy is ${policy === 'DROP' ? say`DROP` : say`ACCEPT`} again already.`)
  return []
}
