import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ChangePlan, CheckId } from '../../../src/services/model/plan.ts'
import { readMessages } from '../../../src/services/transaction/protocol.ts'
import { refusalOf } from '../../../src/services/transaction/refusals.ts'
import { armCommand } from '../../../src/services/transaction/scripts.ts'
import { benchesOfTests, canRunGuard, GUARD_SHELLS } from '../../support/guard-bench.ts'
import { planFrom } from '../../support/make-plan.ts'
import { firewallFacts, hostFacts, stagedFile, textChange } from '../../support/plans.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()

const planOf = (...files: Parameters<typeof stagedFile>[0][]): ChangePlan =>
  planFrom({ host: hostFacts, firewall: firewallFacts(''), changes: files.map(stagedFile), windowSeconds: 30 })
const BAD = textChange('/etc/ssh/sshd_config', 'Nonsense yes\n', 'Port 22\n')
const GOOD = textChange('/etc/ssh/sshd_config', 'Port 22\nMaxAuthTries 3\n', 'Port 22\n')

/** Stands in for sshd: knows every keyword but one. */
const SSHD = `#!/bin/sh
case "$*" in
*-T*) echo port 22 ;;
*-t*) ! grep -q Nonsense "$HARDTUI_ROOT/etc/ssh/sshd_config" || { echo "Bad configuration option: Nonsense" >&2; exit 255; } ;;
esac
`

test('sshd checks a plan that changes one of its files, and no other', () => {
  expect(planOf(GOOD).checks).toEqual(['sshd'])
  expect(planOf(textChange('/etc/motd', 'x\n', null)).checks).toEqual([])
})

describe.runIf(canRunGuard).each(GUARD_SHELLS)('the checks of a plan under %s', (_, shell) => {
  const arm = async (plan: ChangePlan) => {
    const bench = openBench(shell)
    const sshd = join(bench.etc, '../bin/sshd')
    writeFileSync(sshd, SSHD)
    chmodSync(sshd, 0o755)
    mkdirSync(join(bench.etc, 'ssh'))
    writeFileSync(join(bench.etc, 'ssh/sshd_config'), 'Port 22\n')
    const { stdout } = await bench.run(armCommand('tx1', plan, owner), owner.connection)
    const messages = readMessages(stdout)
    expect(existsSync(join(bench.state, 'current'))).toBe(refusalOf(messages) === null)
    return { words: messages.map(({ word }) => word), refusal: refusalOf(messages)?.reason }
  }

  test('try what is to be written, by whoever will read it', async () => {
    expect((await arm(planOf(BAD))).refusal).toBe('sshd refuses the change: Bad configuration option: Nonsense')
    expect((await arm(planOf(GOOD))).words).toContain('armed')
  })

  test('are those that the plan names', async () => {
    expect((await arm({ ...planOf(BAD), checks: [] })).words).toContain('armed')
  })

  test('that the server does not know refuse the plan', async () => {
    const checks: readonly CheckId[] = ['sshd', 'oracle' as CheckId]
    expect((await arm({ ...planOf(GOOD), checks })).refusal).toBe('there is no check of the name oracle')
  })
})
