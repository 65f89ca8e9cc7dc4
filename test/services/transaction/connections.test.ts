// The first rule of a host that asks about connections: conntrack has to know the open ones before it counts.
import { describe, expect, test } from 'vitest'
import { applyCommand, armCommand, rollbackCommand } from '../../../src/services/transaction/scripts.ts'
import { benchesOfTests, canRunGuard, GUARD_SHELLS, until } from '../../support/guard-bench.ts'
import { firewallFacts, insertFirst, planOf } from '../../support/plans.ts'
import { withoutCounters } from '../../support/rule-sets.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const STATEFUL = '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
const openBench = benchesOfTests()

describe.runIf(canRunGuard).each(GUARD_SHELLS)(
  'the first rule about connections, under %s',
  { timeout: 60_000 },
  (_, shell) => {
    /** A bench with a change armed that puts a rule first in INPUT. */
    async function armed(before: string, rule: string) {
      const bench = openBench(shell)
      await bench.sh(before)
      const rules = async (): Promise<string> => withoutCounters((await bench.sh('iptables-save')).stdout)
      const facts = firewallFacts((await bench.sh('iptables-save -c')).stdout, '')
      const plan = planOf(facts, [insertFirst(facts, rule)], { windowSeconds: 30 })
      expect((await bench.run(armCommand('tx1', plan, owner))).stdout).toMatch(/^@armed tx1 /m)
      return { bench, rules, was: await rules() }
    }
    const meeting = (rules: () => Promise<string>) =>
      until(async () => (await rules()).includes(':hardtui-meeting'), 10, 'the chain that asks first')

    test('a chain that nothing calls asks first, and is gone once the change is in', async () => {
      const { bench, rules } = await armed('iptables -A INPUT -i lo -j ACCEPT', STATEFUL)
      const applied = bench.run(applyCommand('tx1'))
      await meeting(rules)
      expect(await rules()).not.toContain('RELATED')
      expect((await applied).stdout).toContain('@applied v4')
      expect(await rules()).toContain(`-A INPUT ${STATEFUL}`)
      expect(await rules()).not.toContain('hardtui')
    })

    test('where rules ask already, or the change asks nothing, nothing is waited for', async () => {
      for (const [before, rule] of [
        ['iptables -A INPUT -m conntrack --ctstate INVALID -j DROP', STATEFUL],
        ['iptables -A INPUT -i lo -j ACCEPT', '-p tcp -m tcp --dport 80 -j ACCEPT'],
      ] as const) {
        const { bench } = await armed(before, rule)
        await bench.run(applyCommand('tx1'))
        expect((await bench.sh('ls "$HARDTUI_ROOT/var/lib/hardtui/current/applied"')).stdout).not.toContain('meeting')
      }
    })

    test('an apply that dies while it waits leaves no chain behind', async () => {
      const { bench, rules, was } = await armed('iptables -A INPUT -i lo -j ACCEPT', STATEFUL)
      void bench.run(applyCommand('tx1'))
      await meeting(rules)
      expect((await bench.run(rollbackCommand('tx1'))).stdout).toContain('@note plain v4 rules as they were')
      expect(await rules()).toBe(was)
    })
  },
)
