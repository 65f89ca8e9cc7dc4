import { findChain } from '../areas/firewall/chain-text.ts'
import type { Family, RuleSet } from '../model/firewall.ts'
import type { ChangeIntent, FileChange } from '../model/plan.ts'
import { type Safe, safe, say } from '../model/safe.ts'
import type { TransactionRecord } from '../model/transaction.ts'
import type { Unit } from '../model/units.ts'
import { chainThen, chainWords, undoChain } from './undo-chain.ts'
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
  return touches.map((at): Undo => {
    const now = findChain(rules, at)
    if (!now) return only(say`The chain ${chainWords(at)} is no longer there.`)
    const { edits, remarks } = undoChain({
      at,
      before: chainThen(before, at),
      after: chainThen(after, at),
      now,
      newId,
    })
    return { intents: edits.map((edit) => ({ kind: 'edit-rules', edit })), remarks }
  })
}

/** What the file holds now is taken to be what was written then: where it is not, the server refuses to arm. */
const undoFile = ({ path, text, was }: FileChange): Undo => ({
  intents: text === was ? [] : [{ kind: 'put-file', path, text: was, was: text }],
  remarks: [],
})
