// What the kernel runs with, set and put back with our file of sysctl.d(5), by guards that live and by one that is killed.
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  applyCommand,
  armCommand,
  confirmCommand,
  guardScript,
  rollbackCommand,
  statusCommand,
} from '../../../src/services/transaction/scripts.ts'
import sysctl from '../../../src/services/transaction/server/sysctl.sh'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS, until } from '../../support/guard-bench.ts'
import { planFrom } from '../../support/make-plan.ts'
import { firewallFacts, hostFacts, stagedFile, textChange } from '../../support/plans.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()
const PATH = '/etc/sysctl.d/99-hardtui.conf'
const TEXT = `# ours
net.ipv4.conf.all.rp_filter = 1
net.ipv4.conf.default.rp_filter = 1
-net.ipv4.conf.lo.rp_filter = 2
net/ipv4/tcp_syncookies = 2
net/ipv4/../ipv4/ip_forward = 1
kernel.hostname = elsewhere
`
const KEYS = ['conf/all/rp_filter', 'conf/default/rp_filter', 'conf/lo/rp_filter', 'tcp_syncookies', 'ip_forward']
const BEFORE = '0 1 0 1 0'
const AFTER = '1 1 2 2 0'

describe.runIf(canRunGuard).each(GUARD_SHELLS)('settings of the kernel under %s', (_, shell) => {
  const prepare = async (): Promise<Bench> => {
    const bench = openBench(shell)
    // Interfaces that nobody has set take over what is set for new ones.
    await bench.sh(
      'cd /proc/sys/net/ipv4; echo 0 >conf/all/rp_filter; echo 1 >conf/default/rp_filter; echo 0 >conf/lo/rp_filter',
    )
    await bench.sh('cd /proc/sys/net/ipv4; echo 1 >tcp_syncookies; echo 0 >ip_forward')
    expect(await values(bench)).toBe(BEFORE)
    return bench
  }
  const values = async (bench: Bench): Promise<string> =>
    (await bench.sh(`cd /proc/sys/net/ipv4; cat ${KEYS.join(' ')}`)).stdout.trim().replaceAll('\n', ' ')
  const arm = async (bench: Bench, text: string | null = TEXT, was: string | null = null, id = 'tx1') => {
    const changes = [stagedFile(textChange(PATH, text, was))]
    const plan = planFrom({ host: hostFacts, firewall: firewallFacts(''), changes, windowSeconds: 30 })
    return (await bench.run(armCommand(id, plan, owner), owner.connection)).stdout
  }
  const begin = async (): Promise<Bench> => {
    const bench = await prepare()
    expect(await arm(bench)).toContain('@armed tx1 ')
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@applied ')
    expect(await values(bench)).toBe(AFTER)
    return bench
  }
  /** Who runs the guard that was there first: on a busy machine he would put all back before the one that is to be killed. */
  const keepersOf = (bench: Bench): string => `-f "^(dash|busybox sh) ${bench.state}/guard.sh (watch|standby)"`
  const ended = async (bench: Bench): Promise<string> => (await bench.run(statusCommand('tx1'))).stdout

  test('are set with the file, and nothing but settings of the network is; all come back with it', async () => {
    const bench = await begin()
    const { stdout } = await bench.run(rollbackCommand('tx1'))
    expect(stdout).toContain('@note plain what the kernel runs with as it was (3 of sysctl)')
    expect(await values(bench)).toBe(BEFORE)
    expect(existsSync(join(bench.etc, 'sysctl.d'))).toBe(false)
  })

  test('stay once confirmed', async () => {
    const bench = await begin()
    expect((await bench.run(confirmCommand('tx1', 'proven', 'h1'))).stdout).toContain('@confirmed tx1')
    expect(await values(bench)).toBe(AFTER)
  })

  test('that somebody else sets meanwhile stay, and it is said', async () => {
    const bench = await begin()
    await bench.sh('echo 0 >/proc/sys/net/ipv4/tcp_syncookies')
    const { stdout } = await bench.run(rollbackCommand('tx1'))
    expect(stdout).toContain('@note heed net/ipv4/tcp_syncookies had been set to 0 by somebody else meanwhile')
    expect(await values(bench)).toBe('0 1 0 0 0')
  })

  test('that changed between arming and applying are not written over: it is rolled back', async () => {
    const bench = await prepare()
    await arm(bench)
    await bench.sh('echo 2 >/proc/sys/net/ipv4/conf/all/rp_filter')
    expect((await bench.run(applyCommand('tx1'))).stdout).toMatch(/@failed net\/ipv4\/conf\/all\/rp_filter changed/)
    await until(async () => (await ended(bench)).includes('@ended rolled-back-failure'), 10, 'the rollback')
    expect(await values(bench)).toBe('2 1 0 1 0')
  })

  test('which the kernel does not have are refused before anything is armed', async () => {
    const bench = await prepare()
    expect(await arm(bench, 'net.ipv4.no_such_thing = 1\n')).toContain(
      '@refused drift the kernel has no number at net/ipv4/no_such_thing',
    )
  })

  test('which the kernel does not take are rolled back', async () => {
    const bench = await prepare()
    await arm(bench, 'net.ipv4.tcp_syncookies = 2\nnet.ipv4.ip_default_ttl = 999\n')
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain(
      '@failed the kernel keeps net/ipv4/ip_default_ttl at 64',
    )
    await until(async () => (await ended(bench)).includes('@ended rolled-back-failure'), 10, 'the rollback')
    expect(await values(bench)).toBe(BEFORE)
  })

  test('that a boot inside the window has read from the file come back as well', async () => {
    const bench = await begin()
    const keepers = keepersOf(bench)
    await bench.sh(`pkill -STOP ${keepers}; sed -i 's/ .*/ another-boot/' "${bench.state}/current/deadline"
      sh "${bench.state}/guard.sh" boot; pkill -CONT ${keepers}`)
    expect(await ended(bench)).toContain('@ended rolled-back-boot')
    expect(await values(bench)).toBe(BEFORE)
  })

  test('are looked after at more than one moment', () => expect(pointsAt('').points.length).toBeGreaterThan(5))

  test.each(pointsAt('').points)('come back from a guard that is killed before: %s (%i)', async (_line, number) => {
    const bench = await prepare()
    expect(await arm(bench)).toContain('@armed tx1 ')
    const flag = join(bench.etc, '../crash')
    writeFileSync(join(bench.state, 'guard.new'), pointsAt(flag).script)
    renameSync(join(bench.state, 'guard.new'), join(bench.state, 'guard.sh'))
    writeFileSync(`${flag}.${number}`, '')
    // Who is killed while applying says nothing more.
    const applied = bench.run(applyCommand('tx1'))
    await Promise.race([applied, until(async () => !existsSync(`${flag}.${number}`), 20, 'the end of the guard')])
    await bench.sh(`pkill -STOP ${keepersOf(bench)}`)
    await bench.run(rollbackCommand('tx1'))
    await bench.sh(`pkill -CONT ${keepersOf(bench)}`)
    await until(async () => !existsSync(join(bench.state, 'current')), 40, 'the end of the change')
    expect(existsSync(`${flag}.${number}`)).toBe(false)
    expect(await values(bench)).toBe(BEFORE)
  })
})

/** The guard with a moment before each thing that is done to settings, at which it may kill itself. */
function pointsAt(flag: string): { script: string; points: readonly (readonly [line: string, number: number])[] } {
  const points: (readonly [string, number])[] = []
  const [, done = ''] = sysctl.split('# --- apply ---')
  const lines = done.split('\n').flatMap((line) => {
    if (!/^ +(?:if set_sysctl|set_sysctl|take_sysctl|echo|bad=0)/.test(line)) return [line]
    points.push([line.trim(), points.length])
    return [`[ ! -e ${flag}.${points.length - 1} ] || { rm -f ${flag}.${points.length - 1}; kill -9 $$; }`, line]
  })
  return { script: guardScript.replace(done, () => lines.join('\n')), points }
}
