// The faults: each breaks something at the moment it is told to, as an accident or another person would.

import type { ChangePlan } from '../../../../src/services/model/plan.ts'
import { guardScript } from '../../../../src/services/transaction/scripts.ts'
import { crashAt, withCrashPoints } from '../../../support/crash-points.ts'
import { insertFirst } from '../../../support/plans.ts'
import type { Operator } from '../../operator.ts'
import { until } from '../../run.ts'
import type { Server } from '../../server.ts'
import { CURRENT } from '../world.ts'
import { FILES } from './changes.ts'
import { enter } from './enter.ts'
import { FOREIGN, FOREIGN_CHAIN } from './judge.ts'
import { type Kind, restartOf } from './kinds.ts'
import { breakFor, type Mutation } from './mutations.ts'
import type { Random } from './random.ts'

export type Victim = {
  readonly server: Server
  readonly kind: Kind
  readonly operator: Operator
  readonly random: Random
  readonly mutation: Mutation | null
}

export type Fault = {
  readonly name: string
  /** Whether the server boots anew. */
  readonly reboots?: boolean
  /** Whether a confirm would leave what the fault broke. */
  readonly spoilsConfirm?: boolean
  /** Whether it puts rules of somebody else's there, which a rollback has to leave alone. */
  readonly adds?: boolean
  /** Whether the record of how the change ended may go with it. */
  readonly forgets?: boolean
  /** What it changes for good, by the judge's names, where the change itself has nothing to do with that. */
  readonly leaves?: (kind: Kind) => readonly string[]
  /** The servers that can have it. */
  readonly only?: (kind: Kind) => boolean
  readonly strike: (victim: Victim) => Promise<unknown>
}

const onServer =
  (script: string) =>
  ({ server }: Victim) =>
    server.sh(script, { timeoutMs: 30_000 })
const systemd = ({ flavour }: Kind): boolean => flavour !== 'sysvinit'
/**
 * Somebody's doing inside the window, and only there: what he does before or after it is nobody's to mend. The lock keeps
 * those out who apply and restore; a daemon must not inherit it.
 */
const insideTheWindow =
  (script: (kind: Kind) => string) =>
  ({ server, kind }: Victim) =>
    server.sh('[ -e /var/lib/hardtui/lock ] && exec flock -o -w 15 /var/lib/hardtui/lock sh', {
      input: `[ -e ${CURRENT}/state.armed ] || exit 0\n${script(kind)}\n`,
      timeoutMs: 30_000,
    })
const instrumented = withCrashPoints(guardScript)

/**
 * Every process of every login, and what they started that did not leave: by control group, or by session; a session
 * whose leader is gone is what a login left behind.
 */
const KILL_SESSIONS = `
  if [ -d /run/systemd/system ]; then
    for scope in $(systemctl list-units --plain --no-legend 'session-*.scope' | cut -d ' ' -f 1); do
      systemctl kill --kill-whom=all --signal=KILL $scope; done
  else
    for pid in $(pgrep -f 'sshd: .*@notty|sshd: .*@pts'); do
      for child in $(pgrep -P $pid); do pkill -9 -s $(ps -o sid= -p $child); done
      kill -9 $pid
    done
    for pid in $(grep -lz '^SSH_CONNECTION=' /proc/[0-9]*/environ | cut -d / -f 3); do
      [ -e /proc/$(ps -o sid= -p $pid | tr -d ' ') ] || kill -9 $pid
    done
  fi`

/** Every other rule of INPUT in the place of its mirror image, where the change has to do with that chain. */
const MOVE_HALF = `
  grep -qx 'filter INPUT' ${CURRENT}/plan/v4.touches || exit 0
  iptables-save -t filter | awk '
    /^-A INPUT / { rule[++n] = $0; next }
    /^COMMIT/ { half = int(n / 2); for (i = 1; i <= n; i++) print i % 2 ? rule[i] : rule[2 * (half + 1) - i] }
    { print }' | iptables-restore`

const SOCKET_FOLDER = '/etc/systemd/system/ssh.socket.d'
const moveSshd = (kind: Kind): string => `
  touch /run/sshd-moved
  ${
    kind.variant === 'socket'
      ? `mkdir -p ${SOCKET_FOLDER}
         printf '[Socket]\\nListenStream=\\nListenStream=2299\\n' >${SOCKET_FOLDER}/moved.conf`
      : `sed -i -e '/^Port /d' -e '/^ListenAddress /d' -e '1i Port 2299' ${FILES[3]}`
  }
  { ${restartOf(kind)}; } </dev/null`

