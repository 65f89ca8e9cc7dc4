import type { Family } from '../../../model/firewall.ts'
import { type Safe, safe, say } from '../../../model/safe.ts'
import { part } from '../foreign-chains.ts'
import { replacesRules } from '../owners.ts'
import { type SavedDifference, savedDifference } from '../saved-difference.ts'
import { type FirewallCheck, fails, listWords, notApplicable, pass, ruleSetOf, UNREADABLE, unknown } from './about.ts'

/** How the probe's words end about a hook that nothing runs. */
const NOT_INSTALLED = 'is not installed'

/** Nothing loads the rules at boot. */
export const persistent: FirewallCheck = {
  id: 'FW-persistent',
  severity: 'medium',
  title: 'Nothing loads the rules at boot',
  expected: 'a rules file loaded at boot',
  rationale: 'Rules live in the kernel only: after a reboot they are gone unless something loads them.',
  references: ['netfilter-persistent(8)'],
  judge: ({ persistence, managers }) => {
    if (persistence.kind === 'other')
      return persistence.by.every((one) => one.includes(NOT_INSTALLED))
        ? unknown(listWords(persistence.by, 2))
        : pass(listWords(persistence.by, 2), persistence.by)
    if (persistence.kind !== 'none') return pass(safe(persistence.kind))
    const owner = managers.find(replacesRules)
    if (owner) return pass(owner)
    // Programs that fill chains of their own load no others; whether there are others to load is another matter.
    const [one] = managers
    if (one) return unknown(say`${one} makes its own chains; what loads the others was not found`)
    const [asleep] = persistence.asleep ?? []
    return fails(asleep ? say`${asleep} is there, but not started at boot` : say`nothing`)
  },
  noFix: 'stage a change and press p among what is staged (s): then a unit of hardtui’s loads the rules at boot',
}

const plural = (count: number, one: Safe, many: Safe): Safe => say`${count} ${count === 1 ? one : many}`

/** Which side has more, in words. */
function sides({ onlyLive, onlySaved, reordered, policies }: SavedDifference): Safe {
  if (onlyLive + onlySaved === 0)
    return policies > 0
      ? say`${plural(policies, say`policy differs`, say`policies differ`)}`
      : say`another order in ${plural(reordered, say`chain`, say`chains`)}`
  const rules = onlyLive + onlySaved
  const more =
    onlyLive > onlySaved ? say`more live` : onlySaved > onlyLive ? say`more saved` : say`as many live as saved`
  return say`${plural(rules, say`rule differs`, say`rules differ`)}, ${more}`
}

/** What the next boot loads is not what filters now. */
export const saved = (family: Family): FirewallCheck => ({
  id: `FW-saved-${family}`,
  severity: 'medium',
  title: `IP${family}: the next boot loads other rules`,
  expected: 'saved as they are',
  rationale:
    'After a reboot the saved rules are in force, and not these. What was opened in a hurry is closed again, or the other way round. Confirming any change saves the rules as they are then.',
  references: ['netfilter-persistent(8)'],
  judge: (facts) => {
    const live = ruleSetOf(facts, family)
    if (!live) return UNREADABLE
    const { persistence } = facts
    if (persistence.kind === 'none') return notApplicable(say`nothing loads rules`)
    if (persistence.kind === 'other') return unknown(say`what ${listWords(persistence.by, 1)} loads is not compared`)
    const stored = facts.saved[family]
    const file = safe(persistence[family])
    if (stored.state === 'unknown') return unknown(say`${file} is too long to be compared`)
    if (stored.state !== 'present') {
      const rules = live.tables.reduce(
        (sum, table) => sum + part(table, live.tables).own.chains.reduce((all, chain) => all + chain.rules.length, 0),
        0,
      )
      const drops = live.tables.some((table) => table.chains.some((chain) => chain.policy === 'DROP'))
      return rules > 0 || drops ? fails(say`${file} does not exist`) : pass(say`no rules, no file`)
    }
    const difference = savedDifference(live, stored.ruleSet, 40)
    const { onlyLive, onlySaved, reordered, policies } = difference
    if (onlyLive + onlySaved + reordered + policies === 0) return pass(say`as in ${file}`)
    const counts = say`${onlyLive} rules live only, ${onlySaved} in ${file} only`
    return fails(sides(difference), [counts, ...difference.lines])
  },
  noFix: 'the next change that you confirm saves the rules as they are then',
})
