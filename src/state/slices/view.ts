import type { AreaId } from '../../services/model/areas.ts'
import type { ChainRef, Family } from '../../services/model/firewall.ts'
import type { Safe } from '../../services/model/safe.ts'
import type { PortSaid, SeenPort } from '../../services/model/seen-ports.ts'
import type { Size } from '../layout.ts'
import { emptyField, type TextField } from '../text-field.ts'
import { type BaselineSlice, initialBaseline } from './baseline.ts'
import type { EditDialog } from './edit-dialog.ts'
import { AT_START, type ListView } from './list-view.ts'

/** What fills the body; the last of the stack is drawn. */
export type Screen =
  | { readonly kind: 'dashboard' }
  | { readonly kind: 'staged' }
  | { readonly kind: 'transaction' }
  | { readonly kind: 'detail'; readonly pane: AreaId; readonly itemId: string }
  | { readonly kind: 'history' }
  /** One past transaction. */
  | { readonly kind: 'past'; readonly id: string }
  | { readonly kind: 'baseline' }
  | { readonly kind: 'help' }

/** A sheet over the foot of the screen. It gets every key before anything else. */
export type Dialog =
  | EditDialog
  | { readonly kind: 'filter'; readonly list: FilteredList; readonly field: TextField; readonly before: string }
  | { readonly kind: 'palette'; readonly field: TextField; readonly selected: number }
  /** Would this connection pass? Answered while it is typed. */
  | { readonly kind: 'packet'; readonly field: TextField }
  | { readonly kind: 'policy'; readonly at: ChainRef; readonly policy: string }
  /** Shall rules be loaded at boot, on a host that loads none? Asked before the first change is armed. */
  | { readonly kind: 'boot' }
  | LookDialog
  | { readonly kind: 'arm' }
  | { readonly kind: 'arm-typed'; readonly field: TextField; readonly error: Safe | null }
  | { readonly kind: 'confirm-typed'; readonly field: TextField; readonly error: Safe | null }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'takeover' }
  | { readonly kind: 'quit' }

/**
 * Ports of the host that this machine is to knock at: asked first, then what was seen so far, and at last of all. `more`
 * counts those that are left out.
 */
export type LookDialog = {
  readonly kind: 'look'
  readonly ports: readonly PortSaid[]
  readonly more: number
  readonly phase: 'asks' | 'looks' | 'has looked'
  readonly seen: readonly SeenPort[]
}

/** Lists that `/` filters. */
export type FilteredList = AreaId | 'history'

/** Orders of the services: what is needless, who listens, who holds most memory, or their names. */
export const UNITS_ORDERS = ['needless', 'listening', 'memory', 'name'] as const
export type UnitsOrder = (typeof UNITS_ORDERS)[number]

export type ViewSlice = {
  readonly size: Size
  readonly screens: readonly Screen[]
  readonly focused: AreaId
  readonly zoomed: boolean
  readonly panes: Readonly<Record<AreaId, ListView>>
  readonly staged: ListView
  readonly history: ListView
  readonly baseline: BaselineSlice
  readonly firewall: { readonly family: Family; readonly table: string }
  /** What stands first among the services. */
  readonly unitsOrder: UnitsOrder
  /** Whether the secure log shows its lines, or of all that there is who got in, or who tried. */
  readonly logShows: 'lines' | 'logins' | 'pressure'
  readonly dialog: Dialog | null
  /** First line drawn of the top screen's text, and how far it can go (the screen reports it after drawing). */
  readonly scroll: number
  readonly scrollMax: number
  readonly scrollPage: number
  /** Exit status once the operator has left. */
  readonly exitCode: number | null
}

/** A console that has just started; the pane of the first area has the keys. */
export const initialView = (areas: readonly AreaId[]): ViewSlice => ({
  size: { columns: 80, rows: 24 },
  screens: [{ kind: 'dashboard' }],
  focused: areas[0] as AreaId,
  zoomed: false,
  panes: Object.fromEntries(areas.map((id) => [id, AT_START])) as ViewSlice['panes'],
  staged: AT_START,
  history: AT_START,
  baseline: initialBaseline,
  firewall: { family: 'v4', table: 'filter' },
  unitsOrder: 'needless',
  logShows: 'lines',
  dialog: null,
  scroll: 0,
  scrollMax: 0,
  scrollPage: 10,
  exitCode: null,
})

const DASHBOARD: Screen = { kind: 'dashboard' }

export const topScreen = (view: ViewSlice): Screen => view.screens.at(-1) ?? DASHBOARD

/** Puts a screen on top; one of the same kind already open is not opened twice. */
export const pushScreen = (view: ViewSlice, screen: Screen): ViewSlice => ({
  ...view,
  screens: [...view.screens.filter((one) => one.kind !== screen.kind), screen],
  scroll: 0,
})

/** Back to the panes, whatever is open. */
export const withoutScreens = (view: ViewSlice): ViewSlice => ({ ...view, screens: [DASHBOARD], scroll: 0 })

export const popScreen = (view: ViewSlice): ViewSlice => ({
  ...view,
  screens: view.screens.length > 1 ? view.screens.slice(0, -1) : view.screens,
  scroll: 0,
})

export const withPane = (view: ViewSlice, pane: AreaId, change: Partial<ListView>): ViewSlice => ({
  ...view,
  panes: { ...view.panes, [pane]: { ...view.panes[pane], ...change } },
})

/** The list on top that `/` filters. */
export const filteredList = (view: ViewSlice): FilteredList =>
  topScreen(view).kind === 'history' ? 'history' : view.focused

export const listView = (view: ViewSlice, list: FilteredList): ListView =>
  list === 'history' ? view.history : view.panes[list]

export const withList = (view: ViewSlice, list: FilteredList, change: Partial<ListView>): ViewSlice =>
  list === 'history' ? { ...view, history: { ...view.history, ...change } } : withPane(view, list, change)

/** Whether Esc has something to leave: a screen, a filter, the zoom. */
export const canGoBack = (view: ViewSlice): boolean =>
  view.screens.length > 1 || view.zoomed || view.panes[view.focused].filter !== ''

/** The text field of a dialog, or null for one that is answered with a single key. */
export function fieldOfDialog(dialog: Dialog): TextField | null {
  if (dialog.kind === 'edit' && dialog.form) return dialog.form.input
  return 'field' in dialog ? dialog.field : null
}

export const typedDialog = (kind: 'arm-typed' | 'confirm-typed'): Dialog => ({ kind, field: emptyField, error: null })
