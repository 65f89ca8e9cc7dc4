// What a change rests on, removed by somebody while it is being put back.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FileStep } from '../../../src/services/model/step.ts'
import { fileStep } from '../../../src/services/steps/file-step.ts'
import { applyCommand, armCommand, rollbackCommand, statusCommand } from '../../../src/services/transaction/scripts.ts'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS } from '../../support/guard-bench.ts'
import { firewallFacts, INPUT, insertFirst, planOf, textChange } from '../../support/plans.ts'
import { withoutCounters, withoutEmptyTables } from '../../support/rule-sets.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const openBench = benchesOfTests()

/** Has it removed once, in the middle of the rollback: the rules have come back, and nothing else has. */
function removeMeanwhile(bench: Bench, what: string): () => boolean {
  const tool = join(bench.etc, '../bin/iptables-restore')
  const done = join(bench.etc, '../removed')
  const script = `#!/bin/sh
/usr/sbin/iptables-restore "$@"
status=$?
if [ -e "${bench.state}/current/state.reverting" ] && [ ! -e "${done}" ]; then
  touch "${done}"
  rm -rf "${bench.state}/${what}"
fi
exit $status
`
  writeFileSync(tool, script, { mode: 0o755 })
  return () => existsSync(done)
}

describe.runIf(canRunGuard).each(GUARD_SHELLS)('what is lost, under %s', (_, shell) => {
  test.each(['current', 'current/save', ''])(
    'var/lib/hardtui/%s, removed while it is put back: all of it is put back again',
    async (what) => {
      const bench = openBench(shell)
      const rules = async () => withoutEmptyTables(withoutCounters((await bench.sh('iptables-save')).stdout))
      const motd = join(bench.etc, 'motd')
      writeFileSync(motd, 'before\n')
      const before = await rules()
      const isRemoved = removeMeanwhile(bench, what)
      const facts = firewallFacts((await bench.sh('iptables-save -c')).stdout)
      const plan = planOf(facts, [insertFirst(facts, '-j DROP'), { kind: 'policy', at: INPUT, policy: 'DROP' }])
      const file = fileStep(textChange('/etc/motd', 'after\n', 'before\n')) as FileStep
      await bench.run(armCommand('tx1', { ...plan, steps: [...plan.steps, file] }, owner), owner.connection)
      expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@applied')
      expect(readFileSync(motd, 'utf8')).toBe('after\n')
      expect((await bench.run(rollbackCommand('tx1'))).stdout).toMatch(/^@rolled-back tx1$/m)
      expect(isRemoved()).toBe(true)
      expect(readFileSync(motd, 'utf8')).toBe('before\n')
      expect(await rules()).toBe(before)
      expect((await bench.run(statusCommand('tx1'))).stdout).toMatch(/^@ended rolled-back-operator$/m)
    },
  )
})
