import { type Safe, say } from '../../services/model/safe.ts'
import { lookFromHere, whyNotLookNow } from '../areas/firewall/look.ts'
import { setPolicy } from '../areas/firewall/rules.ts'
import { editorOf } from '../areas/table.ts'
import type { Dialog } from '../slices/view.ts'
import { always, type Binding, type Scope, unless } from './binding.ts'

const closing = (kind: Dialog['kind'], help: string): Binding => ({
  id: `${kind}.close`,
  keys: ['Esc', 'Ctrl-c'],
  context: `dialog.${kind}`,
  label: 'back',
  help,
  footer: 2,
  what: always(({ actions }) => actions.closeDialog()),
})

const name = (kind: 'arm-typed' | 'confirm-typed', label: string, help: string): Binding => ({
  id: `${kind}.submit`,
  keys: ['Enter'],
  context: `dialog.${kind}`,
  label,
  help,
  footer: 1,
  danger: true,
  what: always(({ actions }) => actions.submitName()),
})

function whyNothingToStage({ get }: Scope): Safe | null {
  const { dialog } = get().view
  return dialog?.kind === 'edit' && editorOf(dialog)?.submit === null
    ? say`a question stages nothing: it is answered as you type, and Esc closes it`
    : null
}

/** Why there is neither a form nor a word to complete, where the line is all that is typed. */
function whyJustLine({ get, lists }: Scope): Safe | null {
  const { dialog } = get().view
  if (dialog?.kind !== 'edit' || dialog.form) return null
  return editorOf(dialog)?.form(dialog, get(), lists) ? null : say`type the line, and Enter`
}

