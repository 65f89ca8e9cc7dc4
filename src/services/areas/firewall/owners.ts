import type { FirewallFacts } from '../../model/firewall.ts'
import { type Safe, say } from '../../model/safe.ts'

/** A program that writes the whole rule set from a configuration of its own, and how rules are changed with it. */
export type RuleOwner = { readonly name: Safe; readonly instead: Safe }

const OWNERS: readonly RuleOwner[] = [
  { name: say`firewalld`, instead: say`firewall-cmd --permanent --add-port=80/tcp, then firewall-cmd --reload` },
  { name: say`ufw`, instead: say`ufw allow 80/tcp` },
  { name: say`shorewall`, instead: say`/etc/shorewall/rules, then shorewall try /etc/shorewall 60s` },
  { name: say`ferm`, instead: say`/etc/ferm/ferm.conf, then ferm --interactive /etc/ferm/ferm.conf` },
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
export const ruleOwner = ({ managers }: FirewallFacts): RuleOwner | null =>
  OWNERS.find(({ name }) => managers.includes(name)) ?? null
