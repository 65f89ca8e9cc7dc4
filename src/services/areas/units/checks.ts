import { isOwnOnly } from '../../model/addresses.ts'
import type { Check, Severity } from '../../model/area.ts'
import { safe, say } from '../../model/safe.ts'
import { isRunning, startsAtBoot, type Unit, type UnitsFacts } from '../../model/units.ts'

/** A group of services that a server rarely needs, by unit or script name without its suffix. */
type Row = {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly names: RegExp
  readonly rationale: string
  /** A mail server is wanted on most hosts, but only for the host itself: it counts when it listens outside. */
  readonly onlyListeningOutside?: true
}

const ROWS: readonly Row[] = [
  {
    id: 'avahi',
    severity: 'medium',
    title: 'Zeroconf announces this host',
    names: /^avahi-daemon$/,
    rationale: 'It tells every neighbour on the network what runs here, and nobody looks for a server that way.',
  },
  {
    id: 'rpcbind',
    severity: 'medium',
    title: 'The RPC port mapper is on',
    names: /^(?:rpcbind|portmap)$/,
    rationale: 'Needed for NFS version 3 only; open to the world it tells what runs here and amplifies floods.',
  },
  {
    id: 'nfs',
    severity: 'medium',
    title: 'NFS is on',
    names:
      /^(?:nfs|nfs-server|nfs-kernel-server|nfs-common|nfs-mountd|nfs-idmapd|nfs-blkmap|nfslock|netfs|rpc-?statd|rpc-?gssd|rpc-?svcgssd|rpc-?idmapd)$/,
    rationale: 'Of use only where this host mounts or serves NFS.',
  },
  {
    id: 'legacy-remote',
    severity: 'high',
    title: 'A remote access service of the past is on',
    names:
      /^(?:telnet|telnetd|in\.telnetd|rsh|rlogin|rexec|rshd|tftp|tftpd|tftpd-hpa|atftpd|ypserv|ypbind|ypxfrd|yppasswdd|nis|inetd|openbsd-inetd|inetutils-inetd|xinetd)$/,
    rationale: 'telnet, rsh, tftp and NIS carry passwords or files in the clear, or ask for no password at all.',
  },
  {
    id: 'cups',
    severity: 'medium',
    title: 'The print service is on',
    names: /^(?:cups|cupsd|cups-browsed|cups-lpd)$/,
    rationale: 'A server that prints nothing needs none; cups-browsed took commands from the network more than once.',
  },
  {
    id: 'mail',
    severity: 'medium',
    title: 'The mail server listens outside',
    names: /^(?:exim4?|postfix|postfix@-|sendmail|opensmtpd)$/,
    rationale: 'A host that only sends its own mail needs to hear its own address alone.',
    onlyListeningOutside: true,
  },
  {
    id: 'iscsi',
    severity: 'low',
    title: 'iSCSI is on',
    names: /^(?:iscsi|iscsid|open-iscsi|iscsiuio)$/,
    rationale: 'Of use only where this host has its disks on the network. Make sure before it is stopped.',
  },
  {
    id: 'bluetooth',
    severity: 'low',
    title: 'Bluetooth is on',
    names: /^bluetooth$/,
    rationale: 'A server has no use for it.',
  },
  {
    id: 'modem',
    severity: 'low',
    title: 'ModemManager is on',
    names: /^ModemManager$/,
    rationale: 'Of use only where this host reaches the network through a modem.',
  },
  {
    id: 'wifi',
    severity: 'low',
    title: 'wpa_supplicant is on',
    names: /^wpa_supplicant$/,
    rationale: 'Of use only where this host reaches the network by Wi-Fi. Make sure before it is stopped.',
  },
]

const MAIL_PORTS = new Set([25, 465, 587])

