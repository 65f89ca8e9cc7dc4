import type { Area } from '../../model/area.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { SshdFacts } from '../../model/sshd.ts'
import { linesOf, splitParts } from '../parts.ts'
import { sshdChecks } from './checks.ts'
import { parseSettings, parseSockets, portsOf } from './parse.ts'
import probeScript from './probe.sh'

/** The SSH server as sshd(8) itself reports it for this operator: `sshd -T -C user=…,addr=…`. */
export const sshd: Area<'sshd'> = {
  id: 'sshd',
  title: 'SSH',
  probes: [{ id: 'sshd', script: probeScript, timeoutSeconds: 15 }],
  checks: sshdChecks,
  parse: (outputs, host, readAt) => {
    const output = outputs('sshd')
    if (!output) return { state: 'unread' }
    const part = splitParts(output.stdout)
    if (part('status') === '' && output.timedOut)
      return { state: 'unreadable', reason: say`sshd did not answer in 15 s; press R to try again` }
    if (part('path') === '')
      return { state: 'absent', reason: say`no OpenSSH server was found here; this login came by something else` }
    const settings = part('status') === '0' ? parseSettings(part('settings')) : []
    if (settings.length === 0) return { state: 'unreadable', reason: whyUnreadable(part('settings'), host) }
    const sockets = parseSockets(part('sockets'))
    const facts: SshdFacts = {
      settings,
      version: part('version') === '' ? host.openssh : safe(linesOf(part('version'))[0] ?? ''),
      ports: sockets.active && sockets.ports.length > 0 ? sockets.ports : portsOf(settings),
      socketActivated: sockets.active,
    }
    return { state: 'present', facts, readAt }
  },
}

/** sshd's own last word, with the reason behind it where it is a missing privilege: it can't read the host keys. */
function whyUnreadable(text: string, host: HostFacts): Safe {
  const word = safe(linesOf(text).at(-1)?.trim() ?? 'sshd -T printed nothing')
  const { escalation } = host.login
  return escalation === 'root' || escalation === 'sudo' ? word : say`sshd -T needs root: ${word}`
}
