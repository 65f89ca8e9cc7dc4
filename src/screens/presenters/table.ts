import type { AreaId } from '../../services/model/area.ts'
import { firewall } from './firewall.ts'
import { log } from './log.ts'
import type { Presenter } from './presenter.ts'
import { services } from './services.ts'
import { ssh } from './ssh.ts'

/** How each area is drawn. */
export const PRESENTERS: Readonly<Record<AreaId, Presenter>> = {
  sshd: ssh,
  firewall,
  units: services,
  securelog: log,
}
