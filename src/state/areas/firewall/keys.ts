import { factsOf } from '../../../services/model/reading.ts'
import { type Safe, say } from '../../../services/model/safe.ts'
import type { Kit } from '../../kit.ts'
import { spaceOnFinding } from '../../staging/fix.ts'
import type { AreaKey, Now, Outcome } from '../area-view.ts'
import { openBaseline } from './baseline.ts'
import { askPacket, openCopy, openNewRule, openPolicy, openRule } from './dialogs.ts'
import { exportRules, whyNotExport } from './export.ts'
import type { RuleItem } from './items.ts'
import { openLook, whyNotLook } from './look.ts'
import {
  deleteChain,
  deleteRule,
  moveRule,
  switchFamily,
  switchRule,
  switchTable,
  takeBackRule,
  togglePolicy,
  whyNotPolicyFix,
  withStanding,
} from './rules.ts'
import { itemHere, ownChainHere, ruleHere } from './under-cursor.ts'
import { whyNotUpstream, writeUpstream } from './upstream.ts'
import { whyNotStageRule } from './why-not.ts'

const whenRules = (kit: Kit, now: () => Now): Now => {
  const why = whyNotStageRule(kit.get())
  return why ? { why } : now()
}

/** What a key does to the rule under the cursor; `words` say where to put the cursor. */
const onRule =
  (words: Safe, run: (kit: Kit, item: RuleItem) => Outcome) =>
  (kit: Kit): Now =>
    whenRules(kit, () => {
      const item = ruleHere(kit, kit.get())
      return item ? { run: () => run(kit, item) } : { why: words }
    })

function spaceHere(kit: Kit): Now {
  const item = itemHere(kit, kit.get())
  if (!item) return { why: say`there is nothing under the cursor` }
  if (item.kind === 'finding') return spaceOnFinding(kit, item.finding)
  if (item.kind === 'rule')
    return item.mark
      ? { run: () => takeBackRule(kit, item) }
      : { why: say`a rule has no fix to stage: e edits it, x deletes it, a adds one before it` }
  if (item.kind !== 'chain') return { why: say`no fix can be staged for this yet; Enter says what to do` }
  const why = whyNotPolicyFix(item)
  return why ? { why } : { run: () => togglePolicy(kit, item) }
}

function deleteHere(kit: Kit): Now {
  const chain = ownChainHere(kit, kit.get())
  const rule = ruleHere(kit, kit.get())
  if (chain) return { run: () => deleteChain(kit, chain) }
  return rule
    ? { run: () => deleteRule(kit, rule) }
    : { why: say`put the cursor on a rule, or a chain of your own, to delete it` }
}

