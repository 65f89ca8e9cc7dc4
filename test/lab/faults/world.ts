// What the fault tests look at: a pending change on a lab server, and the server as a whole before and after.
import { stagedFile, stagedUnit, textChange } from '../../support/plans.ts'
import { withoutCounters, withoutEmptyTables } from '../../support/rule-sets.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'

export const CURRENT = '/var/lib/hardtui/current'
const holds = async (server: Server, test: string): Promise<boolean> => (await server.sh(test)).status === 0

export const isArmed = (server: Server): Promise<boolean> => holds(server, `test -e ${CURRENT}/state.armed`)
export const isApplied = (server: Server): Promise<boolean> => holds(server, `test -s ${CURRENT}/applied/done`)
/** Nothing is pending, and whoever ended it has finished: its record and its hooks are written under the lock. */
export const IS_OVER = `test ! -d ${CURRENT} && { test ! -e /var/lib/hardtui/lock || flock -n /var/lib/hardtui/lock true; }`
export const isOver = (server: Server): Promise<boolean> => holds(server, IS_OVER)

/** How transactions ended on this server, newest first: `confirmed`, `rolled-back-timer`, … */
export async function endings(server: Server): Promise<readonly string[]> {
  const names = await server.must('ls -t /var/lib/hardtui/history 2>/dev/null || :')
  return names.split('\n').flatMap((name) => (name ? [name.slice(name.indexOf('.') + 1)] : []))
}

/** Waits until the pending change is applied. */
export const untilApplied = (server: Server): Promise<unknown> =>
  until('the apply', () => isApplied(server), { timeoutMs: 30_000, everyMs: 20 })

/** Waits until nothing is pending. */
export const untilOver = (server: Server, timeoutMs = 60_000): Promise<unknown> =>
  until('the end of the change', () => isOver(server), { timeoutMs, everyMs: 50 })

/** The deadline of the pending change, in seconds of the server's uptime. */
export const deadlineOf = async (server: Server): Promise<number> =>
  Number((await server.must(`cat ${CURRENT}/deadline`)).split(' ')[0]) / 100

/** Looks a hundred times a second without starting a process each time, which would slow down what is looked at. */
const UNTIL_NOT_ARMED = `perl -e '
  while (-e "${CURRENT}/state.armed") { select undef, undef, undef, 0.01 }
  open my $up, "<", "/proc/uptime"; print <$up>'`

/** Waits for the rollback and says how many seconds after the deadline it began. */
export async function lateness(server: Server): Promise<number> {
  const deadline = await deadlineOf(server)
  const uptime = await server.must(UNTIL_NOT_ARMED, { timeoutMs: 90_000 })
  await untilOver(server, 30_000)
  return Number(uptime.split(' ')[0]) - deadline
}

/** A file of the server as text, or null where there is none. */
export async function textOf(server: Server, path: string): Promise<string | null> {
  const { status, stdout } = await server.sh(`cat ${path}`)
  return status === 0 ? stdout : null
}

/** A change to a file, made of what stands there now. */
export const fileChange = async (server: Server, path: string, change: (now: string) => string | null) => {
  const was = await textOf(server, path)
  return stagedFile(textChange(path, change(was ?? ''), was))
}

const verbs = {
  off: { run: 'stop', boot: 'disable' },
  on: { run: 'start', boot: 'enable' },
  masked: { run: 'stop', boot: 'mask' },
} as const

/** A change to a unit, made of how it is now. */
export async function unitChange(server: Server, unit: string, to: keyof typeof verbs) {
  const was =
    server.flavour === 'sysvinit'
      ? `service ${unit} status >/dev/null 2>&1 && echo active || echo inactive; ls /etc/rc2.d | grep -q "^S..${unit}$" && echo enabled || echo disabled`
      : `systemctl is-active ${unit}; systemctl is-enabled ${unit}`
  const [run = '', boot = ''] = (await server.sh(was)).stdout.trim().split('\n')
  return stagedUnit({ unit, ...verbs[to], was: { run, boot } })
}

/** Rules of both families, without counters and without tables that do nothing. */
export const rulesOf = async (server: Server): Promise<string> =>
  withoutEmptyTables(withoutCounters(await server.must('iptables-save; ip6tables-save')))

/**
 * Everything a transaction of these tests may touch, as one text: rules, files with owner, mode, times and attributes,
 * what starts at boot, what runs.
 */
export async function worldOf(server: Server, units: readonly string[] = []): Promise<string> {
  const states =
    server.flavour === 'sysvinit'
      ? units.map((unit) => `service ${unit} status >/dev/null 2>&1 && echo ${unit} runs || echo ${unit} rests`)
      : units.map((unit) => `echo ${unit} $(systemctl is-active ${unit}) $(systemctl is-enabled ${unit})`)
  const rest = await server.must(
    [
      // /etc/init.d/.depend.* are written anew by whatever enables a script; hardtui's own hooks are gone by then.
      'find /etc -xdev -type f ! -name ".depend.*" -printf "%p %m %u %g %T@\\n" | sort',
      'find /etc -xdev -type f ! -name ".depend.*" -exec cksum {} + | sort -k 3',
      // insserv(8) numbers all start scripts anew whenever one is added or removed; their order stays.
      'find /etc -xdev -type l -printf "%p %l\\n" | sed "s,\\(/rc.\\.d/[SK]\\)[0-9][0-9],\\1," | sort',
      ...states,
    ].join('; '),
    { timeoutMs: 60_000 },
  )
  return `${await rulesOf(server)}\n${rest}`
}
