// Programs that write rules of their own: recognised, shown right, and as they were after a change and its rollback.
import { afterEach, describe, expect, it } from 'vitest'
import { ruleOwner } from '../../../src/services/areas/firewall/owners.ts'
import { insertFirst } from '../../support/plans.ts'
import { withoutCounters } from '../../support/rule-sets.ts'
import { fileChange } from '../faults/world.ts'
import { type Server, up, whyNoLab } from '../lab.ts'
import { closeOperators, logIn, phase } from '../operator.ts'

const reason = whyNoLab()
afterEach(closeOperators)

const SHOREWALL = `
  interface=$(ip -o -4 addr show | awk '$2 != "lo" { print $2; exit }'); interface=\${interface%%@*}
  printf 'fw firewall\\nnet ipv4\\n' > /etc/shorewall/zones
  printf '?FORMAT 2\\nnet %s\\n' "$interface" > /etc/shorewall/interfaces
  printf 'fw net ACCEPT\\nnet all DROP\\nall all REJECT\\n' > /etc/shorewall/policy
  printf '?SECTION NEW\\nACCEPT net fw tcp 22\\n' > /etc/shorewall/rules
  echo startup=1 > /etc/default/shorewall
  systemctl restart shorewall`

/** Everything the kernel filters by, of iptables' making or not, without what only counts. */
const filters = async (server: Server): Promise<string> => {
  const saves = await server.must('iptables-save; ip6tables-save; nft -s list ruleset 2>/dev/null || :')
  return withoutCounters(saves).replace(/counter packets \d+ bytes \d+/g, 'counter')
}

describe.skipIf(reason !== null)(`rules of other programs${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it.each([
    ['ufw', 'ufw allow 22/tcp; ufw --force enable'],
    ['firewalld', 'systemctl start firewalld'],
    ['shorewall', SHOREWALL],
  ] as const)(
    '%s owns them: no rule is staged beside it, and a change of a file leaves them alone',
    async (name, set) => {
      await using server = await up({ packages: ['ufw', 'firewalld', 'shorewall'] })
      await server.must('systemctl disable -q --now firewalld', { timeoutMs: 60_000 })
      const operator = await logIn(server)
      // Installed and not in force, they own nothing.
      expect(ruleOwner((await operator.read()).firewall)).toBeNull()
      await server.must(set, { timeoutMs: 60_000 })
      const before = await filters(server)
      const { firewall } = await operator.read()
      expect(ruleOwner(firewall)?.name).toBe(name)
      const rules = await operator.plan((facts) => [insertFirst(facts, '-p tcp -m tcp --dport 81 -j DROP')])
      expect(rules.blockers.map((one) => one.message)[0]).toContain(`are ${name}'s`)
      const plan = await operator.plan(() => [], { also: [await fileChange(server, '/etc/motd', () => 'changed\n')] })
      await operator.transactions.apply(plan)
      await phase(operator, 'awaiting-confirm')
      await operator.transactions.rollback()
      await phase(operator, 'rolled-back')
      expect(await filters(server)).toBe(before)
    },
  )
})
