import { addsUp, namesOf } from '../../../../../src/services/areas/sshd/config/keywords.ts'
import type { Ground } from '../../../../../src/services/areas/sshd/config/write.ts'

/** A server with cloud-init, whose file is nobody else's to change. */
export const GROUND: Ground = {
  main: '/etc/ssh/sshd_config',
  dropIn: '/etc/ssh/sshd_config.d/00-hardtui.conf',
  isForeign: (path) => path.endsWith('cloud-init.conf'),
  isSeveral: addsUp,
  namesOf,
}
