// The faults: each breaks something at the moment it is told to, as an accident or another person would.
import { guardScript } from '../../../../src/services/transaction/scripts.ts'
import { crashAt, withCrashPoints } from '../../../support/crash-points.ts'
import { insertFirst } from '../../../support/plans.ts'
import { logIn, type Operator } from '../../operator.ts'
import type { Server } from '../../server.ts'
import { CURRENT } from '../world.ts'
import { FOREIGN, FOREIGN_CHAIN } from './judge.ts'
import { breakFor, type Mutation } from './mutations.ts'
import type { Random } from './random.ts'

export type Victim = {
  readonly server: Server
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
  readonly only?: 'systemd' | 'sysvinit'
  readonly strike: (victim: Victim) => Promise<unknown>
}

const onServer =
  (script: string) =>
  ({ server }: Victim) =>
    server.sh(script, { timeoutMs: 30_000 })
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

export const FAULTS: readonly Fault[] = [
  { name: 'nothing', strike: async () => {} },
  { name: 'the line is cut', strike: ({ server }) => server.cut('both', { party: 'client' }) },
  { name: 'the way in is cut', strike: ({ server }) => server.cut('in', { party: 'client' }) },
  { name: 'the answers are cut', strike: ({ server }) => server.cut('out', { party: 'client' }) },
  { name: 'the console dies', strike: async ({ operator }) => operator.close() },
  { name: 'every login is killed', strike: onServer(KILL_SESSIONS) },
  { name: 'the watch is killed', strike: onServer("pkill -9 -f '^/bin/sh /var/lib/hardtui/guard.sh watch'") },
  { name: 'the watch is stopped', only: 'systemd', strike: onServer("systemctl stop 'hardtui-watch-*'") },
  {
    // But for the keeper that sysvinit needs: with both gone at once cron takes a minute (fault 42).
    name: 'everything of ours is killed',
    strike: onServer("pkill -9 -f '^/bin/sh /var/lib/hardtui/guard.sh (watch|apply|start-apply|confirm|rollback)'"),
  },
  {
    name: 'daemon-reload, again and again',
    only: 'systemd',
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
    strike: onServer(
      `iptables -I INPUT -s 203.0.113.9/32 -m comment --comment ${FOREIGN} -j DROP; ip6tables -A INPUT -m comment --comment ${FOREIGN} -j ACCEPT`,
    ),
  },
  {
    name: 'somebody bans in a chain of his own',
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
    strike: onServer('for i in 1 2 3; do service ssh restart; done'),
  },
  {
    name: '/run/sshd is gone',
    spoilsConfirm: true,
    strike: onServer(`[ ! -e ${CURRENT}/state.armed ] || rm -rf /run/sshd`),
  },
  { name: 'logging is dead', strike: onServer('service rsyslog stop; pkill -9 -f systemd-journald') },
]

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A harmless change of somebody else's, which he leaves to its timer. He is told to wait, or comes first, or after. */
async function armToo({ server, mutation }: Victim): Promise<void> {
  const other = await logIn(server, 'ops', 0).catch(() => null)
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
  const within = /^(rollback|confirm|archive|put_back|restore_|write_aside|install_|apply|expired|remove_boot_guard)/
  const point = random.pick(instrumented.points.filter((one) => within.test(one.within)))
  await server.sh(
    `[ -d ${CURRENT} ] && cat > /var/lib/hardtui/guard.x && mv /var/lib/hardtui/guard.x /var/lib/hardtui/guard.sh && ${crashAt(point)}`,
    {
      input: instrumented.script,
    },
  )
}
