import type { Area } from '../../model/area.ts'
import { bytesAt, fileOf } from '../file-part.ts'
import { isWhole, linesOf, partsOf } from '../parts.ts'
import { tcpwrappersChecks } from './checks.ts'
import { daemonsOf, onDemandOf } from './daemons.ts'
import { tcpwrappersEditing } from './editing.ts'
import probeScript from './probe.sh'

/** Who may talk to daemons that ask hosts_access(3): /etc/hosts.allow and /etc/hosts.deny. */
export const tcpwrappers: Area<'tcpwrappers'> = {
  id: 'tcpwrappers',
  probes: [{ id: 'tcpwrappers', script: probeScript, timeoutSeconds: 10 }],
  checks: tcpwrappersChecks,
  editing: tcpwrappersEditing,
  parse: (outputs, _host, readAt) => {
    const output = outputs('tcpwrappers')
    if (!output) return { state: 'unread' }
    const allow = bytesAt('/etc/hosts.allow', fileOf(output, 'allow'))
    const deny = bytesAt('/etc/hosts.deny', fileOf(output, 'deny'))
    if (!allow.ok) return { state: 'unreadable', reason: allow.error }
    if (!deny.ok) return { state: 'unreadable', reason: deny.error }
    const programs = isWhole(output, 'sshd') ? linesOf(partsOf(output)('sshd')) : []
    const sshdAsks = programs.some((line) => line.startsWith('asks '))
      ? true
      : programs.length > 0 && programs.every((line) => line.startsWith('without '))
        ? false
        : null
    const running = isWhole(output, 'daemons') ? linesOf(partsOf(output)('daemons')) : []
    const own = daemonsOf(running)
    const onDemand = isWhole(output, 'ondemand') ? onDemandOf(running, linesOf(partsOf(output)('ondemand'))) : null
    const daemons = own && onDemand && [...own, ...onDemand]
    const files = { allow: allow.value, deny: deny.value }
    return { state: 'present', readAt, facts: { files, sshdAsks, daemons } }
  },
}
