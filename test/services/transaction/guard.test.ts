import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RuleEdit } from '../../../src/services/model/firewall.ts'
import {
  applyCommand,
  armCommand,
  confirmCommand,
  extendCommand,
  historyCommand,
  noteProofCommand,
  rollbackCommand,
  statusCommand,
} from '../../../src/services/transaction/scripts.ts'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS, until } from '../../support/guard-bench.ts'
import { firewallFacts, INPUT, insertFirst, planOf } from '../../support/plans.ts'
import { withoutCounters, withoutEmptyTables } from '../../support/rule-sets.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()

describe.runIf(canRunGuard).each(GUARD_SHELLS)('the guard under %s', (_, shell) => {
  const open = (): Bench => openBench(shell)
  const rules = async (bench: Bench): Promise<string> => withoutCounters((await bench.sh('iptables-save')).stdout)
  const word = async (bench: Bench, name: string, id = 'tx1'): Promise<string | null> => {
    const { stdout } = await bench.run(statusCommand(id))
    return new RegExp(`^@${name} (.*)$`, 'm').exec(stdout)?.[1] ?? null
  }
  const begin = async (
    bench: Bench,
    edits: (facts: ReturnType<typeof firewallFacts>) => RuleEdit[],
    seconds = 30,
    id = 'tx1',
  ) => {
    const facts = firewallFacts(
      (await bench.sh('iptables-save -c')).stdout,
      (await bench.sh('ip6tables-save -c')).stdout,
    )
    return bench.run(armCommand(id, planOf(facts, edits(facts), { windowSeconds: seconds }), owner), owner.connection)
  }
  const drop = (facts: ReturnType<typeof firewallFacts>): RuleEdit[] => [
    insertFirst(facts, '-p tcp -m tcp --dport 22 -j DROP'),
    { kind: 'policy', at: INPUT, policy: 'DROP' },
  ]

  test('a change that nobody confirms is gone at the deadline, neither earlier nor a second later', async () => {
    const bench = open()
    await bench.sh('iptables -A INPUT -i lo -j ACCEPT; iptables -N f2b-sshd; iptables -A f2b-sshd -j RETURN')
    const before = await rules(bench)
    const armed = await begin(bench, drop, 4)
    expect(armed.stdout).toMatch(/^@armed tx1 /m)
    const [at] = readFileSync(join(bench.state, 'current/deadline'), 'utf8').split(' ').map(Number)
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@applied v4')
    expect(await rules(bench)).toContain('--dport 22 -j DROP')
    // A ban and a container's chain that come in the window survive the rollback.
    await bench.sh('iptables -I f2b-sshd -s 203.0.113.9 -j REJECT; iptables -N DOCKER; iptables -A DOCKER -j RETURN')
    const fired = await until(
      async () => !(await rules(bench)).includes('--dport 22 -j DROP') && (await bench.sh('cat /proc/uptime')).stdout,
      10,
      'the rollback',
    )
    const late = Number(fired.split(' ')[0]) - (at as number) / 100
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(1.5)
    await until(async () => (await word(bench, 'state')) === 'none', 5, 'the end')
    expect(await word(bench, 'ended')).toBe('rolled-back-timer')
    const after = await rules(bench)
    expect(after).toContain('-A f2b-sshd -s 203.0.113.9/32 -j REJECT')
    expect(after).toContain(':DOCKER -')
    const ours = (text: string) => text.split('\n').filter((line) => /INPUT/.test(line))
    expect(ours(after)).toEqual(ours(before))
  })

  test('confirmed over a newer login the change stays, and its traces are gone but for the record', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    expect((await bench.run(confirmCommand('tx1', 'proven', 'h1'), owner.connection)).stdout).toContain('@old')
    expect((await bench.run(confirmCommand('other', 'proven', 'h1'))).stdout).toContain('@gone')
    expect((await bench.run(confirmCommand('tx1', 'proven', 'h1'))).stdout).toContain('@confirmed tx1')
    expect(await rules(bench)).toContain(':INPUT DROP')
    expect(readdirSync(join(bench.etc, 'systemd/system'))).toEqual(['sysinit.target.wants'])
    expect(existsSync(join(bench.state, 'current'))).toBe(false)
    expect(await word(bench, 'ended')).toBe('confirmed')
    expect((await bench.run(confirmCommand('tx1', 'proven', 'h1'))).stdout).toContain('@gone confirmed')
    expect((await bench.run(rollbackCommand('tx1'))).stdout).toContain('@gone confirmed')
    expect((await bench.sh(`sh "${bench.state}/guard.sh" rollback`)).stdout).toContain('@gone none')
  })

  test('confirmed from elsewhere than it was made from, it is first heard what the console there found', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    const elsewhere = '203.0.113.5 3 192.0.2.10 22'
    const confirm = async (mode: 'proven' | 'heard') =>
      (await bench.run(confirmCommand('tx1', mode, 'h1'), elsewhere)).stdout
    expect(await confirm('proven')).toMatch(/@first .*from 198\.51\.100\.20, has not said/)
    await bench.run(noteProofCommand('tx1', 'h1', false, 'port 22 did not answer'))
    expect(await confirm('proven')).toMatch(/@first .*could not log in anew: port 22 did not answer/)
    expect((await bench.run(statusCommand('tx1'), elsewhere)).stdout).toContain('@first ')
    expect((await bench.run(statusCommand('tx1'))).stdout).not.toContain('@first ')
    // Only whoever made it may speak of its proof.
    await bench.run(noteProofCommand('tx1', 'h2', true, ''))
    expect(await confirm('proven')).toContain('@first ')
    expect(await confirm('heard')).toContain('@confirmed tx1')
  })

  test('confirmed from elsewhere after the console that made it has proved its login, nothing stands against it', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    await bench.run(noteProofCommand('tx1', 'h1', true, ''))
    const { stdout } = await bench.run(confirmCommand('tx1', 'proven', 'h1'), '203.0.113.5 3 192.0.2.10 22')
    expect(stdout).toContain('@confirmed tx1')
  })

  test('a plain shell is told what stands against a confirm from elsewhere, and nothing at the address it was made from', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    const status = async (from: string) =>
      (await bench.sh(`SSH_CONNECTION='${from} 3 192.0.2.10 22' sh "${bench.state}/guard.sh" status raw`)).stdout
    expect(await status('203.0.113.5')).toContain('@first ')
    expect(await status(owner.address)).not.toContain('@first ')
  })

  test('of many records the newest twenty can be undone, and all are listed newest first, whatever clocks and folders say', async () => {
    const bench = open()
    await bench.sh(`i=1
      while [ $i -le 30 ]; do
        at=${bench.state}/history/old$i.confirmed
        mkdir -p $at/save $at/plan $at/meta
        echo $i >$at/meta/number
        echo 2026-01-01T00:00:00+0000 >$at/meta/ended
        touch -d "2026-02-$((31 - i)) 00:00" $at/meta/ended $at
        i=$((i + 1))
      done`)
    for (const id of ['new1', 'new2']) {
      await begin(bench, drop, 30, id)
      await bench.run(rollbackCommand(id))
    }
    const { stdout } = await bench.run(historyCommand())
    const records = [...stdout.matchAll(/^@record (\S+) \S+ .* (yes|no)$/gm)].map(([, id, undo]) => `${id} ${undo}`)
    const old = Array.from({ length: 30 }, (_, at) => `old${30 - at} ${at < 18 ? 'yes' : 'no'}`)
    expect(records).toEqual(['new2 no', 'new1 no', ...old])
  })

  test.each([
    ['a file', (dir: string) => `mkdir -p ${dir} && : >${dir}/history`],
    ['a link that leads nowhere', (dir: string) => `mkdir -p ${dir} && ln -s /nowhere/at/all ${dir}/history`],
  ])('a history that is %s loses no ending', async (_, how) => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    await bench.sh(`rm -rf ${bench.state}/history; ${how(bench.state)}`)
    expect((await bench.run(rollbackCommand('tx1'))).stdout).toContain('@note plain v4 rules as they were')
    expect(await word(bench, 'ended')).toBe('rolled-back-operator')
    expect((await bench.run(historyCommand())).stdout).toContain('@record tx1 rolled-back-operator')
  })

  test('a history that takes nothing any more loses no ending', async ({ skip }) => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    const { stdout } = await bench.sh(`cd ${bench.state} && chattr +i history && ! touch history/x && echo locked`)
    if (stdout !== 'locked\n') return skip('this file system knows no immutable directories')
    await bench.run(rollbackCommand('tx1'))
    expect(await word(bench, 'ended')).toBe('rolled-back-operator')
    expect((await bench.run(historyCommand())).stdout).toContain('@record tx1 rolled-back-operator')
    await bench.sh(`chattr -i ${bench.state}/history`)
  })

  test('rolling back now restores at once and says what it took', async () => {
    const bench = open()
    const before = await rules(bench)
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    const { stdout } = await bench.run(rollbackCommand('tx1'))
    expect(stdout).toContain('@rolled-back tx1')
    expect(stdout).toContain('@note plain v4 rules as they were')
    expect(withoutEmptyTables(await rules(bench))).toEqual(withoutEmptyTables(before))
  })

  test('whoever comes while somebody else has restored it, and has yet to put it on record, is told all of it', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    // The one who has won stands still between the two.
    await bench.sh(
      `cd ${bench.state}/current && echo 'plain v4 rules as they were' >result && mv state.armed state.reverted`,
    )
    const late = bench.sh(`sh "${bench.state}/guard.sh" rollback timer`)
    await bench.sh(`sleep 0.3; cd ${bench.state} && mv current history/tx1.rolled-back-timer`)
    expect((await late).stdout).toBe('@rolled-back tx1\n@note plain v4 rules as they were\n')
  })

  test('rolling back by id leaves a newer change of somebody else alone', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    expect((await bench.run(rollbackCommand('older'))).stdout).toContain('@gone unknown')
    expect(await rules(bench)).toContain('--dport 22 -j DROP')
  })

  test('confirmed rules are saved without what other programs fill at run time', async () => {
    const bench = open()
    await bench.sh('iptables -N f2b-sshd; iptables -A f2b-sshd -j RETURN; iptables -A INPUT -p tcp -j f2b-sshd')
    const facts = firewallFacts(
      (await bench.sh('iptables-save -c')).stdout,
      (await bench.sh('ip6tables-save -c')).stdout,
    )
    const plan = planOf(facts, [insertFirst(facts, '-p tcp -m tcp --dport 80 -j ACCEPT')], { persistence: 'loader' })
    await bench.run(armCommand('tx1', plan, owner), owner.connection)
    await bench.run(applyCommand('tx1'))
    expect((await bench.run(confirmCommand('tx1', 'proven', 'h1'))).stdout).toContain('@kept loader')
    const saved = readFileSync(join(bench.etc, 'hardtui/rules.v4'), 'utf8')
    expect(saved).toContain('-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT')
    expect(saved).not.toContain('f2b')
    const units = join(bench.etc, 'systemd/system')
    const unit = readFileSync(join(units, 'hardtui-rules.service'), 'utf8')
    expect(unit).toMatch(/^Environment=PATH=.*:\/usr\/sbin:\/usr\/bin:.*\nExecStart/m)
    // Not everybody may read the rules, but what there is.
    for (const folder of [join(bench.etc, 'hardtui'), join(units, 'multi-user.target.wants')])
      expect(statSync(folder).mode & 0o777).toBe(0o755)
  })

  test('the deadline shown is the same each time it is asked for', async () => {
    const bench = open()
    const armed = await begin(bench, drop)
    const [, shown] = /^@armed tx1 \d+ (\S+)/m.exec(armed.stdout) ?? []
    for (let i = 0; i < 12; i++) {
      expect(await word(bench, 'deadline')).toBe(shown)
      await bench.sh('sleep 0.13')
    }
  })

  test('extending moves the deadline, over a newer login only', async () => {
    const bench = open()
    await begin(bench, drop, 30)
    await bench.run(applyCommand('tx1'))
    expect((await bench.run(extendCommand('tx1', 30, 'h1'), owner.connection)).stdout).toContain('@old')
    const left = /@extended (\d+)/.exec((await bench.run(extendCommand('tx1', 30, 'h1'))).stdout)?.[1]
    expect(Number(left)).toBeGreaterThan(5000)
    expect(Number(left)).toBeLessThanOrEqual(6000)
  })

  test('a second operator is told who holds the pending change, and of two at once one wins', async () => {
    const bench = open()
    const both = await Promise.all([begin(bench, drop, 30, 'aaa'), begin(bench, drop, 30, 'bbb')])
    expect(both.filter((one) => one.stdout.includes('@armed'))).toHaveLength(1)
    expect(both.find((one) => !one.stdout.includes('@armed'))?.stdout).toMatch(
      /^@busy (aaa|bbb) \d+ ops 198\.51\.100\.20 /m,
    )
  })

  test('rules that changed since they were read are drift: nothing is armed', async () => {
    const bench = open()
    const facts = firewallFacts('')
    await bench.sh('iptables -A INPUT -s 203.0.113.1 -j DROP')
    const { stdout } = await bench.run(armCommand('tx1', planOf(facts, drop(facts)), owner))
    expect(stdout).toMatch(/@moved .*203\.0\.113\.1/)
    expect(stdout).toContain('@refused drift')
    expect(existsSync(join(bench.state, 'current'))).toBe(false)
    expect(await rules(bench)).not.toContain('dport 22')
  })

  test('a rule that only the kernel refuses is caught before anything is armed', async () => {
    const bench = open()
    const { stdout } = await begin(bench, (facts) => [insertFirst(facts, '-j MASQUERADE')])
    expect(stdout).toMatch(/@refused rules iptables refuses the change: \S/)
    expect(await word(bench, 'state')).toBe('none')
  })

  test('a change that is made under us between arming and applying is rolled back, not overwritten', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.sh('iptables -A INPUT -s 203.0.113.1 -j DROP')
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@failed the v4 rules changed after arming')
    await until(async () => (await word(bench, 'ended')) === 'rolled-back-failure', 10, 'the rollback')
    expect(await rules(bench)).not.toContain('dport 22')
  })

  test('what a console left that died while arming is cleared away by the next one', async () => {
    const bench = open()
    await bench.sh(`mkdir -p "${bench.state}/current/meta"; : > "${bench.state}/current/state.prepared"`)
    expect((await begin(bench, drop)).stdout).toContain('@armed')
  })

  test('a pending change whose folder was emptied is still pending to whoever arms next', async () => {
    const bench = open()
    await begin(bench, drop)
    // Nobody is there to put it back meanwhile.
    await bench.sh(`pkill -9 -f "${bench.state}/guard.sh (watch|standby)"; rm -rf ${bench.state}/current/*`)
    expect((await begin(bench, drop, 30, 'tx2')).stdout).toContain('@busy tx1 ')
    expect(await word(bench, 'state')).toBe('armed')
  })

  test('what is left of an arming that died is nothing to wait for, and one that is under way is', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(rollbackCommand('tx1'))
    await bench.sh(`mkdir -p "${bench.state}/current/meta"; : > "${bench.state}/current/state.prepared"`)
    // The watch of the first change may still be on its way out, and have the lock for a moment.
    const watches = `pgrep -f "^(dash|busybox sh) ${bench.state}/guard.sh watch"`
    await until(async () => (await bench.sh(watches)).stdout === '', 10, 'the end of the watch')
    expect(await word(bench, 'state')).toBe('none')
    const { stdout } = await bench.sh(
      `exec 9>"${bench.state}/lock"; flock 9; sh "${bench.state}/guard.sh" status raw 9>&-; :`,
    )
    expect(stdout).toContain('@state prepared')
  })

  test('a reboot inside the window is a rollback, and after the confirm it is not', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    const keepers = `-f "^(dash|busybox sh) ${bench.state}/guard.sh (watch|standby)"`
    await bench.sh(`pkill -STOP ${keepers}; sed -i 's/ .*/ another-boot/' "${bench.state}/current/deadline"
      sh "${bench.state}/guard.sh" boot; pkill -CONT ${keepers}`)
    expect(await word(bench, 'ended')).toBe('rolled-back-boot')
    expect(existsSync(join(bench.etc, 'systemd/system/hardtui-rollback.service'))).toBe(false)
  })

  test('what starts the boot guard without a boot ends nothing while somebody watches', async () => {
    const bench = open()
    await begin(bench, drop)
    await bench.run(applyCommand('tx1'))
    await bench.sh(`sh "${bench.state}/guard.sh" boot`)
    expect(await word(bench, 'state')).toBe('armed')
  })

  test('the watch that is killed is back and keeps the same deadline', async () => {
    const bench = open()
    await begin(bench, drop, 5)
    await bench.run(applyCommand('tx1'))
    await bench.sh('pkill -9 -f "^(dash|busybox sh) .*guard.sh watch tx1"')
    await until(async () => (await word(bench, 'ended')) === 'rolled-back-timer', 10, 'the rollback')
    expect(await rules(bench)).not.toContain(':INPUT DROP')
  })

  test('a place that takes no more files does not stop the watch', async ({ skip }) => {
    const bench = open()
    await begin(bench, drop, 90)
    await bench.run(applyCommand('tx1'))
    const meta = `"${bench.state}/current/meta"`
    const { stdout } = await bench.sh(`chattr +i ${meta} && ! touch ${meta}/x && echo locked`)
    if (stdout !== 'locked\n') return skip('this file system knows no immutable directories')
    await bench.sh(
      `read -r up rest </proc/uptime; echo "$((\${up%.*} * 100 + 200)) $(cat /proc/sys/kernel/random/boot_id)" >"${bench.state}/current/deadline"`,
    )
    await until(async () => !(await rules(bench)).includes('--dport 22 -j DROP'), 10, 'the rollback')
    await until(async () => (await word(bench, 'state')) === 'none', 5, 'the end')
    await bench.sh(`chattr -R -i "${bench.state}"`)
  })

  test('a state directory that takes no changes any more does not keep the rules from coming back', async ({
    skip,
  }) => {
    const bench = open()
    const before = await rules(bench)
    await begin(bench, drop, 4)
    await bench.run(applyCommand('tx1'))
    const current = `"${bench.state}/current"`
    const { stdout } = await bench.sh(`chattr -R +i ${current} && ! touch ${current}/x && echo locked`)
    if (stdout !== 'locked\n') return skip('this file system knows no immutable directories')
    await until(async () => withoutEmptyTables(await rules(bench)) === withoutEmptyTables(before), 15, 'the old rules')
    expect(await word(bench, 'state')).toBe('armed')
    expect((await bench.run(confirmCommand('tx1', 'unproven', 'h1'))).stdout).not.toContain('@confirmed')
    await bench.sh(`chattr -R -i ${current}`)
    await until(async () => (await word(bench, 'state')) === 'none', 10, 'the end')
    expect(await word(bench, 'ended')).toBe('rolled-back-timer')
  })

  test('a table that did not exist before is empty again after the rollback', async () => {
    const bench = open()
    await begin(bench, () => [
      {
        kind: 'insert',
        at: { family: 'v4', table: 'nat', chain: 'PREROUTING' },
        before: null,
        ruleId: 'n',
        text: '-p tcp -m tcp --dport 22 -j REDIRECT --to-ports 9',
      },
    ])
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@applied')
    expect(await rules(bench)).toContain('REDIRECT')
    await bench.run(rollbackCommand('tx1'))
    expect(await rules(bench)).not.toContain('REDIRECT')
  })
})
