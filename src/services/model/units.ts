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

/** A systemd service or socket unit, or a script of sysvinit or OpenRC. */
export type Unit = {
  readonly name: string
  readonly description: Safe
  /** systemd's active state (active, inactive, failed, …); for a script running or stopped. */
  readonly active: Safe
  readonly sub: Safe
  /** Unit-file state (enabled, disabled, static, masked, …); for a script enabled or disabled. */
  readonly boot: Safe
  readonly listeners: readonly Listener[]
}

/** systemd's words for a unit that runs or is about to, and that for a script. */
const RUNNING: ReadonlySet<string> = new Set(['active', 'activating', 'reloading', 'running'])

/** Whether this word of a state (`Unit.active`) says that it runs. */
export const isRunning = (word: string): boolean => RUNNING.has(word)

/** Unit-file states of what starts with the machine; `generated` has its links made while it boots. */
const AT_BOOT: ReadonlySet<string> = new Set(['enabled', 'enabled-runtime', 'generated'])

/** Whether it starts with the machine. */
export const startsAtBoot = ({ boot }: Pick<Unit, 'boot'>): boolean => AT_BOOT.has(boot)

export type UnitsFacts = {
  readonly manager: 'systemd' | 'sysvinit' | 'openrc'
  readonly units: readonly Unit[]
  /** Listeners that belong to no unit known. */
  readonly strayListeners: readonly Listener[]
  /** Half a sentence on why it is not known who listens, and no listener is named; null where it is known. */
  readonly whyNoListeners: Safe | null
}
