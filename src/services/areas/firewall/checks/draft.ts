import type { ChainRef, Family, Rule, RuleEdit, RuleSet } from '../../../model/firewall.ts'
import { withTable } from '../builtin-chains.ts'
import { findChain } from '../chain-text.ts'
import { applyEdits } from '../edits.ts'
import { ownerOf } from '../foreign-chains.ts'
import { jumpsToOthers } from './about.ts'

/** A fix in the making: the edits so far, and the rules as they would be with them. */
export type Draft = {
  readonly ruleSet: () => RuleSet
  readonly edits: () => readonly RuleEdit[]
  /** Puts a rule, worded as iptables-save(8) prints it, before the one of that id; null is the end of the chain. */
  readonly insert: (at: ChainRef, text: string, before: string | null) => void
  readonly policy: (at: ChainRef, policy: 'ACCEPT' | 'DROP') => void
  readonly remove: (at: ChainRef, ruleId: string) => void
}

export const filterRef = (family: Family, chain: string): ChainRef => ({ family, table: 'filter', chain })

/** Begins a fix on these rules. */
export function draftOn(base: RuleSet): Draft {
  let ruleSet = base
  const edits: RuleEdit[] = []
  const add = (edit: RuleEdit): void => {
    const { after, conflicts } = applyEdits(ruleSet, [edit])
    if (conflicts.length > 0) return
    ruleSet = after
    edits.push(edit)
  }
  return {
    ruleSet: () => ruleSet,
    edits: () => edits,
    insert: (at, text, before) => {
      // Two fixes that want the same rule make one of it.
      const ruleId = `fix:${at.family}:${at.table}:${at.chain}:${text}`
      const there = findChain(ruleSet, at)?.rules.some((rule) => rule.id === ruleId)
      if (!there) add({ kind: 'insert', at, before, ruleId, text })
    },
    policy: (at, policy) => add({ kind: 'policy', at, policy }),
    remove: (at, ruleId) => add({ kind: 'delete', at, ruleId }),
  }
}

/** Whether a rule of a chain jumps into one of another program. */
function jumps(ruleSet: RuleSet, at: ChainRef): (rule: Rule) => boolean {
  const table = withTable(ruleSet, at.table).tables.find((one) => one.name === at.table)
  if (!table?.chains.some((chain) => chain.policy === null && ownerOf(chain.name, table) !== null)) return () => false
  return (rule) => jumpsToOthers(table, rule.text)
}

const rulesAt = (ruleSet: RuleSet, at: ChainRef): readonly Rule[] =>
  findChain(withTable(ruleSet, at.table), at)?.rules ?? []

/**
 * The rule that one at the top of a chain goes before: after the jumps into chains of fail2ban and the like that the
 * chain begins with, so that what they ban stays banned.
 */
export function topOf(ruleSet: RuleSet, at: ChainRef): string | null {
  const isJump = jumps(ruleSet, at)
  return rulesAt(ruleSet, at).find((rule) => !isJump(rule))?.id ?? null
}

/** The rule behind the last jump into a chain of another program; the top where there is none. */
export function behindJumps(ruleSet: RuleSet, at: ChainRef): string | null {
  const rules = rulesAt(ruleSet, at)
  const last = rules.findLastIndex(jumps(ruleSet, at))
  return last < 0 ? topOf(ruleSet, at) : (rules[last + 1]?.id ?? null)
}