/** Every process ends, the kernel goes on (systemd-soft-reboot.service(8)); waits for the system to be up again. */
async function softReboot({ server }: Victim): Promise<void> {
  const isUp = 'systemctl show -P SoftRebootsCount; systemctl is-system-running'
  const look = async (): Promise<string> => (await server.sh(isUp)).stdout
  const [before] = (await look()).split('\n')
  await server.sh('systemctl soft-reboot </dev/null >/dev/null 2>&1 &')
  await until(
    'the soft reboot',
    async () => {
      const [count, state = ''] = (await look()).split('\n')
      return count !== before && /^(running|degraded)$/.test(state)
    },
    { timeoutMs: 60_000, everyMs: 200 },
  )
}

export const FAULTS: readonly Fault[] = [
  { name: 'nothing', strike: async () => {} },
  { name: 'the line is cut', strike: ({ server }) => server.cut('both', { party: 'client' }) },
  { name: 'the way in is cut', strike: ({ server }) => server.cut('in', { party: 'client' }) },
  { name: 'the answers are cut', strike: ({ server }) => server.cut('out', { party: 'client' }) },
  { name: 'the console dies', strike: async ({ operator }) => operator.close() },
  { name: 'every login is killed', strike: onServer(KILL_SESSIONS) },
  { name: 'the watch is killed', strike: onServer("pkill -9 -f '^/bin/sh /var/lib/hardtui/guard.sh watch'") },
  { name: 'the watch is stopped', only: systemd, strike: onServer("systemctl stop 'hardtui-watch-*'") },
  {
    // But for the keeper that sysvinit needs: with both gone at once cron takes a minute (fault 42).
    name: 'everything of ours is killed',
    strike: onServer(
      "pkill -9 -f '^/bin/sh /var/lib/hardtui/guard.sh (watch|standby|apply|start-apply|confirm|rollback)'",
    ),
  },
  {
    name: 'daemon-reload, again and again',
    only: systemd,
    strike: onServer('for i in 1 2 3 4 5 6; do systemctl daemon-reload; systemctl daemon-reexec; sleep 0.3; done'),
  },
  { name: 'a clean reboot', reboots: true, strike: ({ server }) => server.reboot() },
  { name: 'a power cut', reboots: true, strike: ({ server }) => server.powerCut() },
  { name: 'a step of the guard crashes', strike: crashTheGuard },
  {
    name: 'a step of the guard crashes, then the power goes',
    reboots: true,
    strike: async (victim) => {
      await crashTheGuard(victim)
      await pause(victim.random.whole(0, 4000))
      await victim.server.powerCut()
    },
  },
  { name: 'the disk is full', strike: ({ server }) => server.fillDisk() },
  {
    name: 'somebody adds a rule',
    adds: true,
    strike: onServer(
      `iptables -I INPUT -s 203.0.113.9/32 -m comment --comment ${FOREIGN} -j DROP; ip6tables -A INPUT -m comment --comment ${FOREIGN} -j ACCEPT`,
    ),
  },
  {
    name: 'somebody bans in a chain of his own',
    adds: true,
    strike: onServer(
      `iptables -N ${FOREIGN_CHAIN}; iptables -A ${FOREIGN_CHAIN} -s 203.0.113.8/32 -m comment --comment ${FOREIGN} -j REJECT; iptables -I INPUT -m comment --comment ${FOREIGN} -j ${FOREIGN_CHAIN}`,
    ),
  },
  { name: 'somebody rolls back', strike: onServer('sh /var/lib/hardtui/guard.sh rollback') },
  { name: 'another operator arms too', strike: armToo },
  {
    name: 'everybody triggers',
    strike: onServer(
      'for i in 1 2 3 4; do sh /var/lib/hardtui/guard.sh rollback timer & sh /var/lib/hardtui/guard.sh finish & done; wait',
    ),
  },
  {
    name: 'sshd is restarted, again and again',
    strike: ({ server, kind }) => server.sh(`for i in 1 2 3; do ${restartOf(kind)}; done`, { timeoutMs: 30_000 }),
  },
  {
    name: '/run/sshd is gone',
    spoilsConfirm: true,
    strike: onServer(`[ ! -e ${CURRENT}/state.armed ] || rm -rf /run/sshd`),
  },
  {
    name: 'another target is isolated',
    only: systemd,
    // Read anew, systemd knows of the boot guard, and starts it along with the target.
    strike: onServer('systemctl daemon-reload; systemctl isolate multi-user.target </dev/null >/dev/null 2>&1'),
  },
  { name: 'init 3', only: systemd, strike: onServer('init 3 </dev/null >/dev/null 2>&1') },
  {
    name: 'all units of ours are stopped by name',
    only: systemd,
    strike: onServer("systemctl stop 'hardtui-*'"),
  },
  {
    name: 'the watch stands still',
    strike: onServer("pkill -STOP -f '^/bin/sh /var/lib/hardtui/guard.sh watch'"),
  },
  {
    name: 'the group of the watch is frozen',
    only: systemd,
    strike: onServer(
      "for one in $(systemctl list-units --plain --no-legend 'hardtui-watch-*' | cut -d ' ' -f 1); do systemctl freeze $one; done",
    ),
  },
  { name: 'who stands by is killed', strike: onServer("pkill -9 -f '^/bin/sh [^ ]*guard.sh standby'") },
  { name: 'the pending change is removed', forgets: true, strike: onServer(`rm -rf ${CURRENT}`) },
  { name: 'everything of ours is removed', forgets: true, strike: onServer('rm -rf /var/lib/hardtui') },
  {
    name: 'iptables becomes legacy',
    strike: onServer('for one in iptables ip6tables; do update-alternatives --set $one /usr/sbin/$one-legacy; done'),
  },
  { name: 'a soft reboot', only: ({ flavour }) => flavour === 'debian13', strike: softReboot },
  {
    name: 'somebody moves half of the rules',
    spoilsConfirm: true,
    strike: insideTheWindow(() => MOVE_HALF),
  },
  {
    name: 'somebody moves sshd',
    spoilsConfirm: true,
    leaves: ({ variant }) => [variant === 'socket' ? `${SOCKET_FOLDER}/moved.conf` : FILES[3], 'listens'],
    strike: insideTheWindow(moveSshd),
  },
  {
    name: 'somebody stops sshd and drops its port',
    spoilsConfirm: true,
    strike: insideTheWindow(
      ({ variant }) => `
        ! grep -qx 'filter INPUT' ${CURRENT}/plan/v4.touches ||
          for port in $(cat ${CURRENT}/save/sshd.ports); do iptables -I INPUT -p tcp -m tcp --dport $port -j DROP; done
        touch /run/sshd-moved
        ${variant === 'socket' ? 'systemctl stop ssh.socket ssh.service' : 'service ssh stop'} </dev/null`,
    ),
  },
  { name: 'logging is dead', strike: onServer('service rsyslog stop; pkill -9 -f systemd-journald') },
]

