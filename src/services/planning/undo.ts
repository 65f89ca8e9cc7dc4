import { findChain } from '../areas/firewall/chain-text.ts'
import type { Family, RuleEdit, RuleSet } from '../model/firewall.ts'
import type { ChangeIntent, FileChange } from '../model/plan.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import { type TransactionRecord, tooNew } from '../model/transaction.ts'
import type { Unit } from '../model/units.ts'
import { chainThen, chainWords, type UndoneChain, undoChain, undoWholeChain } from './undo-chain.ts'
import { undoUnit } from './undo-unit.ts'

/** What is there now; null where it could not be read. */
export type UndoFacts = {
  readonly rules: (family: Family) => RuleSet | null
  readonly units: readonly Unit[] | null
}

/** The change that undoes a transaction, and in words what of it no longer fits: nothing is ever guessed. */
export type Undo = { readonly intents: readonly ChangeIntent[]; readonly remarks: readonly Safe[] }

/** Makes the change that undoes what a transaction did, on what is there now. `newId` names the rules put back. */
export function undoOf(record: TransactionRecord, facts: UndoFacts, newId: () => string): Undo {
  const newer = tooNew(record)
  if (newer) return only(say`Nothing of it is undone here: ${newer}.`)
  const parts = [
    ...record.rules.flatMap((one) => undoRules(one, facts, newId)),
    ...record.files.map(undoFile),
    ...record.units.map((change) => undoUnit(change, facts.units)),
  ]
  return { intents: parts.flatMap((part) => part.intents), remarks: parts.flatMap((part) => part.remarks) }
}

const only = (words: Safe): Undo => ({ intents: [], remarks: [words] })

function undoRules(
  { family, touches, before, after }: TransactionRecord['rules'][number],
  facts: UndoFacts,
  newId: () => string,
): readonly Undo[] {
  const rules = facts.rules(family)
  if (!rules) return [only(say`The ${safe(family)} rules can't be read: nothing of them is undone.`)]
  const parts = touches.map((at) => {
    const asked = { at, before: chainThen(before, at), after: chainThen(after, at), newId }
    const now = findChain(rules, at)
    if (asked.before.policy === 'absent' || asked.after.policy === 'absent') return undoWholeChain(asked, now)
    return now ? undoChain({ ...asked, now }) : none(say`The chain ${chainWords(at)} is no longer there.`)
  })
  // A chain comes before what jumps into it, and goes after.
  const edits = parts.flatMap((part) => part.edits).toSorted((a, b) => turn(a) - turn(b))
  return [
    {
      intents: edits.map((edit) => ({ kind: 'edit-rules', edit })),
      remarks: parts.flatMap((part) => part.remarks),
    },
  ]
}

const none = (words: Safe): UndoneChain => ({ edits: [], remarks: [words] })
const turn = ({ kind }: RuleEdit): number => (kind === 'new-chain' ? 0 : kind === 'delete-chain' ? 2 : 1)

/** What the file holds now is taken to be what was written then: where it is not, the server refuses to arm. */
const undoFile = ({ path, text, was }: FileChange): Undo => ({
  intents: text === was ? [] : [{ kind: 'put-file', path, text: was, was: text }],
  remarks: [],
})
