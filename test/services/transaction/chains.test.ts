// Chains that a change makes or deletes, through the real guard: rolled back, kept, and in other people's way.
import { describe, expect, test } from 'vitest'
import type { ChainRef, RuleEdit } from '../../../src/services/model/firewall.ts'
import { applyCommand, armCommand, confirmCommand, rollbackCommand } from '../../../src/services/transaction/scripts.ts'
import { type Bench, benchesOfTests, canRunGuard, GUARD_SHELLS } from '../../support/guard-bench.ts'
import { firewallFacts, insertFirst, planOf } from '../../support/plans.ts'
import { withoutCounters } from '../../support/rule-sets.ts'

const owner = { name: 'ops', address: '198.51.100.20', connection: 'c 1 s 22', holder: 'h1' }
const MINE: ChainRef = { family: 'v4', table: 'filter', chain: 'mine' }
const OLD: ChainRef = { ...MINE, chain: 'old' }
const openBench = benchesOfTests()

describe.runIf(canRunGuard).each(GUARD_SHELLS)('chains under %s', { timeout: 60_000 }, (_, shell) => {
  /** A bench with a chain `old` that INPUT jumps into, and a change applied to it that makes `mine` and deletes `old`. */
  async function changed(): Promise<{ bench: Bench; before: string; rules: () => Promise<string> }> {
    const bench = openBench(shell)
    await bench.sh(
      'iptables -N old; iptables -A old -p tcp -m tcp --dport 25 -j DROP; iptables -A INPUT -j old; iptables -A INPUT -i lo -j ACCEPT',
    )
    const rules = async (): Promise<string> => withoutCounters((await bench.sh('iptables-save')).stdout)
    const before = await rules()
    const facts = firewallFacts((await bench.sh('iptables-save -c')).stdout, '')
    const read = facts.families.v4
    const jump = read.state === 'present' ? read.ruleSet.tables[0]?.chains[0]?.rules[0]?.id : undefined
    const edits: RuleEdit[] = [
      { kind: 'new-chain', at: MINE },
      { kind: 'insert', at: MINE, before: null, ruleId: 'n1', text: '-p tcp -m tcp --dport 80 -j ACCEPT' },
      insertFirst(facts, '-j mine'),
      { kind: 'delete', at: { ...MINE, chain: 'INPUT' }, ruleId: jump ?? '' },
      { kind: 'delete-chain', at: OLD },
    ]
    const armed = await bench.run(armCommand('tx1', planOf(facts, edits, { windowSeconds: 30 }), owner))
    expect(armed.stdout).toMatch(/^@armed tx1 /m)
    expect((await bench.run(applyCommand('tx1'))).stdout).toContain('@applied')
    expect(await rules()).not.toContain(':old')
    expect(await rules()).toContain('-A INPUT -j mine')
    return { bench, before, rules }
  }

  test('what was made is gone after a rollback, and what was deleted is there with its rules', async () => {
    const { bench, before, rules } = await changed()
    const { stdout } = await bench.run(rollbackCommand('tx1'))
    expect(stdout).toContain('@note plain v4 rules as they were\n')
    expect(await rules()).toBe(before)
  })

  test('a rule that somebody added beside them stays, one inside the new chain goes with it and is said', async () => {
    const { bench, before, rules } = await changed()
    await bench.sh('iptables -A INPUT -p udp --dport 9 -j ACCEPT; iptables -A mine -p udp --dport 7 -j ACCEPT')
    const { stdout } = await bench.run(rollbackCommand('tx1'))
    expect(stdout).toContain(
      'taken out with the chain that the change had made: -A mine -p udp -m udp --dport 7 -j ACCEPT',
    )
    const added = '-A INPUT -p udp -m udp --dport 9 -j ACCEPT'
    expect(await rules()).toBe(before.replace('-A INPUT -i lo -j ACCEPT', `$&\n${added}`))
  })

  test('a jump that somebody made into the new chain does not keep it', async () => {
    const { bench, before, rules } = await changed()
    await bench.sh('iptables -N theirs; iptables -A theirs -j mine')
    await bench.run(rollbackCommand('tx1'))
    expect(await rules()).toBe(before)
  })

  test('confirmed, the new chain stays', async () => {
    const { bench, rules } = await changed()
    expect((await bench.run(confirmCommand('tx1', 'unproven', 'h1'), 'c 9 s 22')).stdout).toContain('@confirmed tx1')
    expect(await rules()).toContain('-A mine -p tcp -m tcp --dport 80 -j ACCEPT')
  })
})
