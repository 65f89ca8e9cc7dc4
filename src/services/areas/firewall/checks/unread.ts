import type { Family, FirewallFacts } from '../../../model/firewall.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { besideOf } from '../beside.ts'
import { type FirewallCheck, unknown } from './about.ts'

/**
 * A check that says unknown, with the reason, where something filters that it does not see: rules that could not be read,
 * or a table that iptables-save does not tell the truth about. Nor is anything mended there.
 */
export const ofWhatWasRead = (families: readonly Family[], check: FirewallCheck): FirewallCheck => ({
  ...check,
  judge: (facts, host, around) => {
    const [why, ...more] = families.flatMap((family) => unseen(facts, family))
    return why ? unknown(say`not all rules could be read`, [why, ...more]) : check.judge(facts, host, around)
  },
  ...(check.fix
    ? {
        fix: (facts, host, around) =>
          families.some((family) => unseen(facts, family).length > 0)
            ? null
            : (check.fix?.(facts, host, around) ?? null),
      }
    : {}),
})

/** What the checks of a family do not see, in words. */
const unseen = (facts: FirewallFacts, family: Family): readonly Safe[] =>
  besideOf(facts, family).flatMap((layer) =>
    layer.kind === 'unknown'
      ? [layer.reason]
      : layer.insteadOf === null
        ? []
        : [say`table ${safe(layer.insteadOf, 40)} holds rules of nft’s own, which iptables-save does not print truly`],
  )
