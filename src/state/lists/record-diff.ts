import { chainThen } from '../../services/areas/firewall/undo-chain.ts'
import { type ChainRef, placeWords } from '../../services/model/firewall.ts'
import { LINE_CAP, safe, say } from '../../services/model/safe.ts'
import type { DiffLine } from '../../services/model/step.ts'
import type { TransactionRecord } from '../../services/model/transaction.ts'
import { accountStep } from '../../services/steps/account-step.ts'
import { fileStep } from '../../services/steps/file-step.ts'
import { diffOf } from '../../services/steps/text-diff.ts'
import { unitStep } from '../../services/steps/unit-step.ts'

/** All that a transaction changed, as the review showed it before it was armed: chains, accounts, files, units. */
export const recordDiff = (record: TransactionRecord): readonly DiffLine[] => [
  ...record.rules.flatMap(({ touches, before, after }) => touches.flatMap((at) => chainDiff(at, before, after))),
  ...record.accounts.flatMap((change) => accountStep(change)?.diff ?? []),
  ...record.files.flatMap((change) => fileStep(change)?.diff ?? []),
  ...record.units.flatMap((change) => unitStep(change)?.diff ?? []),
]

function chainDiff(at: ChainRef, before: string, after: string): readonly DiffLine[] {
  const chain = safe(at.chain)
  const old = chainThen(before, at)
  const now = chainThen(after, at)
  const policies: readonly DiffLine[] =
    old.policy === now.policy
      ? []
      : old.policy === 'absent'
        ? [{ mark: '+', text: say`-N ${chain}` }]
        : now.policy === 'absent'
          ? [{ mark: '-', text: say`-N ${chain}` }]
          : [
              { mark: '-', text: say`-P ${chain} ${safe(old.policy)}` },
              { mark: '+', text: say`-P ${chain} ${safe(now.policy)}` },
            ]
  return [
    { mark: '@', text: placeWords(at) },
    ...policies,
    ...diffOf(old.rules, now.rules, (text) => say`-A ${chain} ${safe(text, LINE_CAP)}`),
  ]
}
