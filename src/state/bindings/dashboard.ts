import { say } from '../../services/model/safe.ts'
import { AREA_IDS } from '../areas/table.ts'
import { spaceHere } from '../staging/fix.ts'
import { whyNotStage } from '../why-not.ts'
import { always, type Binding } from './binding.ts'

/** Keys of every pane. */
export const DASHBOARD: readonly Binding[] = [
  {
    id: 'pane.detail',
    keys: ['Enter'],
    context: 'dashboard',
    label: 'detail',
    help: 'Show all that is known about what the cursor is on.',
    footer: 10,
    what: always(({ actions }) => actions.openDetail()),
  },
  {
    id: 'pane.go',
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    context: 'dashboard',
    label: 'go to pane',
    help: 'Go to the pane of that number.',
    what: always(({ actions }, stroke) => {
      const pane = AREA_IDS[Number(stroke) - 1]
      if (pane) actions.focus(pane)
    }),
  },
  {
    id: 'pane.next',
    keys: ['Tab'],
    context: 'dashboard',
    label: 'next pane',
    help: 'Go to the next pane.',
    footer: 50,
    what: always(({ actions }) => actions.focusNext(1)),
  },
  {
    id: 'pane.previous',
    keys: ['Shift-Tab'],
    context: 'dashboard',
    label: 'previous pane',
    help: 'Go to the pane before.',
    what: always(({ actions }) => actions.focusNext(-1)),
  },
  {
    id: 'pane.zoom',
    keys: ['z'],
    context: 'dashboard',
    label: 'zoom',
    help: 'Give the pane the whole screen, and back.',
    footer: 51,
    what: always(({ actions }) => actions.zoom()),
  },
  {
    id: 'pane.filter',
    keys: ['/'],
    context: 'dashboard',
    label: 'filter',
    help: 'Show only rows that hold some text; Esc shows all again.',
    footer: 40,
    what: always(({ actions }) => actions.openFilter()),
  },
  {
    id: 'pane.next-match',
    keys: ['n'],
    context: 'dashboard',
    label: 'next to look at',
    help: 'Next row to look at: something to fix, a staged change, a login; with a filter, the next match.',
    what: always(({ actions }) => actions.next(1)),
  },
  {
    id: 'pane.previous-match',
    keys: ['N'],
    context: 'dashboard',
    label: 'previous to look at',
    help: 'The same backwards.',
    what: always(({ actions }) => actions.next(-1)),
  },
  {
    id: 'pane.copy',
    keys: ['y'],
    context: 'dashboard',
    label: 'copy',
    help: 'Copy the row to the clipboard (OSC 52).',
    what: always(({ actions }) => actions.copy()),
  },
  {
    id: 'pane.fix',
    keys: ['Space'],
    context: 'dashboard',
    label: 'stage fix',
    help: 'Stage the fix of the finding under the cursor, or take back what is staged of it.',
    footer: 11,
    what: ({ kit }) => spaceHere(kit),
  },
  ...(['a', 'e', 'x'] as const).map(
    (key): Binding => ({
      id: `pane.${{ a: 'add', e: 'edit', x: 'delete' }[key]}`,
      keys: [key],
      context: 'dashboard',
      label: { a: 'add', e: 'edit', x: 'delete' }[key],
      help: `${{ a: 'Add', e: 'Edit', x: 'Delete' }[key]}: in the panes that say so.`,
      what: ({ get }) => ({
        why: whyNotStage(get()) ?? say`nothing is changed by hand in this pane: Space stages fixes`,
      }),
    }),
  ),
]
