import type { Around, Check, Outcome, Verdict } from '../../../model/area.ts'
import type { Chain, Family, FirewallFacts, RuleEdit, RuleSet, Table } from '../../../model/firewall.ts'
import { type Safe, say } from '../../../model/safe.ts'
import { findChain } from '../chain-text.ts'
import { ownerOf } from '../foreign-chains.ts'
import { targetOf } from '../rule-text.ts'

export type FirewallCheck = Check<FirewallFacts, RuleEdit>

/** The rules of a family, or null where they can't be read. */
export const ruleSetOf = (facts: FirewallFacts, family: Family): RuleSet | null => {
  const one = facts.families[family]
  return one.state === 'present' ? one.ruleSet : null
}

export const filterChain = (ruleSet: RuleSet, chain: string): Chain | null =>
  findChain(ruleSet, { table: 'filter', chain })

/** Chains that are the operator's: the kernel's own, and those of no other program. */
export const ownChains = (table: Table): readonly Chain[] =>
  table.chains.filter((chain) => chain.policy !== null || ownerOf(chain.name, table) === null)

/** Whether a rule sends packets into a chain of another program, such as `f2b-sshd`. */
export function jumpsToOthers(table: Table, text: string): boolean {
  const target = targetOf(text)
  return target !== null && ownerOf(target, table) !== null
}

const verdict =
  (outcome: Outcome) =>
  (observed: Safe, details: readonly Safe[] = []): Verdict =>
    details.length > 0 ? { outcome, observed, details } : { outcome, observed }

export const pass = verdict('pass')
export const fails = verdict('fail')
export const unknown = verdict('unknown')
export const notApplicable = verdict('notapplicable')

export const UNREADABLE: Verdict = unknown(say`not readable`)

/** Which ports listen is not known, and why where that is told. */
export const noListeners = ({ whyNoListeners }: Around): Verdict =>
  unknown(
    whyNoListeners ? say`which ports listen is not known: ${whyNoListeners}` : say`which ports listen is not known`,
  )

/** Lines of which a detail screen shows so many, and says how many more there are. */
export function upTo(most: number, lines: readonly Safe[]): readonly Safe[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), say`… and ${lines.length - most} more`]
}

/** `a, b, c and 4 more` */
export function listWords(words: readonly Safe[], most = 4): Safe {
  const shown = words.slice(0, most).join(', ') as Safe
  return words.length > most ? say`${shown} and ${words.length - most} more` : shown
}
