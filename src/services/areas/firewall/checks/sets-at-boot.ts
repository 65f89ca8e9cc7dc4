import { FAMILIES, type FirewallFacts } from '../../../model/firewall.ts'
import type { SetMaker } from '../../../model/ip-sets.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { part } from '../foreign-chains.ts'
import { replacesRules } from '../owners.ts'
import { isFilledByPrograms, setsNamedIn, textsOf } from '../sets/named.ts'
import { type FirewallCheck, fails, listWords, notApplicable, pass, ruleSetOf, unknown, upTo } from './about.ts'

/** Rules that name a set which is not there when they are loaded: none of their table is. */
export const setsAtBoot: FirewallCheck = {
  id: 'FW-sets-boot',
  severity: 'high',
  title: 'Rules name sets that nothing makes at boot',
  expected: 'each set made before the rules are loaded',
  rationale:
    'iptables-restore refuses a whole table when one of its rules names a set that does not exist. After a reboot the host then stands there with none of its rules.',
  references: ['ipset(8)', 'iptables-extensions(8)', 'netfilter-persistent(8)'],
  judge: (facts) => {
    const { persistence, setMakers } = facts
    const names = setsOfBoot(facts)
    if (names.length === 0) return notApplicable(say`no rule that is loaded at boot names a set`)
    if (persistence.kind === 'none' && !facts.managers.some(replacesRules))
      return notApplicable(say`nothing loads rules at boot`)
    if (!setMakers) return unknown(say`what makes sets at boot was not read`)
    const fates = names.map((name) => fateOf(name, setMakers))
    const bad = fates.filter(({ outcome }) => outcome === 'fail')
    const unsure = fates.filter(({ outcome }) => outcome === 'unknown')
    const details = upTo(
      8,
      [...bad, ...unsure].map(({ words }) => words),
    )
    if (bad.length > 0) return fails(listWords(bad.map(({ name }) => name)), details)
    if (unsure.length > 0) return unknown(listWords(unsure.map(({ name }) => name)), details)
    return pass(
      listWords(fates.map(({ name }) => name)),
      fates.map(({ words }) => words),
    )
  },
  noFix:
    'Debian: install ipset-persistent, then ipset save >/etc/iptables/ipsets. RHEL: install ipset-service, then ipset save >/etc/sysconfig/ipset and systemctl enable ipset. Elsewhere: ipset restore in a unit that is Before= the one that loads the rules',
}

/**
 * The sets that rules name when they are loaded: all of the saved rules, and those of the live ones that the next save
 * takes along, which leaves out the chains of other programs, and what such a program bans by a set of its own.
 */
function setsOfBoot(facts: FirewallFacts): readonly string[] {
  const saved = FAMILIES.flatMap((family) => {
    const one = facts.saved[family]
    return one.state === 'present' ? textsOf(one.ruleSet) : []
  }).flatMap(setsNamedIn)
  const live = FAMILIES.flatMap((family) => {
    const rules = ruleSetOf(facts, family)
    return rules ? textsOf({ ...rules, tables: rules.tables.map((table) => part(table, rules.tables).own) }) : []
  })
    .flatMap(setsNamedIn)
    .filter((name) => !isFilledByPrograms(name))
  return [...new Set([...saved, ...live])]
}

type Fate = { readonly name: Safe; readonly outcome: 'pass' | 'fail' | 'unknown'; readonly words: Safe }

function fateOf(text: string, makers: readonly SetMaker[]): Fate {
  const name = safe(text, 40)
  const made = makers.filter(({ names }) => names.has(text))
  const early = made.find(({ inTime }) => inTime === true)
  if (early) return { name, outcome: 'pass', words: say`${name}: ${early.by} makes it` }
  const sometime = made.find(({ inTime }) => inTime === null)
  if (sometime)
    return {
      name,
      outcome: 'unknown',
      words: say`${name}: ${sometime.by} makes it, perhaps after the rules are loaded`,
    }
  const maybe = makers.find(({ others, inTime }) => others && inTime !== false)
  if (maybe)
    return { name, outcome: 'unknown', words: say`${name}: ${maybe.by} makes sets; which ones was not found out` }
  const [late] = made
  return {
    name,
    outcome: 'fail',
    words: late
      ? say`${name}: ${late.by} makes it after the rules are loaded`
      : say`${name}: nothing that was found makes it`,
  }
}
