import type { Chain, ChainRef, Family, FirewallFacts, Rule, RuleEdit, RuleSet } from '../../../model/firewall.ts'
import type { HostFacts } from '../../../model/host.ts'
import { safe, say } from '../../../model/safe.ts'
import type { Listener } from '../../../model/units.ts'
import { nobodyListens as idleTest, listenersIn, rulePorts } from '../listening.ts'
import { inwardChains } from '../reach.ts'
import { shadowsOf } from '../shadow.ts'
import { portIn } from '../walk/transport-matches.ts'
import {
  type FirewallCheck,
  fails,
  jumpsToOthers,
  noListeners,
  notApplicable,
  ownChains,
  pass,
  ruleSetOf,
  UNREADABLE,
  unknown,
  upTo,
} from './about.ts'
import { draftOn } from './draft.ts'

type Idle = { readonly at: ChainRef; readonly rule: Rule; readonly number: number; readonly by: number | null }

const lineOf = ({ at, rule, number, by }: Idle) =>
  say`${safe(at.table)} ${safe(at.chain)} ${number}${by === null ? say`` : say`, shadowed by ${by}`}: ${safe(rule.text, 120)}`

/** More than this at once is not deleted blindly. */
const MOST_DELETED = 50

function deletions(facts: FirewallFacts, family: Family, idle: readonly Idle[]): readonly RuleEdit[] | null {
  const base = ruleSetOf(facts, family)
  if (!base || idle.length === 0 || idle.length > MOST_DELETED) return null
  const draft = draftOn(base)
  for (const { at, rule } of idle) draft.remove(at, rule.id)
  return draft.edits()
}

const filterChains = (ruleSet: RuleSet): readonly Chain[] => {
  const filter = ruleSet.tables.find((table) => table.name === 'filter')
  return filter ? ownChains(filter) : []
}

/** Rules that accept for a port on which nothing listens; no more than one more than can be deleted at once. */
function forNobody(ruleSet: RuleSet, listeners: readonly Listener[], facts: FirewallFacts): readonly Idle[] {
  const { family } = ruleSet
  const isIdle = idleTest(listenersIn(listeners, family), facts.ftp)
  const idle: Idle[] = []
  const filter = ruleSet.tables.find((table) => table.name === 'filter')
  const inward = filter ? inwardChains(filter) : null
  for (const chain of filterChains(ruleSet)) {
    // What is forwarded is for others, who listen elsewhere.
    if (!inward?.has(chain.name)) continue
    for (const [index, rule] of chain.rules.entries()) {
      if (!isIdle(rule.text)) continue
      idle.push({ at: { family, table: 'filter', chain: chain.name }, rule, number: index + 1, by: null })
      if (idle.length > MOST_DELETED) return idle
    }
  }
  return idle
}

export const nobodyListens = (family: Family): FirewallCheck => {
  const found = (facts: FirewallFacts, listeners: readonly Listener[]): readonly Idle[] => {
    const ruleSet = ruleSetOf(facts, family)
    return ruleSet ? forNobody(ruleSet, listeners, facts) : []
  }
  return {
    id: `FW-nobody-listens-${family}`,
    severity: 'low',
    title: `IP${family} rules open ports where nothing listens`,
    expected: 'rules for what listens',
    rationale:
      'A rule that outlived its service opens the door for whatever is started on that port next, by anybody. A service that is stopped for a while is another matter.',
    references: ['iptables(8)'],
    judge: (facts, _host, around) => {
      if (!ruleSetOf(facts, family)) return UNREADABLE
      // Whoever reads this came in by a port that listens: none at all means that they could not be read.
      if (!around.listeners?.length) return noListeners(around)
      const idle = found(facts, around.listeners)
      return idle.length === 0 ? pass(say`none`) : fails(rulesWords(idle), upTo(40, idle.map(lineOf)))
    },
    fix: (facts, host, around) =>
      deletions(
        facts,
        family,
        around.listeners?.length ? found(facts, around.listeners).filter(notTheWayIn(host)) : [],
      ),
    noFix:
      'there are too many of them to delete at once, or one is for the port you came in by: x deletes them one by one',
  }
}

