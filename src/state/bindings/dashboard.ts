import { factsOf } from '../../services/model/reading.ts'
import { type Safe, say } from '../../services/model/safe.ts'
import { whyNotExport } from '../actions/export.ts'
import { ownChainUnderCursor, ruleUnderCursor } from '../actions/stage.ts'
import { PANES } from '../layout.ts'
import { whyNotStage, whyNotStageRule } from '../why-not.ts'
import type { Binding, Scope } from './binding.ts'

const onlyRules = ({ get }: Scope): Safe =>
  whyNotStage(get()) ?? say`only firewall rules can be changed so far: press 2`

const needsRule =
  (words: Safe) =>
  ({ get, lists }: Scope): Safe | null =>
    whyNotStageRule(get()) ?? (ruleUnderCursor({ lists }, get()) ? null : words)

/** Keys of the four panes. */
export const DASHBOARD: readonly Binding[] = [
  {
    id: 'pane.detail',
    keys: ['Enter'],
    context: 'dashboard',
    label: 'detail',
    help: 'Show all that is known about what the cursor is on.',
    footer: 10,
    run: ({ actions }) => actions.openDetail(),
  },
  {
    id: 'pane.go',
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    context: 'dashboard',
    label: 'go to pane',
    help: 'Go to the pane of that number.',
    run: ({ actions }, stroke) => {
      const pane = PANES[Number(stroke) - 1]
      if (pane) actions.focus(pane)
    },
  },
  {
    id: 'pane.next',
    keys: ['Tab'],
    context: 'dashboard',
    label: 'next pane',
    help: 'Go to the next pane.',
    footer: 50,
    run: ({ actions }) => actions.focusNext(1),
  },
  {
    id: 'pane.previous',
    keys: ['Shift-Tab'],
    context: 'dashboard',
    label: 'previous pane',
    help: 'Go to the pane before.',
    run: ({ actions }) => actions.focusNext(-1),
  },
  {
    id: 'pane.zoom',
    keys: ['z'],
    context: 'dashboard',
    label: 'zoom',
    help: 'Give the pane the whole screen, and back.',
    footer: 51,
    run: ({ actions }) => actions.zoom(),
  },
  {
    id: 'pane.filter',
    keys: ['/'],
    context: 'dashboard',
    label: 'filter',
    help: 'Show only rows that hold some text; Esc shows all again.',
    footer: 40,
    run: ({ actions }) => actions.openFilter(),
  },
  {
    id: 'pane.next-match',
    keys: ['n'],
    context: 'dashboard',
    label: 'next to look at',
    help: 'Next row to look at: something to fix, a staged change, a login; with a filter, the next match.',
    run: ({ actions }) => actions.next(1),
  },
  {
    id: 'pane.previous-match',
    keys: ['N'],
    context: 'dashboard',
    label: 'previous to look at',
    help: 'The same backwards.',
    run: ({ actions }) => actions.next(-1),
  },
  {
    id: 'pane.copy',
    keys: ['y'],
    context: 'dashboard',
    label: 'copy',
    help: 'Copy the row to the clipboard (OSC 52).',
    run: ({ actions }) => actions.copy(),
  },
  ...(['Space', 'a', 'e', 'x'] as const).map(
    (key): Binding => ({
      id: `pane.${{ Space: 'fix', a: 'add', e: 'edit', x: 'delete' }[key]}`,
      keys: [key],
      context: 'dashboard',
      label: { Space: 'stage fix', a: 'add', e: 'edit', x: 'delete' }[key],
      help: `${{ Space: 'Stage the fix under the cursor', a: 'Add', e: 'Edit', x: 'Delete' }[key]}: so far in the firewall pane.`,
      disabled: onlyRules,
      run: () => {},
    }),
  ),
]

