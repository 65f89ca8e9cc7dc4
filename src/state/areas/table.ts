import type { Areas } from '../../services/model/area.ts'
import type { AreaId } from '../../services/model/areas.ts'
import type { Cell } from '../layout.ts'
import type { EditDialog } from '../slices/edit-dialog.ts'
import type { AreaView } from './area-view.ts'
import { dnsView } from './dns/view.ts'
import type { Editor } from './editor.ts'
import { firewallView } from './firewall/view.ts'
import { restView } from './rest/view.ts'
import { securelogView } from './securelog/view.ts'
import { sshdView } from './sshd/view.ts'
import { tcpwrappersView } from './tcpwrappers/view.ts'
import { unitsView } from './units/view.ts'

/** Every area, in the order of the panes' numbers. One row an area; how each is drawn is the screens' table. */
export const VIEWS: { readonly [Id in AreaId]: AreaView<Id> } = {
  sshd: sshdView,
  firewall: firewallView,
  units: unitsView,
  securelog: securelogView,
  tcpwrappers: tcpwrappersView,
  dns: dnsView,
  rest: restView,
}

export const AREA_IDS = Object.keys(VIEWS) as readonly AreaId[]

/** The areas themselves: what is probed, judged and changed. */
export const AREAS = Object.fromEntries(AREA_IDS.map((id) => [id, VIEWS[id].area])) as unknown as Areas

/** How the line of a dialog is typed. */
export const editorOf = (dialog: EditDialog): Editor | undefined => VIEWS[dialog.area].editor?.(dialog)

/** Where each pane stands. */
export const CELLS: readonly { readonly id: AreaId; readonly cell: Cell }[] = AREA_IDS.map((id) => ({
  id,
  cell: VIEWS[id].cell,
}))
