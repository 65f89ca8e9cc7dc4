import type { Area } from '../../model/area.ts'
import type { ProbeOutput } from '../../model/command.ts'
import type { FileBytes } from '../../model/file-bytes.ts'
import type { HostFacts } from '../../model/host.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import type { SshdFacts, SshdSetting } from '../../model/sshd.ts'
import { bytesAt, fileOf } from '../file-part.ts'
import { isWhole, linesOf, partsOf } from '../parts.ts'
import { parseAccounts } from './accounts/parse.ts'
import accountsScript from './accounts/probe.sh'
import settingsScript from './accounts/settings.sh'
import { sshdChecks } from './checks.ts'
import { sshdEditing } from './editing.ts'
import { DROP_IN, SOCKET_FILE } from './lay.ts'
import { parseListening, parseSettings, parseSockets, portsOf } from './parse.ts'
import probeScript from './probe.sh'
import programScript from './program.sh'
import viewsScript from './views.sh'
import { ownView, parseSources, parseViews } from './views.ts'

/** The SSH server as sshd(8) itself reports it, for this operator and for others: `sshd -T -C user=…,addr=…`. */
export const sshd: Area<'sshd'> = {
  id: 'sshd',
  probes: [
    { id: 'sshd', script: [programScript, probeScript, viewsScript].join('\n'), timeoutSeconds: 15 },
    { id: 'accounts', script: [programScript, settingsScript, accountsScript].join('\n'), timeoutSeconds: 20 },
  ],
  checks: sshdChecks,
  editing: sshdEditing,
  parse: (outputs, host, readAt) => {
    const output = outputs('sshd')
    if (!output) return { state: 'unread' }
    const part = partsOf(output)
    if (!isWhole(output, 'settings') && output.cut !== null)
      return { state: 'unreadable', reason: say`sshd did not answer in 15 s; press R to try again` }
    if (part('path') === '')
      return { state: 'absent', reason: say`no OpenSSH server was found here; this login came by something else` }
    const settings = part('status') === '0' ? parseSettings(part('settings')) : []
    if (settings.length === 0) return { state: 'unreadable', reason: whyUnreadable(part('settings'), host) }
    const accounts = parseAccounts(outputs('accounts'), settings)
    return { state: 'present', facts: { ...factsFrom(output, settings, host), accounts }, readAt }
  },
}

function factsFrom(
  output: ProbeOutput,
  settings: readonly SshdSetting[],
  host: HostFacts,
): Omit<SshdFacts, 'accounts'> {
  const part = partsOf(output)
  const sockets = parseSockets(part('sockets'))
  const listening = parseListening(part('listening'), host.session.serverPort)
  const configured = portsOf(settings)
  const open = part('open').split(/\s+/).map(Number)
  const fromSocket = part('open') === '' ? sockets.ports : sockets.ports.filter((port) => open.includes(port))
  const found = [...new Set([...fromSocket, ...listening])].toSorted((a, b) => a - b)
  const [state, ...matches] = linesOf(part('matches'))
  const paths = linesOf(part('files'))
  const main = paths[0] ?? ''
  const { views, unjudged } = parseViews(part('views'), matches, settings, main)
  const own = ownView(host.login.user, host.session.clientAddress, settings, linesOf(part('own')), {
    asked: part('asked'),
    sources: parseSources(linesOf(part('sources')), main),
  })
  const groups = linesOf(part('groups'))
  return {
    settings,
    views: [own, ...views],
    unjudged: state === 'unread' || output.cut !== null ? null : unjudged,
    groups: groups.length > 0 ? groups : null,
    account: (['locked', 'open'] as const).find((state) => state === part('account')) ?? null,
    ...readFiles(output, paths),
    version: part('version') === '' ? host.openssh : safe(linesOf(part('version'))[0] ?? ''),
    ports: found.length > 0 ? found : configured,
    portsFrom: fromSocket.length > 0 ? 'socket' : listening.length > 0 ? 'process' : 'settings',
    configuredPorts: configured,
    options: linesOf(part('options')).map((word) => safe(word)),
    socketActivated: sockets.active,
    socketGenerated: part('generated') === 'yes',
    sshPorts: labelledPorts(part('selinux')),
  }
}

/** `enforcing` and then `10022, 22`, `8000-8010`; nothing where SELinux does not enforce. */
function labelledPorts(text: string): SshdFacts['sshPorts'] {
  const [state, list] = linesOf(text)
  if (state !== 'enforcing') return 'off'
  const ranges = (list ?? '').split(',').map((one) => /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(one))
  if (ranges.includes(null)) return null
  return ranges.map((range) => [Number(range?.[1]), Number(range?.[2] ?? range?.[1])] as const)
}

/** Files that we write, named whether they are there or not. */
const OURS: readonly string[] = [DROP_IN, SOCKET_FILE]

/** The files that sshd reads, where each was read to its end; ours come last in the list. */
function readFiles(output: ProbeOutput, paths: readonly string[]): Pick<SshdFacts, 'files' | 'whyNoFiles' | 'foreign'> {
  const packaged = linesOf(partsOf(output)('packaged'))
  const foreign = new Set(
    paths.slice(1).filter((path) => packaged.includes(path) || /\/[^/]*cloud-?init[^/]*$/.test(path)),
  )
  const none = (whyNoFiles: Safe) => ({ files: null, whyNoFiles, foreign })
  if (paths[0] === undefined || OURS.includes(paths[0]) || !isWhole(output, 'files'))
    return none(say`sshd did not say which files it reads`)
  const files = new Map<string, FileBytes>()
  for (const [at, path] of paths.entries()) {
    const bytes = bytesAt(path, fileOf(output, `file.${at}`))
    if (!bytes.ok) return none(bytes.error)
    if (bytes.value !== null) files.set(path, bytes.value)
  }
  return { files, whyNoFiles: null, foreign }
}

/** sshd's own last word before it says that it gives up, with the reason behind it where it is a missing privilege: it can't read the host keys. */
function whyUnreadable(text: string, host: HostFacts): Safe {
  const words = linesOf(text).map((line) => line.trim())
  const reason = words.filter((line) => !/: terminating, \d+ bad configuration option/.test(line)).at(-1)
  const word = safe(reason ?? words.at(-1) ?? 'sshd -T printed nothing')
  const { escalation } = host.login
  return escalation === 'root' || escalation === 'sudo' ? word : say`sshd -T needs root: ${word}`
}
