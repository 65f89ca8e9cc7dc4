import { say } from '../../services/model/safe.ts'
import { canGoBack, topScreen } from '../slices/view.ts'
import { whyNotApply, whyNotFinish, whyNotRollback, whyNotStage } from '../why-not.ts'
import { always, type Binding, unless } from './binding.ts'

/** Keys that mean the same on every screen. */
export const EVERYWHERE: readonly Binding[] = [
  {
    id: 'transaction.confirm',
    keys: ['C'],
    context: 'everywhere',
    label: 'confirm, keep it',
    help: 'Confirm the change that waits on the server: it lasts. Without a proven new login it asks for the name of the host.',
    footer: 1,
    danger: true,
    what: unless(
      ({ get }) => whyNotFinish(get()),
      ({ actions }) => actions.confirm(),
    ),
  },
  {
    id: 'transaction.extend',
    keys: ['+'],
    context: 'everywhere',
    label: 'one more window',
    help: 'Give the change that waits on the server one more window before it rolls back.',
    footer: 3,
    danger: true,
    what: unless(
      ({ get }) => whyNotFinish(get()),
      ({ actions }) => actions.extend(),
    ),
  },
  {
    id: 'transaction.rollback',
    keys: ['X'],
    context: 'everywhere',
    label: 'roll back now',
    help: 'Roll back the change that waits on the server, now.',
    footer: 2,
    urgent: ({ get }) => {
      const { transaction } = get()
      return transaction.phase === 'awaiting-confirm' && transaction.proof.outcome === 'fails'
    },
    danger: true,
    what: unless(
      ({ get }) => whyNotRollback(get()),
      ({ actions }) => actions.askToRollback(),
    ),
  },
  {
    id: 'apply.ask',
    keys: ['A'],
    context: 'everywhere',
    label: 'arm and apply',
    help: 'Arm the rollback timer on the server and apply everything staged. Asks first.',
    footer: 20,
    danger: true,
    what: unless(
      ({ get }) => whyNotApply(get()),
      ({ actions }) => actions.askToApply(),
    ),
  },
  {
    id: 'staged.open',
    keys: ['s'],
    context: 'everywhere',
    label: 'staged',
    help: 'Show the staged changes: the difference, what it means for your login, the commands.',
    footer: 21,
    what: unless(
      ({ get }) => {
        if (topScreen(get().view).kind === 'staged') return say`this is the screen`
        return get().staging.changes.length === 0 ? say`nothing is staged yet` : null
      },
      ({ actions }) => actions.open({ kind: 'staged' }),
    ),
  },
  {
    id: 'transaction.open',
    keys: ['T'],
    context: 'everywhere',
    label: 'the change',
    help: 'Show the change that is on its way to the server or waits there.',
    footer: 4,
    what: unless(
      ({ get }) => {
        if (topScreen(get().view).kind === 'transaction') return say`this is the screen`
        return get().transaction.phase === 'idle' ? say`no change is under way` : null
      },
      ({ actions }) => actions.open({ kind: 'transaction' }),
    ),
  },
  {
    id: 'history.open',
    keys: ['H'],
    context: 'everywhere',
    label: 'history',
    help: 'Show every change that ended on this server, whoever made it: how it ended, what it changed; U undoes one.',
    footer: 48,
    what: unless(
      ({ get }) => {
        if (topScreen(get().view).kind === 'history') return say`this is the screen`
        return get().connection.attempt === 'open' ? null : say`there is no connection to the server yet`
      },
      ({ actions }) => actions.openHistory(),
    ),
  },
  {
    id: 'staging.undo',
    keys: ['u'],
    context: 'everywhere',
    label: 'undo',
    help: 'Undo the last step of staging.',
    footer: 30,
    what: unless(
      ({ get }) => (get().staging.past.length === 0 ? say`there is nothing to undo` : whyNotStage(get())),
      ({ actions }) => actions.undo(),
    ),
  },
  {
    id: 'staging.redo',
    keys: ['Ctrl-r'],
    context: 'everywhere',
    label: 'redo',
    help: 'Do again what was undone.',
    what: unless(
      ({ get }) => (get().staging.future.length === 0 ? say`there is nothing to redo` : whyNotStage(get())),
      ({ actions }) => actions.redo(),
    ),
  },
  {
    id: 'host.refresh',
    keys: ['R'],
    context: 'everywhere',
    label: 'read again',
    help: 'Read the server again; after a failed connection, try again.',
    footer: 60,
    what: always(({ actions }) => actions.refreshOrConnect()),
  },
  {
    id: 'palette.open',
    keys: [':'],
    context: 'everywhere',
    label: 'commands',
    help: 'Find any command by its name.',
    what: always(({ actions }) => actions.openPalette()),
  },
  {
    id: 'help.open',
    keys: ['?'],
    context: 'everywhere',
    label: 'help',
    help: 'Show what every key does here, and why some do nothing now.',
    footer: 90,
    what: always(({ actions }) => actions.open({ kind: 'help' })),
  },
  {
    id: 'back',
    keys: ['Esc'],
    context: 'everywhere',
    label: 'back',
    help: 'Go back: close what is on top, clear the filter, leave the zoom, give up connecting. Never quits.',
    footer: 80,
    what: unless(
      ({ get }) =>
        canGoBack(get().view) || get().connection.attempt === 'connecting'
          ? null
          : say`this is the top: q quits, ? shows every key`,
      ({ actions, get }) => (canGoBack(get().view) ? actions.back() : actions.giveUp()),
    ),
  },
  {
    id: 'quit',
    keys: ['q', 'Ctrl-c'],
    context: 'everywhere',
    label: 'quit',
    help: 'Leave. Asks when something is staged or waits on the server.',
    footer: 91,
    what: always(({ actions }) => actions.quit()),
  },
]

/** Keys that move in whatever is listed or written. */
export const MOVING: readonly Binding[] = [
  {
    id: 'move.down',
    keys: ['j', 'Down'],
    context: 'list',
    label: 'down',
    help: 'One row down.',
    what: always(({ actions }) => actions.move(1)),
  },
  {
    id: 'move.up',
    keys: ['k', 'Up'],
    context: 'list',
    label: 'up',
    help: 'One row up.',
    what: always(({ actions }) => actions.move(-1)),
  },
  {
    id: 'move.page-down',
    keys: ['Ctrl-d', 'PageDown'],
    context: 'list',
    label: 'half a page down',
    help: 'Half a page down.',
    what: always(({ actions }) => actions.page(1)),
  },
  {
    id: 'move.page-up',
    keys: ['Ctrl-u', 'PageUp'],
    context: 'list',
    label: 'half a page up',
    help: 'Half a page up.',
    what: always(({ actions }) => actions.page(-1)),
  },
  {
    id: 'move.first',
    keys: ['g', 'Home'],
    context: 'list',
    label: 'to the top',
    help: 'To the first row.',
    what: always(({ actions }) => actions.toEnd('first')),
  },
  {
    id: 'move.last',
    keys: ['G', 'End'],
    context: 'list',
    label: 'to the end',
    help: 'To the last row; in the log, follow what comes.',
    what: always(({ actions }) => actions.toEnd('last')),
  },
]
