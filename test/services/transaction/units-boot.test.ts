// Units of a change that is put back while the server boots.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { applyCommand, armCommand, rollbackCommand, statusCommand } from '../../../src/services/transaction/scripts.ts'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS } from '../../support/guard-bench.ts'
import { planFrom } from '../../support/make-plan.ts'
import { firewallFacts, hostFacts, stagedUnit } from '../../support/plans.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()

/** Has a unit run, and gives what systemctl(1) was asked to do with it since the last time. */
function withUnit(bench: Bench, unit: string): () => readonly string[] {
  const running = spawn('sleep', ['1000'], { detached: true })
  onTestFinished(() => void running.kill('SIGKILL'))
  writeFileSync(join(bench.etc, '../units', unit), `${running.pid}\n`)
  const [tool, asked] = [join(bench.etc, '../bin/systemctl'), join(bench.etc, '../asked')]
  const standIn = readFileSync(tool, 'utf8').replace(/^#!.*\n/, `#!/bin/sh\nprintf '%s\\n' "$*" >>"${asked}"\n`)
  // Removed first: it is a link to what all benches share.
  rmSync(tool)
  writeFileSync(tool, standIn, { mode: 0o755 })
  return () => {
    const lines = readFileSync(asked, 'utf8').split('\n')
    writeFileSync(asked, '')
    return lines.filter((line) => line.endsWith(` ${unit}`) && !/^(?:is-|show|cat)/.test(line))
  }
}

describe.runIf(canRunGuard).each(GUARD_SHELLS)('units that are put back, under %s', (_, shell) => {
  async function restarted() {
    const bench = openBench(shell)
    const asked = withUnit(bench, 'demo.service')
    const plan = planFrom({
      ...{ host: hostFacts, windowSeconds: 60, persistence: 'none' },
      firewall: firewallFacts(
        (await bench.sh('iptables-save -c')).stdout,
        (await bench.sh('ip6tables-save -c')).stdout,
      ),
      changes: [
        stagedUnit({ unit: 'demo.service', run: 'restart', boot: null, was: { run: 'active', boot: 'enabled' } }),
      ],
    })
    expect((await bench.run(armCommand('tx1', plan, owner), owner.connection)).stdout).toContain('@armed tx1 ')
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('demo.service')
    expect(asked()).toEqual(['restart demo.service'])
    return { bench, asked }
  }
  /** What the boot of another kernel does; whoever watches is of the old one, and stands still meanwhile. */
  async function boots(bench: Bench): Promise<void> {
    const keepers = `-f "^(dash|busybox sh) ${bench.state}/guard.sh (watch|standby)"`
    await bench.sh(`pkill -STOP ${keepers}; sed -i 's/ .*/ another-boot/' "${bench.state}/current/deadline"
      sh "${bench.state}/guard.sh" boot; pkill -CONT ${keepers}`)
    expect((await bench.run(statusCommand('tx1'))).stdout).toMatch(/^@ended rolled-back-boot$/m)
  }

  test('one that was restarted is restarted by the boot too, if that has started it already', async () => {
    const { bench, asked } = await restarted()
    await boots(bench)
    // Nothing that boots may be waited for.
    expect(asked()).toEqual(['try-restart --no-block demo.service'])
  })

  test('one that was restarted is restarted at once where it is the operator who takes it back', async () => {
    const { bench, asked } = await restarted()
    expect((await bench.run(rollbackCommand('tx1'))).stdout).toContain('@rolled-back tx1')
    expect(asked()).toEqual(['restart demo.service'])
  })
})
