import { BASELINE } from './baseline.ts'
import type { Binding, Context } from './binding.ts'
import { DASHBOARD, FIREWALL } from './dashboard.ts'
import { DIALOGS, QUESTION } from './dialogs.ts'
import { EVERYWHERE, MOVING } from './everywhere.ts'
import { HISTORY } from './history.ts'
import { STAGED, TRANSACTION } from './screens.ts'

/** Every binding of the console, but those of the palette, which are these again. */
export const BINDINGS: readonly Binding[] = [
  ...EVERYWHERE,
  ...MOVING,
  ...DASHBOARD,
  ...FIREWALL,
  ...BASELINE,
  ...STAGED,
  ...TRANSACTION,
  ...HISTORY,
  ...DIALOGS,
  ...QUESTION,
]

/** Headings of the help screen and of the README's key table. */
export const CONTEXT_TITLES: Readonly<Record<Context, string>> = {
  question: 'While the server asks something',
  'pane.sshd': 'SSH',
  'pane.firewall': 'Firewall',
  'pane.units': 'Services',
  'pane.securelog': 'Secure log',
  dashboard: 'The four panes',
  staged: 'Staged changes',
  transaction: 'The change on the server',
  detail: 'Detail',
  history: 'What was done before',
  past: 'One past change',
  baseline: 'The baseline',
  help: 'Help',
  list: 'Moving',
  everywhere: 'Everywhere',
  'dialog.rule': 'Typing a rule',
  'dialog.filter': 'Typing a filter',
  'dialog.palette': 'Command palette',
  'dialog.packet': 'Asking about a connection',
  'dialog.policy': 'Choosing a policy',
  'dialog.boot': 'Where nothing loads rules at boot',
  'dialog.arm': 'Before arming',
  'dialog.arm-typed': 'Before arming what may lock you out',
  'dialog.confirm-typed': 'Confirming without a proof',
  'dialog.rollback': "Rolling back another operator's change",
  'dialog.takeover': "Taking another operator's change over",
  'dialog.quit': 'Before leaving',
}
