import type { Check } from '../../model/area.ts'
import type { Family, FirewallFacts, RuleSet } from '../../model/firewall.ts'
import { safe, say } from '../../model/safe.ts'
import { findChain } from './chain-text.ts'

const ruleSetOf = (facts: FirewallFacts, family: Family): RuleSet | null => {
  const one = facts.families[family]
  return one.state === 'present' ? one.ruleSet : null
}

const inputPolicy = (ruleSet: RuleSet): string =>
  findChain(ruleSet, { table: 'filter', chain: 'INPUT' })?.policy ?? 'ACCEPT'

/** A chain that ends in an unconditional DROP or REJECT is closed whatever its policy. */
const closed = (ruleSet: RuleSet): boolean =>
  inputPolicy(ruleSet) === 'DROP' ||
  /^-j (DROP|REJECT)\b/.test(findChain(ruleSet, { table: 'filter', chain: 'INPUT' })?.rules.at(-1)?.text ?? '')

const defaultDeny = (family: Family): Check<FirewallFacts> => ({
  id: `FW-default-deny-${family}`,
  severity: 'high',
  title: `IP${family} lets in what no rule forbids`,
  expected: 'policy DROP',
  rationale: 'A port that somebody opens by mistake is open to the world unless everything not allowed is dropped.',
  references: ['CIS 4.4.2.1', 'iptables(8)'],
  judge: (facts) => {
    const ruleSet = ruleSetOf(facts, family)
    if (!ruleSet) return { outcome: 'unknown', observed: say`not readable` }
    return { outcome: closed(ruleSet) ? 'pass' : 'fail', observed: say`policy ${safe(inputPolicy(ruleSet))}` }
  },
})

/** The findings every firewall pane starts with; ids are stable. */
export const firewallChecks: readonly Check<FirewallFacts>[] = [
  defaultDeny('v4'),
  defaultDeny('v6'),
  {
    id: 'FW-persistent',
    severity: 'medium',
    title: 'Nothing loads the rules at boot',
    expected: 'a rules file loaded at boot',
    rationale: 'Rules live in the kernel only: after a reboot they are gone unless something loads them.',
    references: ['netfilter-persistent(8)'],
    judge: (facts) => ({
      outcome: facts.persistence.kind === 'none' && facts.managers.length === 0 ? 'fail' : 'pass',
      observed: safe(facts.persistence.kind === 'none' ? (facts.managers[0] ?? 'nothing') : facts.persistence.kind),
    }),
  },
]
