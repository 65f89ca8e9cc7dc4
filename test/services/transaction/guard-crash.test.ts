// Rules, files and settings of the kernel that are changed and put back by a guard that is killed in the middle, at any of
// its steps.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { applyCommand, armCommand, guardScript, rollbackCommand } from '../../../src/services/transaction/scripts.ts'
import files from '../../../src/services/transaction/server/files.sh'
import rules from '../../../src/services/transaction/server/rules.sh'
import sysctl from '../../../src/services/transaction/server/sysctl.sh'
import { inRoot } from '../../support/account-bench.ts'
import { type CrashPoint, withCrashPoints } from '../../support/crash-points.ts'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS, until } from '../../support/guard-bench.ts'
import { planFrom } from '../../support/make-plan.ts'
import { firewallFacts, hostFacts, insertFirst, staged, stagedFile, textChange } from '../../support/plans.ts'
import { withoutCounters, withoutEmptyTables } from '../../support/rule-sets.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()
/** Every point takes seconds; a spread of them is tried, another one by each shell, unless all are asked for. */
const EVERY = process.env.HARDTUI_FAULTS === 'all' ? 1 : 8

const OWN = '/etc/sysctl.d/99-hardtui.conf'
const SETTINGS = 'net.ipv4.conf.all.rp_filter = 1\nnet.ipv4.conf.default.rp_filter = 1\nnet.ipv4.tcp_syncookies = 2\n'
const KEYS = ['conf/all/rp_filter', 'conf/default/rp_filter', 'conf/lo/rp_filter', 'tcp_syncookies']
const FURNISH = `cd /proc/sys/net/ipv4; echo 0 >conf/all/rp_filter; echo 0 >conf/default/rp_filter; echo 1 >tcp_syncookies
  iptables -A INPUT -i lo -j ACCEPT`

const functionsOf = (part: string): readonly string[] =>
  [...part.matchAll(/^(\w+)\(\) [{(]/gm)].map(([, name]) => name as string)
const WITHIN = new Set([...[files, rules, sysctl].flatMap(functionsOf), 'apply', 'put_back', 'rollback', 'restore'])
/** Somebody else's rule in a chain that the change touches, where it takes that to come by a point. */
const OTHERS = '-s 203.0.113.9/32 -j DROP'
const isForOthers = ({ within, line }: CrashPoint): boolean => within === 'set_goal' && /^(?:mv|restore) /.test(line)
/** What only a change does that did not come so far, or a host that is in a worse way than this one. */
const ELSEWHERE =
  /^(checkpoint|meet_|restore_(chains|tables|everything)$|open_table|keep_foreign|put_back_by_(unlocking|linking|writing))/

describe.runIf(canRunGuard).each(GUARD_SHELLS)('a guard that is killed under %s', (_, shell) => {
  const world = async (bench: Bench): Promise<unknown> => ({
    rules: withoutEmptyTables(withoutCounters((await bench.sh('iptables-save')).stdout)),
    settings: (await bench.sh(`cd /proc/sys/net/ipv4; cat ${KEYS.join(' ')}`)).stdout,
    files: (readdirSync(bench.etc, { recursive: true }) as string[])
      .map((name) => join(bench.etc, name))
      .filter((path) => !path.startsWith(join(bench.etc, 'systemd')))
      .sort()
      .map((path) => {
        const seen = statSync(path)
        // Whole seconds: busybox's cp(1) keeps no more of a time.
        return seen.isDirectory()
          ? path
          : [path, seen.mode, Math.floor(seen.mtimeMs / 1000), readFileSync(path, 'latin1')]
      }),
  })
  const changed = async (bench: Bench) => {
    const facts = firewallFacts((await bench.sh('iptables-save -c')).stdout, '')
    const changes = [
      staged(insertFirst(facts, '-p tcp -m tcp --dport 22 -j DROP')),
      stagedFile(textChange('/etc/motd', 'new\n', 'old\n')),
      stagedFile(textChange('/etc/deep/er/new.conf', 'new\n', null)),
      stagedFile(textChange('/etc/issue', null, 'gone\n')),
      stagedFile(textChange(OWN, SETTINGS, null)),
    ]
    return planFrom({ host: hostFacts, firewall: facts, changes, windowSeconds: 20 })
  }

  test('fault 51: at any step of an apply or a rollback: all is as it was', { timeout: 900_000 }, async () => {
    const bench = openBench(shell)
    const flag = inRoot(bench, 'crash')
    const made = withCrashPoints(guardScript, flag)
    for (const [name, text] of [
      ['motd', 'old\n'],
      ['issue', 'gone\n'],
    ] as const) {
      mkdirSync(dirname(join(bench.etc, name)), { recursive: true })
      writeFileSync(join(bench.etc, name), text, { mode: 0o640 })
    }
    expect((await bench.sh(FURNISH)).status).toBe(0)
    const before = await world(bench)
    const points = made.points.filter(({ within }) => WITHIN.has(within) && !ELSEWHERE.test(within))
    const keepers = `-f "^(dash|busybox sh) ${bench.state}/guard.sh (watch|standby)"`
    const missed: CrashPoint[] = []
    const tried = points.filter((_point, at) => at % EVERY === (shell.length === 1 ? 0 : EVERY >> 1))
    for (const point of tried) {
      const [where, id] = [`${point.number} ${point.within}: ${point.line}`, `tx${point.number}`]
      const { stdout } = await bench.run(armCommand(id, await changed(bench), owner), owner.connection)
      expect(stdout, where).toContain(`@armed ${id} `)
      writeFileSync(join(bench.state, 'guard.new'), made.script)
      renameSync(join(bench.state, 'guard.new'), join(bench.state, 'guard.sh'))
      writeFileSync(`${flag}.${point.number}`, '')
      // Who is killed while applying says nothing more.
      const applied = bench.run(applyCommand(id))
      await Promise.race([applied, until(async () => !existsSync(`${flag}.${point.number}`), 20, `an end at ${where}`)])
      if (isForOthers(point)) await bench.sh(`iptables -A INPUT ${OTHERS}`)
      // Who runs the guard that was there first would put all back, on a busy machine, before the one that is to be killed.
      await bench.sh(`pkill -STOP ${keepers}`)
      await bench.run(rollbackCommand(id))
      await bench.sh(`pkill -CONT ${keepers}`)
      await until(async () => !existsSync(join(bench.state, 'current')), 40, `the end after ${where}`)
      if (existsSync(`${flag}.${point.number}`)) missed.push(point)
      await bench.sh(`rm -f ${flag}.*; iptables -D INPUT ${OTHERS}`)
      expect(await world(bench), where).toEqual(before)
    }
    expect(missed.map(({ within, line }) => `${within}: ${line}`)).toEqual([])
    expect(tried.length).toBeGreaterThan(EVERY === 1 ? 50 : 4)
  })
})
