import type { Outcome } from '../../services/model/area.ts'
import { FAMILIES, type Family } from '../../services/model/firewall.ts'
import { factsOf } from '../../services/model/reading.ts'
import { LINE_CAP, safe, say } from '../../services/model/safe.ts'
import { besideItems } from '../../state/areas/firewall/beside-list.ts'
import type { FirewallItem } from '../../state/areas/firewall/items.ts'
import { firewallLists } from '../../state/areas/firewall/lists.ts'
import { ownerOfRules } from '../../state/areas/firewall/why-not.ts'
import type { ConsoleState } from '../../state/console-state.ts'
import type { Lists } from '../../state/lists/lists.ts'
import { toFix } from '../presenters/finding.ts'
import { aboutFinding, findingRow } from '../presenters/finding-row.ts'
import { type Line, leftRight, type Span, span } from '../text/line.ts'
import { firewallDetail } from './firewall-detail.ts'
import type { Presenter } from './presenter.ts'
import { besideRow, chainRow, ruleRow } from './rule-row.ts'

/** What is said of a family, by what its first finding found out. */
const STATES: Readonly<Record<Outcome, Span>> = {
  fail: span(say`open`, 'bad'),
  pass: span(say`closed`, 'good'),
  unknown: span(say`unknown`, 'warn'),
  notapplicable: span(say`unknown`, 'warn'),
}

const outcomeOf = (state: ConsoleState, family: Family): Outcome =>
  state.readings.findings.firewall.find((finding) => finding.checkId === `FW-default-deny-${family}`)?.outcome ??
  'unknown'

function familySpans(state: ConsoleState, family: Family): Line {
  const shown = state.view.firewall.family === family
  const facts = factsOf(state.readings.byArea.firewall)?.families[family]
  const word = facts?.state === 'unreadable' ? span(say`unreadable`, 'warn') : STATES[outcomeOf(state, family)]
  const name = span(say`${safe(shown ? '[' : ' ')}${safe(family)} `, shown ? 'strong' : 'dim')
  return [name, word, span(shown ? say`]` : say` `, 'strong')]
}

/** `[v4 closed]  v6 open    [filter] nat 3 mangle 0` */
function head(state: ConsoleState, lists: Lists, width: number): readonly Line[] {
  const { family, table } = state.view.firewall
  const rules = firewallLists(lists).rules(state, family)
  const families = FAMILIES.flatMap((one) => [...familySpans(state, one), span(say` `)])
  const tables = firewallLists(lists)
    .tables(state, family)
    .flatMap((name): Line => {
      if (name === table) return [span(say` [${safe(name)}]`, 'strong')]
      const chains = rules?.after.tables.find((one) => one.name === name)?.chains ?? []
      const beside = besideItems(rules?.base.beside, name)?.filter((item) => item.as === 'rule').length
      const count = beside ?? chains.reduce((sum, chain) => sum + chain.rules.length, 0)
      return [span(say`  ${safe(name)} ${count}`, 'dim')]
    })
  return [leftRight(families, tables, width)]
}

function note(state: ConsoleState): Line {
  const facts = factsOf(state.readings.byArea.firewall)
  const warned = (facts?.warnings.length ?? 0) > 0
  const managers = facts?.managers ?? []
  const owner = ownerOfRules(state)
  if (owner) return [...toFix(state.readings.findings.firewall), span(say` · ${owner.name}'s: read-only`, 'warn')]
  return [
    ...toFix(state.readings.findings.firewall),
    ...(warned ? [span(say` · more rules than shown`, 'warn')] : []),
    ...(managers.length > 0 ? [span(say` · with ${safe(managers.join(', '), 24)}`, 'warn')] : []),
  ]
}

/** The firewall pane: one table of one family, chain by chain, as it is and as it is staged. */
export const firewallPresenter: Presenter<FirewallItem> = {
  title: (state) => say`Firewall ─ ${safe(state.view.firewall.family)} ${safe(state.view.firewall.table)}`,
  note,
  head,
  row: (item, width) => {
    if (item.kind === 'finding') return findingRow(item, width)
    if (item.kind === 'chain') return chainRow(item, width)
    if (item.kind === 'beside') return besideRow(item, width)
    return ruleRow(item, width)
  },
  about: (item) => {
    if (item.kind === 'finding') return aboutFinding(item.finding)
    if (item.kind === 'rule') return say`-A ${safe(item.at.chain)} ${safe(item.rule.text, LINE_CAP)}`
    if (item.kind === 'beside')
      return item.as === 'unread' ? item.text : say`${item.text}: only shown; hardtui does not change it.`
    if (item.owner)
      return say`${safe(item.chain.name)} belongs to ${item.owner}, which rewrites it: it is left alone. Enter lists it.`
    return item.chain.policy === null
      ? say`A chain of your own: other chains jump into it. x deletes it once none does.`
      : say`What no rule of ${safe(item.chain.name)} decides gets policy ${safe(item.chain.policy)}. P changes it, a adds a rule at its end.`
  },
  detail: firewallDetail,
  empty: (state) => {
    const facts = factsOf(state.readings.byArea.firewall)?.families[state.view.firewall.family]
    return facts?.state === 'unreadable' ? facts.reason : say`No chain is in this table.`
  },
}
