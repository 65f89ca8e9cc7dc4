import type { FirewallFacts } from '../../model/firewall.ts'
import { type Safe, say } from '../../model/safe.ts'

/** A program that writes the whole rule set from a configuration of its own, how rules are changed with it, and where it keeps them. */
export type RuleOwner = { readonly name: Safe; readonly instead: Safe; readonly keep: Safe }

const OWNERS: readonly RuleOwner[] = [
  {
    name: say`firewalld`,
    instead: say`firewall-cmd --permanent --add-port=80/tcp, then firewall-cmd --reload`,
    keep: say`/etc/firewalld`,
  },
  { name: say`ufw`, instead: say`ufw allow 80/tcp`, keep: say`/etc/ufw` },
  {
    name: say`shorewall`,
    instead: say`/etc/shorewall/rules, then shorewall try /etc/shorewall 60s`,
    keep: say`/etc/shorewall`,
  },
  {
    name: say`ferm`,
    instead: say`/etc/ferm/ferm.conf, then ferm --interactive /etc/ferm/ferm.conf`,
    keep: say`/etc/ferm/ferm.conf`,
  },
]

/**
 * Whether a program writes the whole rule set when it reloads. nftables.service does, too, but what it writes may well be
 * nothing of iptables': it is named before arming, and keeps nobody from changing rules.
 */
export const replacesRules = (manager: Safe): boolean =>
  manager === 'nftables' || OWNERS.some(({ name }) => name === manager)

/**
 * Who owns the rules of a host, or null where nobody else does: what is changed beside such a program is gone when it next
 * reloads. Docker, fail2ban and the like own chains, not the rule set; they are no owners in this sense.
 */
export const ruleOwner = ({ managers }: Pick<FirewallFacts, 'managers'>): RuleOwner | null =>
  OWNERS.find(({ name }) => managers.includes(name)) ?? null
