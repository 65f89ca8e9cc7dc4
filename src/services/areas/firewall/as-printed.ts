import { fail, ok, type Result } from '../../model/errors.ts'
import type { RuleEdit, RuleSet } from '../../model/firewall.ts'
import { type Safe, safe, say } from '../../model/safe.ts'
import { findChain, rulesInChainText } from './chain-text.ts'

/**
 * The kernel prints some rules in other words than they were typed in, and makes several of one that names several
 * addresses (iptables(8), -s): what is staged is what it will print. `after` are the rules with the edit as it was typed,
 * `printed` the chain as a scratch kernel printed it (`chainText`).
 */
export function asPrinted(edit: RuleEdit, after: RuleSet, printed: string): Result<readonly RuleEdit[], Safe> {
  if (edit.kind !== 'insert' && edit.kind !== 'replace') return ok([edit])
  const rules = findChain(after, edit.at)?.rules ?? []
  const texts = rulesInChainText(printed, edit.at)
  const place = rules.findIndex((rule) => rule.id === edit.ruleId)
  const more = texts.length - rules.length
  if (texts.length === 0 || place < 0) return ok([edit])
  const [text = '', ...others] = texts.slice(place, place + more + 1)
  const untouched = rules.every((rule, at) => at === place || rule.text === texts[at < place ? at : at + more])
  if (more < 0 || (more > 0 && !untouched))
    return fail(
      say`iptables makes ${texts.length} rules of this chain, not ${rules.length}: give each rule one address.`,
    )
  const before = rules[place + 1]?.id ?? null
  return ok([
    safe(text) === '' ? edit : { ...edit, text },
    ...others.map(
      (one, i): RuleEdit => ({ kind: 'insert', at: edit.at, before, ruleId: `${edit.ruleId}+${i + 1}`, text: one }),
    ),
  ])
}
