import type { Severity } from '../../model/area.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { isRunning, type NeedId, startsAtBoot, type Unit, type UnitsFacts } from '../../model/units.ts'

/** A group of services that a server rarely needs, by unit or script name without its suffix. */
export type Row = {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly names: RegExp
  readonly rationale: string
  /** What on a host may need it; absent where nothing that can be looked for does. */
  readonly need?: Exclude<NeedId, 'inetd'>
  /** What is shown of the host beside it, and speaks neither for it nor against it. */
  readonly shows?: NeedId
}

/** One table of what is known to be needless on most servers: the routine's list, and that of today. */
export const ROWS: readonly Row[] = [
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
    need: 'nfs',
  },
  {
    id: 'nfs',
    severity: 'medium',
    title: 'NFS is on',
    names:
      /^(?:nfs|nfs-server|nfs-kernel-server|nfs-common|nfs-mountd|nfs-idmapd|nfs-blkmap|nfslock|netfs|rpc-?statd|rpc-?gssd|rpc-?svcgssd|rpc-?idmapd)$/,
    rationale: 'Of use only where this host mounts or serves NFS.',
    need: 'nfs',
  },
  {
    id: 'legacy-remote',
    severity: 'high',
    title: 'A remote access service of the past is on',
    names:
      /^(?:telnet|telnetd|in\.telnetd|rsh|rlogin|rexec|rshd|tftp|tftpd|tftpd-hpa|atftpd|ypserv|ypbind|ypxfrd|yppasswdd|nis|inetd|openbsd-inetd|inetutils-inetd|xinetd)$/,
    rationale: 'telnet, rsh, tftp and NIS carry passwords or files in the clear, or ask for no password at all.',
    shows: 'inetd',
  },
  {
    id: 'cups',
    severity: 'medium',
    title: 'The print service is on',
    names: /^(?:cups|cupsd|cups-browsed|cups-lpd)$/,
    rationale: 'A server that prints nothing needs none; cups-browsed took commands from the network more than once.',
    need: 'printing',
  },
  {
    id: 'iscsi',
    severity: 'low',
    title: 'iSCSI is on',
    names: /^(?:iscsi|iscsid|open-iscsi|iscsiuio)$/,
    rationale: 'Of use only where this host has its disks on the network. Make sure before it is stopped.',
    need: 'iscsi',
  },
  {
    id: 'bluetooth',
    severity: 'low',
    title: 'Bluetooth is on',
    names: /^bluetooth$/,
    rationale: 'A server has no use for it.',
    need: 'bluetooth',
  },
  {
    id: 'modem',
    severity: 'low',
    title: 'ModemManager is on',
    names: /^ModemManager$/,
    rationale: 'Of use only where this host reaches the network through a modem.',
    need: 'modem',
  },
  {
    id: 'wifi',
    severity: 'low',
    title: 'wpa_supplicant is on',
    names: /^wpa_supplicant$/,
    rationale: 'Of use only where this host reaches the network by Wi-Fi. Make sure before it is stopped.',
    need: 'wifi',
  },
]

/** A unit's name without its kind. */
export const baseName = ({ name }: Pick<Unit, 'name'>): string => name.replace(/\.(?:service|socket|timer|path)$/, '')

export const runs = (unit: Unit): boolean => isRunning(unit.active)

/** The units of a row that are on. */
export const usedOf = (row: Row, facts: UnitsFacts): readonly Unit[] =>
  facts.units.filter((unit) => row.names.test(baseName(unit)) && (runs(unit) || startsAtBoot(unit)))

/** How sure it is that nobody needs it, and by what. */
export type Judged = {
  readonly verdict: 'needless' | 'probably' | 'needed'
  readonly evidence: readonly Safe[]
}

const WORDS: Readonly<Record<Exclude<NeedId, 'inetd'>, Safe>> = {
  nfs: say`no NFS mount, in use or in /etc/fstab, and no export`,
  printing: say`no printer is set up`,
  iscsi: say`no iSCSI session`,
  bluetooth: say`no Bluetooth adapter`,
  modem: say`no modem`,
  wifi: say`no wireless interface`,
}

/** Weighs what on this host speaks for a row's units: mounts, printers, sessions, and who runs that would stop with them. */
export function judgeNeed(row: Row, used: readonly Unit[], { units, needs = {} }: UnitsFacts): Judged {
  const own = new Set(used.map(({ name }) => name))
  const dependants = units.filter(
    (unit) =>
      runs(unit) &&
      !row.names.test(baseName(unit)) &&
      !own.has(unit.name) &&
      used.some(({ details }) => details?.stopsWith.includes(unit.name)),
  )
  const found = row.need === undefined ? [] : needs[row.need]
  const needed = [...(found ?? []), ...dependants.map(({ name }) => say`${safe(name)} runs, and stops with it`)]
  if (needed.length > 0) return { verdict: 'needed', evidence: needed }
  if (row.need === undefined) return { verdict: 'needless', evidence: (row.shows && needs[row.shows]) ?? [] }
  if (found === undefined) return { verdict: 'probably', evidence: [say`what may need it could not all be looked for`] }
  return { verdict: 'needless', evidence: [WORDS[row.need]] }
}