/** Keys of the firewall pane. */
export const FIREWALL_KEYS: readonly AreaKey[] = [
  {
    id: 'firewall.fix',
    keys: ['Space'],
    label: 'stage fix',
    help: 'Stage the fix under the cursor (policy DROP on a chain that accepts), or take back what is staged there.',
    footer: 11,
    what: (kit) => whenRules(kit, () => spaceHere(kit)),
  },
  {
    id: 'firewall.add',
    keys: ['a'],
    label: 'add rule',
    help: 'Type a new rule. It goes before the rule under the cursor, or at the end of the chain under it. -N NAME makes a chain.',
    footer: 12,
    what: (kit) => whenRules(kit, () => ({ run: () => openNewRule(kit) })),
  },
  {
    id: 'firewall.edit',
    keys: ['e'],
    label: 'edit',
    help: 'Edit the rule under the cursor.',
    footer: 13,
    what: onRule(say`put the cursor on a rule to edit it`, (kit, item) =>
      withStanding(kit, item, (rule) => openRule(kit, rule)),
    ),
  },
  {
    id: 'firewall.delete',
    keys: ['x'],
    label: 'delete',
    help: 'Stage the rule, or the chain of your own, under the cursor for deletion; again keeps it.',
    footer: 14,
    what: (kit) => whenRules(kit, () => deleteHere(kit)),
  },
  {
    id: 'firewall.move-down',
    keys: ['J'],
    label: 'move rule down',
    help: 'Move the rule one place down in its chain.',
    footer: 15,
    what: onRule(say`put the cursor on a rule to move it`, (kit, item) => moveRule(kit, item, 1)),
  },
  {
    id: 'firewall.move-up',
    keys: ['K'],
    label: 'move rule up',
    help: 'Move the rule one place up in its chain.',
    footer: 16,
    what: onRule(say`put the cursor on a rule to move it`, (kit, item) => moveRule(kit, item, -1)),
  },
  {
    id: 'firewall.switch',
    keys: ['o'],
    label: 'rule off / on',
    help: 'Switch the rule off where it stands: it counts and does nothing, and its target waits in a comment. Again: on.',
    footer: 19,
    what: onRule(say`put the cursor on a rule to switch it off or on`, (kit, item) =>
      withStanding(kit, item, (rule) => switchRule(kit, rule)),
    ),
  },
  {
    id: 'firewall.copy-rule',
    keys: ['c'],
    label: 'copy to v4 / v6',
    help: 'Copy the rule to the other family, in its words: the editor opens there, and Enter checks and stages it.',
    footer: 20,
    what: onRule(say`put the cursor on a rule to copy it`, (kit, item) =>
      withStanding(kit, item, (rule) => openCopy(kit, rule)),
    ),
  },
  {
    id: 'firewall.policy',
    keys: ['P'],
    label: 'policy',
    help: 'Choose what the chain does with packets that no rule decides.',
    footer: 17,
    what: (kit) => whenRules(kit, () => ({ run: () => openPolicy(kit) })),
  },
  {
    id: 'firewall.table',
    keys: [']'],
    label: 'next table',
    help: 'Show the next table: filter, nat, mangle and so on.',
    footer: 45,
    what: (kit) => ({ run: () => switchTable(kit, 1) }),
  },
  {
    id: 'firewall.table-back',
    keys: ['['],
    label: 'table before',
    help: 'Show the table before.',
    what: (kit) => ({ run: () => switchTable(kit, -1) }),
  },
  {
    id: 'firewall.packet',
    keys: ['t'],
    label: 'would it pass?',
    help: 'Ask whether a connection would pass: from, to, port. The answer names the rule that decides, now and as staged.',
    footer: 18,
    what: (kit) =>
      factsOf(kit.get().readings.byArea.firewall)
        ? { run: () => askPacket(kit) }
        : { why: say`the rules have not been read` },
  },
  {
    id: 'firewall.export',
    keys: ['E'],
    label: 'export as script',
    help: 'Write all rules, with what is staged in them, to a script on this machine that loads them again, safely.',
    footer: 46,
    what: (kit) => {
      const why = kit.deps.saveScript ? whyNotExport(kit.get(), kit.lists) : say`this console may not write files here`
      return why ? { why } : { run: () => exportRules(kit) }
    },
  },
  {
    id: 'firewall.upstream',
    keys: ['O'],
    label: 'what to open above',
    help: 'Write what a provider’s firewall or a router above this host has to let in, as a table and as commands, to a text on this machine.',
    footer: 47,
    what: (kit) => {
      const why = kit.deps.saveScript ? whyNotUpstream(kit.get()) : say`this console may not write files here`
      return why ? { why } : { run: () => writeUpstream(kit) }
    },
  },
  {
    id: 'firewall.look',
    keys: ['L'],
    label: 'look from here',
    help: 'See from this machine which of the ports that listen answer, beside what the rules say of it. Asks first.',
    footer: 48,
    what: (kit) => {
      const why = whyNotLook(kit)
      return why ? { why } : { run: () => openLook(kit) }
    },
  },
  {
    id: 'firewall.family',
    keys: ['v'],
    label: 'v4 / v6',
    help: 'Switch between the IPv4 and the IPv6 rules.',
    footer: 44,
    what: (kit) => ({ run: () => switchFamily(kit) }),
  },
  {
    id: 'firewall.baseline',
    keys: ['B'],
    label: 'baseline',
    help: 'Show the baseline rule set adapted to this host, switch its parts on and off, and stage it with S.',
    footer: 13,
    what: (kit) => whenRules(kit, () => ({ run: () => openBaseline(kit) })),
  },
]
