import type { Conflict, Merged, Seen } from '../../../model/editing.ts'
import { FAMILIES, type Family, type RuleEdit } from '../../../model/firewall.ts'
import { sessionFamily } from '../../../model/host.ts'
import type { Blocker, PlanPart } from '../../../model/plan.ts'
import { safe, say } from '../../../model/safe.ts'
import { fileParts } from '../../../steps/file-edit.ts'
import { standsIn } from '../beside.ts'
import { type FirewallEdit, isRuleEdit } from '../lay.ts'
import { ruleOwner } from '../owners.ts'
import { closedPorts } from './closed-ports.ts'
import { firewallStep } from './firewall-step.ts'
import { judgeLockOut } from './guards.ts'
import { persistenceOf } from './persistence.ts'

const NOTHING: PlanPart = { steps: [], blockers: [], whatIf: [] }

/** What the firewall adds to a plan: the rules of each family, then files. */
export function firewallPart(merged: Merged<'firewall'>, edits: readonly FirewallEdit[], seen: Seen): PlanPart {
  const ruleEdits = edits.filter(isRuleEdit)
  const parts = [
    ...FAMILIES.map((family) =>
      familyPart(
        family,
        merged,
        ruleEdits.filter(({ at }) => at.family === family),
        seen,
      ),
    ),
    fileParts(
      edits.filter((edit) => !isRuleEdit(edit)),
      seen,
    ),
  ]
  const steps = parts.flatMap((part) => part.steps)
  return {
    steps,
    blockers: parts.flatMap((part) => part.blockers),
    whatIf: parts.flatMap((part) => part.whatIf),
    ...(ruleEdits.length > 0 ? { persistence: persistenceOf(merged, seen) } : {}),
  }
}

function familyPart(family: Family, merged: Merged<'firewall'>, mine: readonly RuleEdit[], seen: Seen): PlanPart {
  if (mine.length === 0) return NOTHING
  const { base, after, conflicts } = merged
  const now = base.families[family]
  const then = after.families[family]
  if (now.state === 'unreadable' || then.state === 'unreadable') {
    const blocker: Blocker = {
      kind: 'missing-tool',
      message: say`The ${safe(family)} rules can't be read: ${now.state === 'unreadable' ? now.reason : say``}.`,
      next: say`Unstage the changes to ${safe(family)}.`,
    }
    return { ...NOTHING, blockers: [blocker] }
  }
  const step = firewallStep(now.ruleSet, then.ruleSet)
  const lockOut =
    family === sessionFamily(seen.host)
      ? judgeLockOut(seen.host, base, then.ruleSet, seen.loginPort)
      : { whatIf: [], blockers: [] }
  return {
    steps: step ? [step] : [],
    whatIf: [...lockOut.whatIf, ...closedPorts(family, base, then.ruleSet, seen.host, seen.listeners)],
    blockers: [
      ...ownerBlockers(merged, family),
      ...untrueBlockers(merged, family, mine),
      ...conflicts.flatMap((one) => conflictBlockers(one, family)),
      ...lockOut.blockers,
    ],
  }
}

function ownerBlockers({ base }: Merged<'firewall'>, family: Family): readonly Blocker[] {
  const owner = ruleOwner(base)
  if (!owner) return []
  return [
    {
      kind: 'conflict',
      message: say`The rules of this host are ${owner.name}'s, which puts its own back when it next reloads.`,
      next: say`Change them with ${owner.name} (${owner.instead}), and unstage the changes to ${safe(family)}.`,
    },
  ]
}

function untrueBlockers({ base }: Merged<'firewall'>, family: Family, mine: readonly RuleEdit[]): readonly Blocker[] {
  const now = base.families[family]
  const untrue = [...new Set(mine.map((edit) => edit.at.table))].filter(
    (table) => now.state === 'present' && standsIn(now.ruleSet.beside, table),
  )
  return untrue.map((table) => ({
    kind: 'conflict',
    message: say`Table ${safe(table)} holds native nftables rules, which iptables would lose.`,
    next: say`Change them with nft(8), and unstage the changes to ${safe(family)} ${safe(table)}.`,
  }))
}

function conflictBlockers({ edit, reason }: Conflict<FirewallEdit>, family: Family): readonly Blocker[] {
  if (!isRuleEdit(edit) || edit.at.family !== family) return []
  return [
    {
      kind: 'conflict',
      message: say`A staged change to ${safe(edit.at.chain)} no longer fits: ${reason}.`,
      next: say`Unstage it with u and stage it again on the rules as they are now.`,
    },
  ]
}
