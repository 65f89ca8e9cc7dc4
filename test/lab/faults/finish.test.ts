import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FirewallFacts, RuleEdit } from '../../../src/services/model/firewall.ts'
import type { Timer } from '../../../src/services/model/transaction.ts'
import { insertFirst } from '../../support/plans.ts'
import { up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, type Operator, phase } from '../operator.ts'
import { until } from '../run.ts'
import type { Server } from '../server.ts'
import { CURRENT, endings, rulesOf, untilOver } from './world.ts'

const MARK = '--dport 81 -j DROP'
const GUARD = 'sh /var/lib/hardtui/guard.sh'
const harmless = (facts: FirewallFacts): RuleEdit[] => [insertFirst(facts, `-p tcp -m tcp ${MARK}`)]
const dropNew = (facts: FirewallFacts): RuleEdit[] => [
  insertFirst(facts, '-p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j DROP'),
]

describe.skipIf(whyNoLab() !== null)('confirm and rollback', () => {
  let server: Server
  beforeAll(async () => {
    server = await up()
  })
  afterEach(async () => {
    closeOperators()
    await server.heal()
    await untilOver(server)
    await server.must('iptables -F')
    await server.waitForLogin()
  })
  afterAll(() => server?.down())

  const begin = async (
    edits: (facts: FirewallFacts) => RuleEdit[] = harmless,
    windowSeconds = 30,
  ): Promise<{ readonly operator: Operator; readonly timer: Timer }> => {
    const operator = await logIn(server, 'root', 0)
    await operator.transactions.apply(await operator.plan(edits, { windowSeconds }))
    return { operator, timer: (await phase(operator, 'awaiting-confirm')).timer }
  }
  const guard = (words: string): Promise<{ readonly stdout: string }> => server.sh(`${GUARD} from x ${words}`)

  test('fault 49: confirms that race the deadline have one winner, and the world is what it says', async () => {
    const { timer } = await begin()
    // One armed transaction is kept as a stencil; every race starts from a copy of it, applied, a moment before its end.
    await server.must(`
      pkill -9 -f 'guard.sh [w]atch'; systemctl stop 'hardtui-*' || :
      cp -a ${CURRENT} /root/stencil; cp /etc/systemd/system/hardtui-rollback.service /root/
      rm -rf ${CURRENT}`)
    const rounds = Number(process.env.HARDTUI_RACES ?? 120)
    const counts = await server.must(
      `set -u
       confirmed=0 rolled=0
       for round in $(seq ${rounds}); do
         rm -rf /var/lib/hardtui/history; iptables -F; iptables -A INPUT -p tcp -m tcp ${MARK}
         cp -a /root/stencil ${CURRENT}.tmp
         read -r up rest < /proc/uptime
         # The deadline falls into the time that a confirm takes from its start to its rename.
         echo "$((\${up%.*} * 100 + 1\${up#*.} - 100 + round % 7)) $(cat /proc/sys/kernel/random/boot_id)" > ${CURRENT}.tmp/deadline
         mv ${CURRENT}.tmp ${CURRENT}
         ${GUARD} watch ${timer.id} & watch=$!
         ${GUARD} from x confirm ${timer.id} unproven > /tmp/said
         wait $watch
         ended=$(ls /var/lib/hardtui/history)
         iptables-save | grep -q -e '${MARK}' && rule=yes || rule=no
         told=no; grep -q '^@confirmed' /tmp/said && told=yes
         case $ended.$rule.$told in
           ${timer.id}.confirmed.yes.yes) confirmed=$((confirmed + 1)) ;;
           ${timer.id}.rolled-back-timer.no.no) rolled=$((rolled + 1)) ;;
           *) echo "round $round: $ended, rule $rule, told $told: $(cat /tmp/said)"; exit 1 ;;
         esac
       done
       echo $confirmed $rolled`,
      { timeoutMs: 230_000 },
    )
    const [confirmed, rolled] = counts.split(' ').map(Number)
    process.stdout.write(`${rounds} races: ${confirmed} confirmed, ${rolled} rolled back\n`)
    expect((confirmed as number) + (rolled as number)).toBe(rounds)
    expect(confirmed).toBeGreaterThan(0)
    expect(rolled).toBeGreaterThan(0)
  })

  test('fault 50: the answer to a confirm is lost after it took: in doubt, and found confirmed', async () => {
    const { operator } = await begin()
    // The rename is done, the answer is not out yet.
    await server.must(`sed -i 's/^  say "confirmed \\$1"$/  sleep 2; &/' /var/lib/hardtui/guard.sh`)
    const going = operator.transactions.confirm()
    await until('the rename', async () => (await server.sh(`test -e ${CURRENT}/state.confirmed`)).status === 0, {
      everyMs: 20,
    })
    await server.cut('both', { party: 'client' })
    await phase(operator, 'in-doubt', 60_000)
    await server.heal()
    await phase(operator, 'confirmed', 30_000)
    await going
    expect(await rulesOf(server)).toContain(MARK)
  })

  test('fault 52: of many triggers at once one restores, once', async () => {
    const { timer } = await begin()
    await server.must('iptables -A INPUT -m comment --comment counted -j ACCEPT')
    const all = await server.must(
      `for one in 1 2 3 4 5 6 7 8; do ${GUARD} rollback timer & done; ${GUARD} boot & ${GUARD} finish & wait`,
    )
    // Whoever asks is told how it ended, whoever did it.
    expect(all).toMatch(/^@rolled-back/m)
    await untilOver(server)
    const log = await server.must('journalctl -t hardtui -o cat')
    expect(log.split('\n').filter((line) => line.startsWith(`rolled back ${timer.id}`))).toHaveLength(1)
    const rules = await rulesOf(server)
    expect(rules).not.toContain(MARK)
    expect(rules.match(/counted/g)).toHaveLength(1)
  })

  test('fault 53: a lock on the rules that is held for 20 s is waited for', async () => {
    await server.must(
      'update-alternatives --set iptables /usr/sbin/iptables-legacy; update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy',
    )
    await begin(harmless, 6)
    const holder = server.sh('flock /run/xtables.lock sleep 20')
    await until('the rule to be gone', async () => !(await rulesOf(server)).includes(MARK), { timeoutMs: 60_000 })
    await untilOver(server)
    expect((await endings(server))[0]).toBe('rolled-back-timer')
    expect(await server.must('cat $(ls -td /var/lib/hardtui/history/* | head -n 1)/result')).toContain(
      'plain v4 rules as they were',
    )
    await holder
    await server.must(
      'iptables -F; update-alternatives --set iptables /usr/sbin/iptables-nft; update-alternatives --set ip6tables /usr/sbin/ip6tables-nft',
    )
  })

  test('fault 54: rolling back now works over the old link when new logins are locked out', async () => {
    // conntrack has to know the session before a rule asks for its state.
    await server.must('iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT')
    const { operator } = await begin(dropNew, 60)
    expect(operator.transactions.state()).toMatchObject({ proof: { outcome: 'fails' } })
    const since = Date.now()
    await operator.transactions.rollback()
    expect(await phase(operator, 'rolled-back')).toMatchObject({ by: 'operator' })
    expect(Date.now() - since).toBeLessThan(5_000)
    expect(await server.canLogin()).toBe(true)
  })

  test('fault 55: a confirm that comes twice, too late or for another change has no effect and says so', async () => {
    const { operator, timer } = await begin()
    expect((await guard('confirm other')).stdout).toContain('@gone unknown')
    await operator.transactions.confirm()
    expect((await guard(`confirm ${timer.id} unproven`)).stdout).toContain('@gone confirmed')
    await server.must('iptables -F')
    const { timer: late } = await begin(harmless, 3)
    await untilOver(server)
    expect((await guard(`confirm ${late.id} unproven`)).stdout).toContain('@gone rolled-back-timer')
    expect(await rulesOf(server)).not.toContain(MARK)
  })
})
