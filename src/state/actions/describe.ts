import { findChain } from '../../services/areas/firewall/chain-text.ts'
import { type ChainRef, placeWords, type RuleEdit, type RuleSet } from '../../services/model/firewall.ts'
import type { StagedChange } from '../../services/model/plan.ts'
import { LINE_CAP, type Safe, safe, say } from '../../services/model/safe.ts'
import type { PaneItem } from '../lists/selectors.ts'

/** The place of a rule in its chain as iptables counts, or null. */
export function numberOf(ruleSet: RuleSet, at: ChainRef, ruleId: string): number | null {
  const place = findChain(ruleSet, at)?.rules.findIndex((rule) => rule.id === ruleId) ?? -1
  return place < 0 ? null : place + 1
}

const textOf = (ruleSet: RuleSet, at: ChainRef, ruleId: string): Safe =>
  safe(findChain(ruleSet, at)?.rules.find((rule) => rule.id === ruleId)?.text ?? '', LINE_CAP)

/** Puts an edit in words: `before` is the rule set it is made on, `after` the one it makes. */
export function describeEdit(
  edit: RuleEdit,
  before: RuleSet,
  after: RuleSet,
): { readonly target: Safe; readonly summary: Safe } {
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

/** An edit as a staged change. */
export const changeOf = (
  id: string,
  edit: RuleEdit,
  origin: StagedChange['origin'],
  before: RuleSet,
  after: RuleSet,
): StagedChange => ({
  id,
  area: 'firewall',
  intent: { kind: 'edit-rules', edit },
  ...describeEdit(edit, before, after),
  origin,
})

/** An item as one line of plain text, for the clipboard. */
export function itemText(item: PaneItem): Safe {
  switch (item.kind) {
    case 'finding':
      return say`${safe(item.finding.checkId)}: ${item.finding.observed} → ${safe(item.finding.expected)}`
    case 'rule':
      return say`-A ${safe(item.at.chain)} ${safe(item.rule.text, LINE_CAP)}`
    case 'chain':
      return say`${safe(item.chain.name)} ${safe(item.chain.policy ?? '-')}`
    case 'beside':
      return item.text
    case 'unit':
      return safe(item.unit.name)
    case 'stray':
      return say`${item.listener.address}:${item.listener.port}/${safe(item.listener.protocol)}`
    case 'log':
      return say`${item.entry.day} ${item.entry.time} ${item.entry.program}: ${item.entry.text}`
  }
}
