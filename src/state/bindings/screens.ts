import { factsOf } from '../../services/model/reading.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import { ENDS } from '../../services/model/transaction.ts'
import { changeUnderCursor } from '../under-cursor/staged.ts'
import { whyNotFinish, whyNotStage, whyNotTakeOver } from '../why-not.ts'
import { always, type Binding, type Scope, unless } from './binding.ts'

const unstageHere = (scope: Scope): void => {
  const id = changeUnderCursor(scope.get())
  if (id) scope.actions.unstage(id)
}

const whyNotUnstage = (scope: Scope): Safe | null =>
  whyNotStage(scope.get()) ?? (changeUnderCursor(scope.get()) ? null : say`nothing is staged`)

/** Keys of the staged screen. */
export const STAGED: readonly Binding[] = [
  {
    id: 'staged.unstage',
    keys: ['x', 'Space'],
    context: 'staged',
    label: 'unstage',
    help: 'Take the change under the cursor out of what is staged.',
    footer: 22,
    what: unless(whyNotUnstage, unstageHere),
  },
  {
    id: 'staged.persistence',
    keys: ['p'],
    context: 'staged',
    label: 'keep over reboot',
    help: 'On a host that loads no rules at boot: choose whether a unit of hardtui loads these.',
    footer: 23,
    what: unless(
      ({ get }) => {
        const facts = factsOf(get().readings.byArea.firewall)
        if (!get().staging.changes.some(({ area, edit }) => area === 'firewall' && edit.kind !== 'file'))
          return say`no rules are staged, and files and units last by themselves`
        if (!facts) return say`the rules have not been read`
        const { persistence } = facts
        if (persistence.kind === 'none') return null
        const by = persistence.kind === 'other' ? persistence.by[0] : safe(persistence.kind)
        return say`this host loads its rules by itself: ${by ?? say``}`
      },
      ({ actions }) => actions.switchPersistence(),
    ),
  },
  {
    id: 'staged.write',
    keys: ['w'],
    context: 'staged',
    label: 'write script',
    help: 'Write the commands to a script on this machine, to read or to run by hand. It has no rollback timer.',
    footer: 24,
    what: unless(
      ({ get, canSaveScript }) =>
        get().staging.changes.length === 0
          ? say`nothing is staged`
          : canSaveScript
            ? null
            : say`this console may not write files here`,
      ({ actions }) => actions.writeScript(),
    ),
  },
  {
    id: 'staged.leave',
    keys: ['Enter'],
    context: 'staged',
    label: 'back',
    help: 'Back to the panes.',
    what: always(({ actions }) => actions.back()),
  },
]

/** Keys of the transaction screen. */
export const TRANSACTION: readonly Binding[] = [
  {
    id: 'transaction.prove',
    keys: ['p'],
    context: 'transaction',
    label: 'prove login again',
    help: 'Log in anew once more, to see whether a new login works now.',
    footer: 4,
    what: unless(
      ({ get }) => whyNotFinish(get()),
      ({ actions }) => actions.proveAgain(),
    ),
  },
  {
    id: 'transaction.takeover',
    keys: ['T'],
    context: 'transaction',
    label: 'take it over',
    help: 'Hold a change that another console armed: C and + are yours from then on, and whoever held it is told. Asks first.',
    footer: 3,
    danger: true,
    what: unless(
      ({ get }) => whyNotTakeOver(get()),
      ({ actions }) => actions.askToTakeOver(),
    ),
  },
  {
    id: 'transaction.done',
    keys: ['Enter'],
    context: 'transaction',
    label: 'done',
    help: 'Leave the result behind and go back to the panes.',
    footer: 5,
    what: unless(
      ({ get }) =>
        ENDS.has(get().transaction.phase) ? null : say`it has not ended yet; Esc leaves the screen, the change goes on`,
      ({ actions }) => actions.dismiss(),
    ),
  },
  {
    id: 'transaction.back',
    keys: ['Esc'],
    context: 'transaction',
    label: 'back',
    help: 'Back to where you came from. A change that has not ended goes on; one that has is left behind.',
    footer: 6,
    what: always(({ actions, get }) => (ENDS.has(get().transaction.phase) ? actions.dismiss() : actions.back())),
  },
]
