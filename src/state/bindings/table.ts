import type { AreaId } from '../../services/model/areas.ts'
import { AREA_IDS, VIEWS } from '../areas/table.ts'
import { BASELINE } from './baseline.ts'
import { type Binding, type Context, ofPane } from './binding.ts'
import { DASHBOARD } from './dashboard.ts'
import { DIALOGS, QUESTION } from './dialogs.ts'
import { EVERYWHERE, MOVING } from './everywhere.ts'
import { HISTORY } from './history.ts'
import { STAGED, TRANSACTION } from './screens.ts'

/** Every binding of the console, but those of the palette, which are these again. */
export const BINDINGS: readonly Binding[] = [
  ...EVERYWHERE,
  ...MOVING,
  ...DASHBOARD,
  ...AREA_IDS.flatMap((id) => ofPane(id, VIEWS[id].keys)),
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
  ...(Object.fromEntries(AREA_IDS.map((id) => [`pane.${id}`, VIEWS[id].title])) as Record<`pane.${AreaId}`, string>),
  dashboard: 'Every pane',
  staged: 'Staged changes',
  transaction: 'The change on the server',
  detail: 'Detail',
  history: 'What was done before',
  past: 'One past change',
  baseline: 'The baseline',
  help: 'Help',
  list: 'Moving',
  everywhere: 'Everywhere',
  'dialog.edit': 'Typing a rule',
  'dialog.filter': 'Typing a filter',
  'dialog.palette': 'Command palette',
  'dialog.packet': 'Asking about a connection',
  'dialog.policy': 'Choosing a policy',
  'dialog.look': 'Before looking at ports from here',
  'dialog.boot': 'Where nothing loads rules at boot',
  'dialog.arm': 'Before arming',
  'dialog.arm-typed': 'Before arming what may lock you out',
  'dialog.confirm-typed': 'Confirming without a proof',
  'dialog.rollback': "Rolling back another operator's change",
  'dialog.takeover': "Taking another operator's change over",
  'dialog.quit': 'Before leaving',
}