/** Names of the units (without `.service`) that a finding of this check is about, for the pane's `needless` mark. */
export const needlessUnits = (facts: UnitsFacts): ReadonlyMap<string, string> =>
  new Map(ROWS.flatMap((row) => usedOf(row, facts).map((unit) => [unit.name, `SVC-${row.id}`] as const)))

/** Stands above the services where it is not known: silence would look like nobody listening. */
export const LISTENERS_CHECK = 'SVC-listeners'

const listeners: Check<UnitsFacts> = {
  id: LISTENERS_CHECK,
  severity: 'high',
  title: 'Who listens is not known',
  expected: 'every line of it read',
  rationale:
    "Nothing that rests on it is judged. A process may hide others by a line break in its name; as root, grep -c '' /proc/[0-9]*/comm | grep -v ':1$' names such ones.",
  references: ['ss(8)', 'proc(5)'],
  judge: ({ whyNoListeners }) =>
    whyNoListeners === null
      ? { outcome: 'pass', observed: say`known` }
      : { outcome: 'unknown', observed: whyNoListeners },
}

/** Services that a server rarely needs, running or started at boot (the routine's S14); ids are `SVC-` and a word. */
const needless: readonly Check<UnitsFacts>[] = ROWS.map((row) => ({
  id: `SVC-${row.id}`,
  severity: row.severity,
  title: row.title,
  expected: row.onlyListeningOutside ? 'loopback only' : 'stopped and disabled',
  rationale: row.rationale,
  references: ['routine S14', 'CIS 2.1', 'systemctl(1)'],
  judge: (facts) => {
    const present = facts.units.filter((unit) => row.names.test(baseName(unit)))
    if (present.length === 0) return { outcome: 'notapplicable', observed: say`not installed` }
    const used = usedOf(row, facts)
    const unsure = present.filter((unit) => unit.active === 'unknown')
    if (used.length === 0 && unsure.length > 0 && !row.onlyListeningOutside)
      return {
        outcome: 'unknown',
        observed: safe(`whether ${unsure.map(({ name }) => name).join(', ')} runs can't be told`),
      }
    if (used.length === 0 && row.onlyListeningOutside) {
      if (facts.whyNoListeners !== null && present.some(runs))
        return { outcome: 'unknown', observed: say`who listens is not known: ${facts.whyNoListeners}` }
      const open = facts.strayListeners.find(({ port, address }) => MAIL_PORTS.has(port) && !isOwnOnly(address))
      if (open && present.some(runs))
        return { outcome: 'unknown', observed: say`port ${open.port} is open outside, whose it is can't be told` }
    }
    if (used.length === 0)
      return { outcome: 'pass', observed: row.onlyListeningOutside ? say`loopback only` : say`stopped and disabled` }
    return { outcome: 'fail', observed: safe(used.map(inWords).join('; ')) }
  },
}))

export const unitChecks: readonly Check<UnitsFacts>[] = [listeners, ...needless]

const baseName = (unit: Unit): string => unit.name.replace(/\.(?:service|socket)$/, '')

const usedOf = (row: Row, facts: UnitsFacts): readonly Unit[] =>
  facts.units.filter(
    (unit) =>
      row.names.test(baseName(unit)) &&
      (row.onlyListeningOutside
        ? unit.listeners.some((listener) => !isOwnOnly(listener.address))
        : runs(unit) || startsAtBoot(unit)),
  )

const runs = (unit: Unit): boolean => isRunning(unit.active)

function inWords(unit: Unit): string {
  const outside = unit.listeners.filter((listener) => !isOwnOnly(listener.address))
  const ports = [...new Set(outside.map((listener) => `${listener.port}/${listener.protocol}`))]
  const words = [
    runs(unit) ? (unit.active === 'running' ? 'running' : unit.sub) : 'stopped',
    startsAtBoot(unit) ? 'starts at boot' : '',
    ports.length > 0 ? `listens on ${ports.join(' ')}` : '',
  ]
  return `${unit.name} ${words.filter((word) => word !== '').join(', ')}`
}