/** Keys of the sheets at the foot of the screen. What agrees to harm is upper case, and never Enter. */
export const DIALOGS: readonly Binding[] = [
  {
    id: 'edit.submit',
    keys: ['Enter'],
    context: 'dialog.edit',
    label: 'check and stage',
    help: 'Let the server try the line, and stage it when it is accepted.',
    footer: 1,
    what: unless(whyNothingToStage, ({ actions }) => void actions.submitEdit()),
  },
  {
    id: 'edit.complete',
    keys: ['Tab'],
    context: 'dialog.edit',
    label: 'complete',
    help: 'Complete the word: options, ports that listen or have a name, chains; keywords of sshd and their values.',
    footer: 3,
    what: unless(whyJustLine, ({ actions }) => actions.completeEdit()),
  },
  {
    id: 'edit.down',
    keys: ['Down'],
    context: 'dialog.edit',
    label: 'form',
    help: 'To the next field of the form; from the line: open the form. Both are one text, whichever is typed in.',
    footer: 4,
    what: unless(whyJustLine, ({ actions }) => actions.moveInForm(1)),
  },
  {
    id: 'edit.up',
    keys: ['Up'],
    context: 'dialog.edit',
    label: 'field before',
    help: 'To the field before; from the first one: back to the line.',
    what: always(({ actions }) => actions.moveInForm(-1)),
  },
  closing('edit', 'Leave it as it was.'),
  {
    id: 'filter.keep',
    keys: ['Enter'],
    context: 'dialog.filter',
    label: 'keep filter',
    help: 'Keep the filter and go back to the rows.',
    footer: 1,
    what: always(({ actions }) => actions.keepFilter()),
  },
  closing('filter', 'Put the filter back as it was.'),
  closing('palette', 'Run nothing.'),
  {
    id: 'policy.accept',
    keys: ['A'],
    context: 'dialog.policy',
    label: 'ACCEPT',
    help: 'Stage policy ACCEPT: what no rule decides comes in.',
    footer: 3,
    what: always((scope) => choosePolicy(scope, 'ACCEPT')),
  },
  {
    id: 'policy.drop',
    keys: ['D'],
    context: 'dialog.policy',
    label: 'DROP',
    help: 'Stage policy DROP: what no rule decides is dropped.',
    footer: 1,
    what: always((scope) => choosePolicy(scope, 'DROP')),
  },
  closing('packet', 'Ask nothing more.'),
  closing('policy', 'Leave the policy as it is.'),
  {
    id: 'boot.load',
    keys: ['L'],
    context: 'dialog.boot',
    label: 'load them at boot',
    help: 'Save the rules at the confirm and install a unit that loads them at boot; then ask before arming.',
    footer: 1,
    what: always(({ actions }) => actions.answerBoot('loader')),
  },
  {
    id: 'boot.none',
    keys: ['N'],
    context: 'dialog.boot',
    label: 'leave it so',
    help: 'Change the running rules only: a boot undoes it. Then ask before arming.',
    footer: 3,
    what: always(({ actions }) => actions.answerBoot('none')),
  },
  closing('boot', 'Do nothing.'),
  {
    id: 'look.yes',
    keys: ['Y'],
    context: 'dialog.look',
    label: 'yes, look',
    help: 'Open one connection to each of these ports from this machine, and close it at once.',
    footer: 1,
    what: unless(whyNotLookNow, ({ kit }) => void lookFromHere(kit)),
  },
  closing('look', 'Look at nothing more, and leave it.'),
  {
    id: 'arm.yes',
    keys: ['Y'],
    context: 'dialog.arm',
    label: 'yes, arm and apply',
    help: 'Arm the timer on the server and apply.',
    footer: 1,
    danger: true,
    what: always(({ actions }) => void actions.begin()),
  },
  closing('arm', 'Do nothing.'),
  name('arm-typed', 'apply regardless', 'Apply although it may lock you out, after typing the name of the host.'),
  closing('arm-typed', 'Do nothing.'),
  name('confirm-typed', 'confirm regardless', 'Confirm without a proven login, after typing the name of the host.'),
  closing('confirm-typed', 'Confirm nothing.'),
  {
    id: 'rollback.yes',
    keys: ['Y'],
    context: 'dialog.rollback',
    label: 'yes, roll it back',
    help: "Roll back the other operator's change.",
    footer: 1,
    danger: true,
    what: always(({ actions }) => actions.rollback()),
  },
  closing('rollback', 'Leave it alone.'),
  {
    id: 'takeover.yes',
    keys: ['Y'],
    context: 'dialog.takeover',
    label: 'yes, take it over',
    help: 'Hold the change from now on; whoever held it is told.',
    footer: 1,
    danger: true,
    what: always(({ actions }) => void actions.takeOver()),
  },
  closing('takeover', 'Leave it to whoever holds it.'),
  {
    id: 'quit.yes',
    keys: ['Y'],
    context: 'dialog.quit',
    label: 'yes, leave',
    help: 'Leave the console.',
    footer: 1,
    what: always(({ actions }) => actions.leave(0)),
  },
  closing('quit', 'Stay.'),
]

function choosePolicy({ get, actions, kit }: Scope, policy: 'ACCEPT' | 'DROP'): void {
  const { dialog } = get().view
  if (dialog?.kind !== 'policy') return
  actions.dropDialog()
  setPolicy(kit, dialog.at, policy)
}

/** Keys while the host asks something. */
export const QUESTION: readonly Binding[] = [
  {
    id: 'question.answer',
    keys: ['Enter'],
    context: 'question',
    label: 'answer',
    help: 'Give what was typed as the answer.',
    footer: 1,
    what: unless(
      ({ get }) => (get().questions.queue[0]?.answered ? say`the server has not asked again` : null),
      ({ actions }) => actions.submitAnswer(),
    ),
  },
  {
    id: 'question.cancel',
    keys: ['Esc', 'Ctrl-c'],
    context: 'question',
    label: 'cancel',
    help: 'Give no answer; the connection is given up.',
    footer: 2,
    what: always(({ actions }) => actions.cancelQuestion()),
  },
]
