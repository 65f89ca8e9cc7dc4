import type { Result } from './errors.ts'
import type { FileBytes } from './file-bytes.ts'
import type { Safe } from './safe.ts'

/** An address a service listens on. `address` is as ss(8) prints it: `0.0.0.0`, `[::]`, `127.0.0.1`, `*`. */
export type Listener = {
  readonly protocol: 'tcp' | 'udp'
  readonly address: Safe
  readonly port: number
  readonly process: Safe | null
  readonly pid: number | null
  /** Name of the unit (or script) it belongs to, when that is known. */
  readonly unit: string | null
}

/** What systemd knows of a unit beside its state (systemctl show, systemd.unit(5)). */
export type UnitDetails = {
  /** Sockets, timers and paths that start it when something happens. */
  readonly triggeredBy: readonly string[]
  /** Units that stop when it is stopped: those that require it, are bound to it, or are part of it. */
  readonly stopsWith: readonly string[]
  /** Units that ask for it when they are started. */
  readonly wantedBy: readonly string[]
  /** The name by which D-Bus starts it; null for none. */
  readonly busName: Safe | null
  /** Since how many seconds it runs; null where it does not. */
  readonly forSeconds: number | null
  /** Bytes that it holds now, where the kernel counts them. */
  readonly memory: number | null
  /** The last lines of its log, where it failed. */
  readonly lastLines: readonly Safe[]
}

/** A systemd service, socket or timer unit, or a script of sysvinit or OpenRC. */
export type Unit = {
  readonly name: string
  readonly description: Safe
  /** systemd's active state (active, inactive, failed, …); for a script running or stopped. */
  readonly active: Safe
  readonly sub: Safe
  /** Unit-file state (enabled, disabled, static, masked, …); for a script enabled or disabled. */
  readonly boot: Safe
  readonly listeners: readonly Listener[]
  /** systemd made it of a script of sysvinit (systemd-sysv-generator(8)). */
  readonly ofScript?: true
  /** Of a script of sysvinit: the runlevels whose links start it (`S` is the boot itself), `2345`; empty for none. */
  readonly levels?: Safe
  /** Absent where nothing tells, as of scripts. */
  readonly details?: UnitDetails
}

/** systemd's words for a unit that runs or is about to, and that for a script. */
const RUNNING: ReadonlySet<string> = new Set(['active', 'activating', 'reloading', 'running'])

/** Whether this word of a state (`Unit.active`) says that it runs. */
export const isRunning = (word: string): boolean => RUNNING.has(word)

/** Unit-file states of what starts with the machine; `generated` has its links made while it boots. */
const AT_BOOT: ReadonlySet<string> = new Set(['enabled', 'enabled-runtime', 'generated'])

/** Whether it starts with the machine. */
export const startsAtBoot = ({ boot }: Pick<Unit, 'boot'>): boolean => AT_BOOT.has(boot)

/** What on a host may need a service: `nfs`, `printing`, `iscsi`, `bluetooth`, `modem`, `wifi`. */
export type NeedId = 'nfs' | 'printing' | 'iscsi' | 'bluetooth' | 'modem' | 'wifi' | 'inetd'

/** What was found that needs something, in words; empty where it was looked for and nothing was there. */
export type Needs = Readonly<Partial<Record<NeedId, readonly Safe[]>>>

/** A line of a configuration file, for people to find it by. */
export type ConfigLine = { readonly path: string; readonly line: number; readonly text: Safe }

/** The lines of a service's configuration files that a constant pattern names. */
export type LookedThrough = {
  readonly lines: readonly ConfigLine[]
  /** The files that were read to their end, in the order in which they were looked through. */
  readonly files: readonly string[]
  /** Half a sentence on what could not be looked through; null where all of it was. */
  readonly why: Safe | null
}

/** What says on which addresses services listen: their files, and the socket that systemd holds for rpcbind(8). */
export type Binds = {
  /** Whole files by their paths, null for none there; or half a sentence on why it is not known. */
  readonly files: ReadonlyMap<string, Result<FileBytes | null, Safe>>
  /** By a word that stands for a service; of one that is not in it, nothing is known. */
  readonly looked: ReadonlyMap<string, LookedThrough>
  /** `systemctl show` of rpcbind.socket, a line each; null where it was not asked or has not answered. */
  readonly rpcbindSocket: readonly string[] | null
}

/** What inetd(8) or xinetd(8) starts when somebody comes: an entry that is on. */
export type OnDemandEntry = {
  readonly by: 'inetd' | 'xinetd'
  readonly path: Safe
  readonly line: number
  readonly name: Safe
  readonly protocol: Safe
  readonly user: Safe
  readonly program: Safe
}

/** All such entries; `why` is half a sentence on what of them is not known, null where all are. */
export type OnDemand = { readonly entries: readonly OnDemandEntry[]; readonly why: Safe | null }

export type UnitsFacts = {
  readonly manager: 'systemd' | 'sysvinit' | 'openrc'
  readonly units: readonly Unit[]
  /** Listeners that belong to no unit known. */
  readonly strayListeners: readonly Listener[]
  /** Half a sentence on why it is not known who listens, and no listener is named; null where it is known. */
  readonly whyNoListeners: Safe | null
  /** What was looked for on this host; a need that is not in it was not looked for, or not to the end. */
  readonly needs?: Needs
  /** Absent where it was not read. */
  readonly binds?: Binds
  /** Absent where it was not read. */
  readonly onDemand?: OnDemand
}
