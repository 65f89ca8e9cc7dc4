import type { AreaId } from '../../services/model/areas.ts'
import { firewallPresenter } from './firewall.ts'
import type { Presenter } from './presenter.ts'
import { securelogPresenter } from './securelog.ts'
import { settingsPresenter } from './settings.ts'
import { sshdPresenter } from './sshd.ts'
import { tcpwrappersPresenter } from './tcpwrappers.ts'
import { unitsPresenter } from './units.ts'

/** How each area is drawn. One row an area. */
export const PRESENTERS: Readonly<Record<AreaId, Presenter>> = {
  sshd: sshdPresenter,
  firewall: firewallPresenter,
  units: unitsPresenter,
  securelog: securelogPresenter,
  tcpwrappers: tcpwrappersPresenter,
  dns: settingsPresenter('dns'),
  rest: settingsPresenter('rest'),
}
