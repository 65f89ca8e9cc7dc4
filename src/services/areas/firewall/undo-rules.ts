import type { Past, Undone } from '../../model/editing.ts'
import { type FirewallFacts, placeWords, type RuleEdit, type RuleSet } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { undoFiles } from '../../steps/file-edit.ts'
import { findChain } from './chain-text.ts'
import type { FirewallEdit } from './lay.ts'
import { chainThen, type UndoneChain, undoChain, undoWholeChain } from './undo-chain.ts'

/** The edits that undo what a transaction did to rules and files, on the rules that are there now. */
export function undoFirewall(past: Past, now: FirewallFacts | null, newId: () => string): Undone<FirewallEdit> {
  const parts: readonly Undone<FirewallEdit>[] = [
    ...past.rules.map((one) => {
      const read = now?.families[one.family]
      if (read?.state === 'present') return undoRules(one, read.ruleSet, newId)
      return { edits: [], remarks: [say`The ${safe(one.family)} rules can't be read: nothing of them is undone.`] }
    }),
    undoFiles(past.files),
  ]
  return { edits: parts.flatMap(({ edits }) => edits), remarks: parts.flatMap(({ remarks }) => remarks) }
}

function undoRules(
  { touches, before, after }: Past['rules'][number],
  rules: RuleSet,
  newId: () => string,
): Undone<RuleEdit> {
  const parts = touches.map((at) => {
    const asked = { at, before: chainThen(before, at), after: chainThen(after, at), newId }
    const now = findChain(rules, at)
    if (asked.before.policy === 'absent' || asked.after.policy === 'absent') return undoWholeChain(asked, now)
    return now ? undoChain({ ...asked, now }) : none(say`The chain ${placeWords(at)} is no longer there.`)
  })
  return {
    // A chain comes before what jumps into it, and goes after.
    edits: parts.flatMap((part) => part.edits).toSorted((a, b) => turn(a) - turn(b)),
    remarks: parts.flatMap((part) => part.remarks),
  }
}

const none = (words: Safe): UndoneChain => ({ edits: [], remarks: [words] })
const turn = ({ kind }: RuleEdit): number => (kind === 'new-chain' ? 0 : kind === 'delete-chain' ? 2 : 1)
