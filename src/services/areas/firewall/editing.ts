import type { Editing } from '../../model/editing.ts'
import { say } from '../../model/safe.ts'
import { findChain } from './chain-text.ts'
import { describeEdit } from './describe.ts'
import { foldRules, unfoldRules } from './fold.ts'
import { isRuleEdit, layRules } from './lay.ts'
import { ruleOwner } from './owners.ts'
import { firewallPart } from './plan/part.ts'
import { undoFirewall } from './undo-rules.ts'

/** How rules are changed: edits of chains and rules of both families, tried and applied as iptables-restore(8) input. */
export const firewallEditing: Editing<'firewall'> = {
  lay: layRules,
  fold: foldRules,
  unfold: unfoldRules,
  holds: ({ families }, edit) => {
    if (!isRuleEdit(edit) || edit.kind !== 'insert') return false
    const read = families[edit.at.family]
    const rules = read.state === 'present' ? findChain(read.ruleSet, edit.at)?.rules : null
    return rules?.some((rule) => rule.id === edit.ruleId) ?? false
  },
  describe: describeEdit,
  part: firewallPart,
  owns: { rules: true, file: (path) => path.startsWith('/etc/modules-load.d/hardtui') },
  undo: undoFirewall,
  whyNot: (facts) => {
    const owner = ruleOwner(facts)
    return owner && say`these rules are ${owner.name}'s, which puts its own back: change them with ${owner.instead}`
  },
  tools: ['iptables-save', 'iptables-restore', 'unshare'],
}