/** The faults that such a server can have; `among` names those that are wanted, null is all of them. */
export const faultsOn = (kind: Kind, among: readonly string[] | null): readonly Fault[] =>
  FAULTS.filter(({ name, only }) => (!only || only(kind)) && (!among || among.includes(name)))

/** What a fault leaves changed that the judge must not ask about. */
export const leftBy = ({ leaves }: Fault, kind: Kind, plan: ChangePlan): readonly string[] =>
  (leaves?.(kind) ?? []).filter((name) => !plan.steps.some((step) => step.kind === 'file' && step.path === name))

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A harmless change of somebody else's, which he leaves to its timer. He is told to wait, or comes first, or after. */
async function armToo({ server, kind, mutation }: Victim): Promise<void> {
  const other = await enter(server, kind, 'ops').catch(() => null)
  if (!other) return
  breakFor(other, mutation)
  try {
    const edit = '-p tcp -m tcp --dport 82 -j DROP'
    await other.transactions.apply(await other.plan((facts) => [insertFirst(facts, edit)], { windowSeconds: 3 }))
  } finally {
    other.close()
  }
}

/** Swaps the guard for one that kills itself before one of its steps, whoever runs it next; there must be a guard. */
async function crashTheGuard({ server, random }: Victim): Promise<void> {
  const within =
    /^(rollback|confirm|archive|put_back|restore_|write_|install_|apply|expired|remove_boot_guard|set_(sysctl|goal)|run_unit)/
  const point = random.pick(instrumented.points.filter((one) => within.test(one.within)))
  await server.sh(
    `[ -d ${CURRENT} ] && cat > /var/lib/hardtui/guard.x && mv /var/lib/hardtui/guard.x /var/lib/hardtui/guard.sh && ${crashAt(point)}`,
    {
      input: instrumented.script,
    },
  )
}
