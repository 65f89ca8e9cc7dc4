import type { FirewallFacts } from '../../../model/firewall.ts'
import { type Safe, say } from '../../../model/safe.ts'
import { ownsChains } from '../foreign-chains.ts'
import { ruleOwner } from '../owners.ts'

/**
 * Why the rules can't be written as a script: they are another program's, made of chains that are left out, so that a
 * script would drop what those let in. Null where they can.
 */
export function whyNotScript(facts: Pick<FirewallFacts, 'managers'>): Safe | null {
  const owner = ruleOwner(facts)
  return owner && ownsChains(owner.name)
    ? say`these rules are ${owner.name}'s, and without its chains a script of them lets in nobody: keep ${owner.keep} instead`
    : null
}