/** Keys of the firewall pane. */
export const FIREWALL: readonly Binding[] = [
  {
    id: 'firewall.fix',
    keys: ['Space'],
    context: 'pane.firewall',
    label: 'stage fix',
    help: 'Stage the fix under the cursor (policy DROP on a chain that accepts), or take back what is staged there.',
    footer: 11,
    disabled: ({ get, actions }) => whyNotStageRule(get()) ?? actions.whyNoFix(),
    run: ({ actions }) => actions.toggleFix(),
  },
  {
    id: 'firewall.add',
    keys: ['a'],
    context: 'pane.firewall',
    label: 'add rule',
    help: 'Type a new rule. It goes before the rule under the cursor, or at the end of the chain under it. -N NAME makes a chain.',
    footer: 12,
    disabled: ({ get }) => whyNotStageRule(get()),
    run: ({ actions }) => actions.addRule(),
  },
  {
    id: 'firewall.edit',
    keys: ['e'],
    context: 'pane.firewall',
    label: 'edit',
    help: 'Edit the rule under the cursor.',
    footer: 13,
    disabled: needsRule(say`put the cursor on a rule to edit it`),
    run: ({ actions }) => actions.editRule(),
  },
  {
    id: 'firewall.delete',
    keys: ['x'],
    context: 'pane.firewall',
    label: 'delete',
    help: 'Stage the rule, or the chain of your own, under the cursor for deletion; again keeps it.',
    footer: 14,
    disabled: ({ get, lists }) =>
      whyNotStageRule(get()) ??
      (ruleUnderCursor({ lists }, get()) || ownChainUnderCursor({ lists }, get())
        ? null
        : say`put the cursor on a rule, or a chain of your own, to delete it`),
    run: ({ actions }) => actions.deleteRule(),
  },
  {
    id: 'firewall.move-down',
    keys: ['J'],
    context: 'pane.firewall',
    label: 'move rule down',
    help: 'Move the rule one place down in its chain.',
    footer: 15,
    disabled: needsRule(say`put the cursor on a rule to move it`),
    run: ({ actions }) => actions.moveRule(1),
  },
  {
    id: 'firewall.move-up',
    keys: ['K'],
    context: 'pane.firewall',
    label: 'move rule up',
    help: 'Move the rule one place up in its chain.',
    footer: 16,
    disabled: needsRule(say`put the cursor on a rule to move it`),
    run: ({ actions }) => actions.moveRule(-1),
  },
  {
    id: 'firewall.switch',
    keys: ['o'],
    context: 'pane.firewall',
    label: 'rule off / on',
    help: 'Switch the rule off where it stands: it counts and does nothing, and its target waits in a comment. Again: on.',
    footer: 19,
    disabled: needsRule(say`put the cursor on a rule to switch it off or on`),
    run: ({ actions }) => actions.switchRule(),
  },
  {
    id: 'firewall.copy-rule',
    keys: ['c'],
    context: 'pane.firewall',
    label: 'copy to v4 / v6',
    help: 'Copy the rule to the other family, in its words: the editor opens there, and Enter checks and stages it.',
    footer: 20,
    disabled: needsRule(say`put the cursor on a rule to copy it`),
    run: ({ actions }) => actions.copyRule(),
  },
  {
    id: 'firewall.policy',
    keys: ['P'],
    context: 'pane.firewall',
    label: 'policy',
    help: 'Choose what the chain does with packets that no rule decides.',
    footer: 17,
    disabled: ({ get }) => whyNotStageRule(get()),
    run: ({ actions }) => actions.openPolicy(),
  },
  {
    id: 'firewall.table',
    keys: [']'],
    context: 'pane.firewall',
    label: 'next table',
    help: 'Show the next table: filter, nat, mangle and so on.',
    footer: 45,
    run: ({ actions }) => actions.switchTable(1),
  },
  {
    id: 'firewall.table-back',
    keys: ['['],
    context: 'pane.firewall',
    label: 'table before',
    help: 'Show the table before.',
    run: ({ actions }) => actions.switchTable(-1),
  },
  {
    id: 'firewall.packet',
    keys: ['t'],
    context: 'pane.firewall',
    label: 'would it pass?',
    help: 'Ask whether a connection would pass: from, to, port. The answer names the rule that decides, now and as staged.',
    footer: 18,
    disabled: ({ get }) => (factsOf(get().readings.byArea.firewall) ? null : say`the rules have not been read`),
    run: ({ actions }) => actions.askPacket(),
  },
  {
    id: 'firewall.export',
    keys: ['E'],
    context: 'pane.firewall',
    label: 'export as script',
    help: 'Write all rules, with what is staged in them, to a script on this machine that loads them again, safely.',
    footer: 46,
    disabled: ({ get, lists, canSaveScript }) =>
      canSaveScript ? whyNotExport(get(), lists) : say`this console may not write files here`,
    run: ({ actions }) => actions.exportRules(),
  },
  {
    id: 'firewall.family',
    keys: ['v'],
    context: 'pane.firewall',
    label: 'v4 / v6',
    help: 'Switch between the IPv4 and the IPv6 rules.',
    footer: 44,
    run: ({ actions }) => actions.switchFamily(),
  },
]
