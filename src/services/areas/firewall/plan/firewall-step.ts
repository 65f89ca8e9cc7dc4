import { type ChainRef, PROGRAMS, placeWords, type RuleSet } from '../../../model/firewall.ts'
import { LINE_CAP, safe, safeLines, say } from '../../../model/safe.ts'
import type { DiffLine, FirewallStep } from '../../../model/step.ts'
import { diffOf } from '../../../steps/text-diff.ts'
import { isBuiltin, withTable } from '../builtin-chains.ts'
import { chainText, findChain } from '../chain-text.ts'
import { delta, touchedChains } from '../delta.ts'

/** One family's part of a plan, or null where nothing changes. `base` is what was read, `after` what is staged. */
export function firewallStep(base: RuleSet, after: RuleSet): FirewallStep | null {
  const touches = touchedChains(base, after)
  if (touches.length === 0) return null
  const family = base.family
  const input = delta(base, after)
  const program = `${PROGRAMS[family]}-restore`
  return {
    kind: 'rules',
    title: say`firewall ${safe(family)}`,
    family,
    touches,
    diff: touches.flatMap((ref) => chainDiff(base, after, ref)),
    commands: [say`${safe(program)} --noflush -w 5 <<'RULES'`, ...safeLines(input), say`RULES`],
    delta: input,
    inverse: delta(
      after,
      touches.reduce((set, ref) => withTable(set, ref.table), base),
    ),
    base: chainText(base, touches),
    planned: chainText(after, touches),
  }
}

/** The difference of one chain as iptables-save would print it, with a little of what stands around each change. */
function chainDiff(base: RuleSet, after: RuleSet, ref: ChainRef): readonly DiffLine[] {
  const old = findChain(base, ref)
  const now = findChain(after, ref)
  const before = old?.rules.map((rule) => rule.text) ?? []
  const then = now?.rules.map((rule) => rule.text) ?? []
  const head: DiffLine[] = [{ mark: '@', text: placeWords(ref) }]
  const own = !isBuiltin(ref.table, ref.chain)
  if (own && !old) head.push({ mark: '+', text: say`-N ${safe(ref.chain)}` })
  if (own && !now) head.push({ mark: '-', text: say`-N ${safe(ref.chain)}` })
  const oldPolicy = old?.policy ?? 'ACCEPT'
  if (now?.policy && now.policy !== oldPolicy)
    head.push(
      { mark: '-', text: say`-P ${safe(ref.chain)} ${safe(oldPolicy)}` },
      { mark: '+', text: say`-P ${safe(ref.chain)} ${safe(now.policy)}` },
    )
  return [...head, ...diffOf(before, then, (text) => say`-A ${safe(ref.chain)} ${safe(text, LINE_CAP)}`)]
}
