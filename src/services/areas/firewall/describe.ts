import type { StagedChange, StagedOf } from '../../model/areas.ts'
import { type ChainRef, type FirewallFacts, placeWords, type RuleEdit, type RuleSet } from '../../model/firewall.ts'
import { LINE_CAP, type Safe, safe, say } from '../../model/safe.ts'
import { describeFile } from '../../steps/file-edit.ts'
import { findChain } from './chain-text.ts'
import { type FirewallEdit, isRuleEdit } from './lay.ts'

type Words = { readonly target: Safe; readonly summary: Safe }

/** The place of a rule in its chain as iptables counts, or null. */
export function numberOf(ruleSet: RuleSet, at: ChainRef, ruleId: string): number | null {
  const place = findChain(ruleSet, at)?.rules.findIndex((rule) => rule.id === ruleId) ?? -1
  return place < 0 ? null : place + 1
}

const textOf = (ruleSet: RuleSet, at: ChainRef, ruleId: string): Safe =>
  safe(findChain(ruleSet, at)?.rules.find((rule) => rule.id === ruleId)?.text ?? '', LINE_CAP)

const EMPTY: RuleSet = { family: 'v4', tables: [] }
const setOf = ({ families }: FirewallFacts, { at }: RuleEdit): RuleSet => {
  const one = families[at.family]
  return one.state === 'present' ? one.ruleSet : EMPTY
}

/** Puts an edit in words: `before` are the facts it is made on, `after` those it makes. */
export function describeEdit(edit: FirewallEdit, before: FirewallFacts, after: FirewallFacts): Words {
  if (isRuleEdit(edit)) return describeRule(edit, setOf(before, edit), setOf(after, edit))
  if (edit.text === null) return describeFile(edit)
  return { target: safe(edit.path), summary: say`+ ${safe(edit.text.trim().split('\n').join(', '))} at boot` }
}

/** The same of one family's rules. */
export function describeRule(edit: RuleEdit, before: RuleSet, after: RuleSet): Words {
  const place = placeWords(edit.at)
  if (edit.kind === 'policy') {
    const old = findChain(before, edit.at)?.policy ?? 'ACCEPT'
    return { target: place, summary: say`policy ${safe(old)} → ${safe(edit.policy)}` }
  }
  if (edit.kind === 'new-chain') return { target: place, summary: say`+ a new chain` }
  if (edit.kind === 'delete-chain') {
    const rules = findChain(before, edit.at)?.rules.length ?? 0
    return { target: place, summary: say`- the chain, with its rules (${rules})` }
  }
  const now = numberOf(after, edit.at, edit.ruleId)
  const old = numberOf(before, edit.at, edit.ruleId)
  const numbered = (number: number | null): Safe => (number === null ? place : say`${place} ${number}`)
  if (edit.kind === 'insert') return { target: numbered(now), summary: say`+ ${safe(edit.text, LINE_CAP)}` }
  if (edit.kind === 'replace') return { target: numbered(now), summary: say`~ ${safe(edit.text, LINE_CAP)}` }
  const text = textOf(before, edit.at, edit.ruleId)
  if (edit.kind === 'delete') return { target: numbered(old), summary: say`- ${text}` }
  return { target: numbered(now), summary: say`moved from ${old ?? 0} to ${now ?? 0}: ${text}` }
}

/** An edit of one family's rules as a staged change. */
export const changeOf = (
  id: string,
  edit: RuleEdit,
  origin: StagedChange['origin'],
  before: RuleSet,
  after: RuleSet,
): StagedOf<'firewall'> => ({ id, area: 'firewall', edit, ...describeRule(edit, before, after), origin })
