import type { Family, FirewallFacts } from '../../../model/firewall.ts'
import { say } from '../../../model/safe.ts'
import { type FirewallCheck, fails, pass, ruleSetOf, UNREADABLE, unknown } from './about.ts'
import { ESTABLISHED, LOOPBACK_IN, LOOPBACK_OUT } from './default-deny.ts'
import { type Draft, draftOn, filterRef, topOf } from './draft.ts'
import { establishedPasses, loopbackPasses, type Passes } from './passing.ts'
import { type Sight, sightOf } from './sight.ts'

type Way = 'in' | 'out'
const CHAINS = { in: 'INPUT', out: 'OUTPUT' } as const

/** What must pass in both directions, whatever else is dropped. */
function mustPass(
  family: Family,
  about: Omit<FirewallCheck, 'judge' | 'fix' | 'noFix'>,
  passes: (sight: Sight, family: Family, way: Way) => Passes,
  rules: Readonly<Record<Way, string>>,
): FirewallCheck {
  const answers = (sight: Sight): readonly (readonly [Way, Passes])[] =>
    (['in', 'out'] as const).map((way) => [way, passes(sight, family, way)])
  return {
    ...about,
    judge: (facts, host, around) => {
      if (!ruleSetOf(facts, family)) return UNREADABLE
      const found = answers(sightOf(facts, host, around))
      const dropped = found.filter(([, answer]) => answer === 'no').map(([way]) => CHAINS[way])
      if (dropped.length === 2) return fails(say`dropped by INPUT and OUTPUT`)
      if (dropped.length === 1) return fails(dropped[0] === 'INPUT' ? say`dropped by INPUT` : say`dropped by OUTPUT`)
      return found.some(([, answer]) => answer === 'unsure')
        ? unknown(say`depends on what can't be seen from here`)
        : pass(say`passes`)
    },
    fix: (facts: FirewallFacts, host, around) => {
      const base = ruleSetOf(facts, family)
      if (!base) return null
      const draft: Draft = draftOn(base)
      for (const [way, answer] of answers(sightOf(facts, host, around))) {
        const at = filterRef(family, CHAINS[way])
        if (answer === 'no') draft.insert(at, rules[way], topOf(draft.ruleSet(), at))
      }
      return draft.edits().length > 0 ? draft.edits() : null
    },
  }
}

export const loopback = (family: Family): FirewallCheck =>
  mustPass(
    family,
    {
      id: `FW-loopback-${family}`,
      severity: 'medium',
      title: `IP${family} drops what this host says to itself`,
      expected: 'lo accepted',
      rationale:
        'Programs of one host talk to each other over the loopback interface: databases, resolvers, mail. Dropping that breaks them one by one, and late.',
      references: ['CIS 4.4.2.3'],
    },
    loopbackPasses,
    { in: LOOPBACK_IN, out: LOOPBACK_OUT },
  )

export const established = (family: Family): FirewallCheck =>
  mustPass(
    family,
    {
      id: `FW-established-${family}`,
      severity: 'medium',
      title: `IP${family} drops answers of running connections`,
      expected: 'ESTABLISHED accepted',
      rationale:
        'What this host asks for must get back in, and what is asked of it must get out: updates, DNS, and every login that is already open.',
      references: ['CIS 4.4.2.4'],
    },
    establishedPasses,
    { in: ESTABLISHED, out: ESTABLISHED },
  )
