import { pastUnderCursor } from '../under-cursor/past.ts'
import { whyNotUndo } from '../why-not.ts'
import { always, type Binding, type Context, unless } from './binding.ts'

const undo = (context: Context): Binding => ({
  id: `${context}.undo`,
  keys: ['U'],
  context,
  label: 'undo this change',
  help: 'Stage the change that undoes this one. Nothing reaches the server before you look at it, arm, apply and confirm.',
  footer: 8,
  what: unless(
    ({ get, lists }) => whyNotUndo(get(), pastUnderCursor({ lists }, get())),
    ({ actions }) => void actions.undoPast(),
  ),
})

const again = (context: Context): Binding => ({
  id: `${context}.refresh`,
  keys: ['R'],
  context,
  label: 'read again',
  help: "Read the server's record again.",
  footer: 60,
  what: always(({ actions }) => actions.readHistory()),
})

/** Keys of the history and of one past change. */
export const HISTORY: readonly Binding[] = [
  {
    id: 'history.detail',
    keys: ['Enter'],
    context: 'history',
    label: 'what it changed',
    help: 'Show all that the change under the cursor changed, and what was said at its end.',
    footer: 7,
    what: always(({ actions }) => actions.openPast()),
  },
  undo('history'),
  {
    id: 'history.filter',
    keys: ['/'],
    context: 'history',
    label: 'filter',
    help: 'Show only changes that hold some text: a name, an address, a day, a rule; Esc shows all again.',
    footer: 40,
    what: always(({ actions }) => actions.openFilter()),
  },
  again('history'),
  {
    id: 'past.leave',
    keys: ['Enter'],
    context: 'past',
    label: 'back',
    help: 'Back to the list.',
    what: always(({ actions }) => actions.back()),
  },
  undo('past'),
  again('past'),
]
