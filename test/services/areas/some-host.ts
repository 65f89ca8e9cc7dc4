import type { Around } from '../../../src/services/model/area.ts'
import type { ProbeOutput } from '../../../src/services/model/command.ts'
import type { HostFacts } from '../../../src/services/model/host.ts'
import { safe } from '../../../src/services/model/safe.ts'
import { outputFrom } from '../../support/probe-output.ts'

/** Facts of a plausible host, with what a test wants different. */
export const someHost = (login: Partial<HostFacts['login']> = {}): HostFacts => ({
  hostname: safe('web1'),
  os: safe('Debian GNU/Linux 12'),
  kernel: safe('6.1.0'),
  init: 'systemd',
  login: { user: safe('ops'), uid: 1000, escalation: 'sudo', ...login },
  escalationReason: null,
  session: {
    clientAddress: '198.51.100.20',
    clientPort: 50022,
    serverAddress: '203.0.113.10',
    serverPort: 22,
  },
  sessionInterface: 'eth0',
  tools: {},
  clockSkewSeconds: 0,
  openssh: null,
})

/** The one probe's output, as `parse` asks for it; the text has each part behind `@@NAME`. */
export const outputOf =
  (id: string, stdout: string, more: Partial<ProbeOutput> = {}) =>
  (probeId: string): ProbeOutput | null =>
    probeId === id ? outputFrom(id, stdout, more) : null

/** What a check is told of other areas when none has been read. */
export const NOTHING_AROUND: Around = { listeners: null }
