import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SYSTEM_PATH } from '../../../src/services/host/launch.ts'
import { applyCommand, armCommand, guardScript } from '../../../src/services/transaction/scripts.ts'
import system from '../../../src/services/transaction/server/system.sh'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS, until } from '../../support/guard-bench.ts'
import { firewallFacts, insertFirst, planOf } from '../../support/plans.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()
const hasCron = spawnSync('pgrep', ['-u', 'root', '-x', 'crond?']).status === 0

test('the guard and the console look for programs in the same places', () => {
  const found = /^PATH=(\S+)$/m.exec(guardScript)?.[1]
  expect(found).toBe(`\${ROOT:+$ROOT/bin:}${SYSTEM_PATH}`)
})

test('what the guard starts and leaves running has not its umask, nor its place when memory is short', () => {
  const script = `PROC=/proc\n${system}\numask 077; echo 300 >/proc/self/oom_score_adj
    unlocked sh -c 'umask; cat /proc/self/oom_score_adj'; umask; cat /proc/self/oom_score_adj`
  expect(spawnSync('dash', ['-c', script]).stdout.toString()).toBe('0022\n0\n0077\n300\n')
})

describe.runIf(canRunGuard).each(GUARD_SHELLS)('the guard under %s', (_, shell) => {
  const open = (): Bench => openBench(shell)
  const arm = async (bench: Bench): Promise<void> => {
    const facts = firewallFacts((await bench.sh('iptables-save -c')).stdout, '')
    const plan = planOf(facts, [insertFirst(facts, '-p tcp -m tcp --dport 80 -j DROP')])
    expect((await bench.run(armCommand('tx1', plan, owner), owner.connection)).stdout).toMatch(/^@armed tx1 /m)
  }
  const applied = async (bench: Bench): Promise<void> => {
    await arm(bench)
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@applied v4')
  }

  test('runs no program of its caller’s, and looks nowhere else than where it stands', async () => {
    const bench = open()
    await applied(bench)
    const { stdout } = await bench.sh(`
      mkdir "$HARDTUI_ROOT/own" && cd "$HARDTUI_ROOT/own"
      for tool in awk cat env flock iptables-restore iptables-save mv readlink sed sh timeout; do
        printf '#!/bin/sh\\necho "$0" >>${bench.state}/../pwned\\n' >"$tool" && chmod +x "$tool"
      done
      for one in DIR ETC RUN PROC ROOT SYS CONNECTION CLEAN; do export "HARDTUI_$one=$PWD"; done
      guard=${bench.state}/guard.sh
      PATH=$PWD:$PATH ENV=$PWD/env TZ=Asia/Tokyo POSIXLY_CORRECT=1 TMPDIR=$PWD /bin/sh "$guard" rollback`)
    expect(stdout).toContain('@rolled-back tx1')
    expect((await bench.sh('iptables-save')).stdout).not.toContain('--dport 80')
    expect(existsSync(join(bench.state, '../pwned'))).toBe(false)
  })

  test('takes nothing for a login’s sshd but OpenSSH’s own programs, also replaced ones', async () => {
    const bench = open()
    await applied(bench)
    const said = async (login: string): Promise<string> =>
      (await bench.sh(`cd "$HARDTUI_ROOT" && ${login} -c 'sh ${bench.state}/guard.sh confirm tx1; exit $?'`)).stdout
    expect(await said('ln -s /bin/dash sshd && ./sshd')).toMatch(/^@old /)
    expect(await said('cp /bin/dash sshd-helper && ./sshd-helper')).toMatch(/^@old /)
    // Both are root's logins from somewhere else, newer than the change.
    expect(await said('cp /bin/dash sshd-session && ./sshd-session')).toMatch(/^@first /)
    const replaced = `cp /bin/dash gone && mkdir -p bin.old && mv gone bin.old/sshd && exec bin.old/sshd`
    expect(await said(`${replaced} -c 'rm bin.old/sshd; eval "$2"' x`)).toMatch(/^@first /)
  })

  test('takes a user’s process for no sshd that listens, nor for cron or one of its own, whatever it is called', async () => {
    const bench = open()
    // A program that its user may not read is one whose folder in /proc is root's.
    const perl = `use IO::Socket::INET; $s = IO::Socket::INET->new(Listen => 1, LocalPort => 2222); print "\\n"; sleep 60`
    const started = await bench.sh(`
      mkdir -p "$HARDTUI_ROOT/etc/cron.d"; chmod 755 "$HARDTUI_ROOT"; cd "$HARDTUI_ROOT"
      for name in sshd cron; do cp "$(readlink -f "$(command -v perl)")" $name; chmod 111 $name; done
      for name in sshd cron; do
        /usr/bin/setpriv --reuid=65534 --clear-groups ./$name -e '$| = 1; ${perl}' >said.$name 2>&1 &
        echo $!
        until [ -s said.$name ]; do :; done
      done`)
    onTestFinished(() => void spawnSync('kill', started.stdout.trim().split('\n')))
    await arm(bench)
    expect(readFileSync(join(bench.state, 'current/save/sshd.ports'), 'utf8')).toBe('22\n')
    const standby = join(bench.state, '../../../run/hardtui/standby')
    const number = (
      await bench.sh(`
      /usr/bin/setpriv --reuid=65534 --clear-groups perl -e 'sleep 60' standby >/dev/null 2>&1 &
      echo $!; pkill -9 -f "${bench.state}[/]guard.sh standby"; echo $! >${standby}`)
    ).stdout.trim()
    onTestFinished(() => void spawnSync('kill', [number]))
    await until(async () => readFileSync(standby, 'utf8').trim() !== number, 5, 'somebody of ours to stand by again')
    if (!hasCron) expect(existsSync(join(bench.etc, 'cron.d/hardtui'))).toBe(false)
  })
})