const notTheWayIn =
  ({ session }: HostFacts) =>
  ({ rule }: Idle): boolean =>
    portIn(rulePorts(rule.text)?.ports ?? '', session.serverPort) === 'no'

const rulesWords = ({ length }: readonly Idle[]) =>
  length === 1 ? say`1 rule` : length > MOST_DELETED ? say`more than ${MOST_DELETED} rules` : say`${length} rules`

/** Packets that all rules together must have met before it means anything that one of them met none. */
const SEEN_ENOUGH = 100_000

/** Rules that no packet has met since the counters began. */
export const neverHit = (family: Family): FirewallCheck => ({
  id: `FW-never-hit-${family}`,
  severity: 'low',
  title: `IP${family} rules that no packet has ever met`,
  expected: 'rules that are needed',
  rationale:
    'Counters begin when rules are loaded, so a rule may be young, or a guard against what has not come yet. One that stays at zero for months is in the way of who reads the rules.',
  references: ['Lynis FIRE-4513'],
  judge: (facts) => {
    const ruleSet = ruleSetOf(facts, family)
    if (!ruleSet) return UNREADABLE
    let [seen, total, packets] = [0, 0, 0]
    const never: Idle[] = []
    for (const chain of filterChains(ruleSet))
      for (const [index, rule] of chain.rules.entries()) {
        total++
        packets += rule.packets
        if (rule.packets > 0) seen++
        else if (never.length < 41)
          never.push({ at: { family, table: 'filter', chain: chain.name }, rule, number: index + 1, by: null })
      }
    if (total === 0) return notApplicable(say`there are no rules`)
    if (packets < SEEN_ENOUGH) return notApplicable(say`these rules have met ${packets} packets only so far`)
    return total === seen ? pass(say`none`) : fails(say`${total - seen} of ${total} rules`, upTo(40, never.map(lineOf)))
  },
  noFix: 'what it waits for may still come: x deletes a rule that you know to be needless',
})

/** Rules that an earlier one leaves nothing to. */
export const shadowed = (family: Family): FirewallCheck => {
  const found = (ruleSet: RuleSet): readonly Idle[] =>
    ruleSet.tables.flatMap((table) =>
      ownChains(table).flatMap((chain) =>
        [...shadowsOf(table, chain)].map(
          ([index, by]): Idle => ({
            at: { family, table: table.name, chain: chain.name },
            rule: chain.rules[index] as Rule,
            number: index + 1,
            by: by + 1,
          }),
        ),
      ),
    )
  return {
    id: `FW-shadowed-${family}`,
    severity: 'medium',
    title: `IP${family} rules are shadowed by earlier ones`,
    expected: 'rules that packets reach',
    rationale:
      'An earlier rule takes every packet that these match, so they do nothing, whatever they seem to say. Either they are left over, and the fix deletes them without changing anything, or they stand in the wrong place.',
    references: ['iptables(8)'],
    judge: (facts) => {
      const ruleSet = ruleSetOf(facts, family)
      if (!ruleSet) return UNREADABLE
      if (tooMany(ruleSet)) return unknown(say`too many rules: the list marks them`)
      const idle = found(ruleSet)
      const [first] = idle
      if (!first) return pass(say`none`)
      return fails(say`${rulesWords(idle)}, first ${safe(first.at.chain)} ${first.number}`, upTo(40, idle.map(lineOf)))
    },
    fix: (facts) => {
      const ruleSet = ruleSetOf(facts, family)
      return ruleSet && !tooMany(ruleSet) ? deletions(facts, family, found(ruleSet).filter(isOwn(ruleSet))) : null
    },
    noFix: 'they are another program’s, or too many to delete at once: x deletes one',
  }
}

/** A jump into the chain of another program is that program's to delete. */
const isOwn =
  (ruleSet: RuleSet) =>
  ({ at, rule }: Idle): boolean =>
    !ruleSet.tables.some((table) => table.name === at.table && jumpsToOthers(table, rule.text))

/** Comparing more than this for a judgement would be felt; the list does it chain by chain when it is looked at. */
const COMPARED = 20_000
const tooMany = (ruleSet: RuleSet): boolean =>
  ruleSet.tables.reduce((sum, table) => sum + ownChains(table).reduce((all, one) => all + one.rules.length, 0), 0) >
  COMPARED
