import { withTable } from '../../../services/areas/firewall/builtin-chains.ts'
import { type StagedOf, stagedIn } from '../../../services/model/areas.ts'
import type { Family } from '../../../services/model/firewall.ts'
import { factsOf } from '../../../services/model/reading.ts'
import type { ConsoleState } from '../../console-state.ts'
import { rememberLast, rememberSame } from '../../lists/list.ts'
import type { Lists } from '../../lists/lists.ts'
import { type BaselineNow, createBaselineList } from './baseline-list.ts'
import { besideTables } from './beside-list.ts'
import type { FirewallItem } from './items.ts'
import { firewallItems, type StagedRules, stagedRules } from './list.ts'
import { packetAnswer } from './packet-answer.ts'
import { ruleContext } from './rule-about.ts'

/** What is computed of the rules. */
export type FirewallLists = {
  /** One family's rules with what is staged in them; null where they can't be read. */
  readonly rules: (state: ConsoleState, family: Family) => StagedRules | null
  readonly tables: (state: ConsoleState, family: Family) => readonly string[]
  readonly items: (state: ConsoleState) => readonly FirewallItem[]
  /** The answer to a question about a connection, as it is typed. */
  readonly packet: (state: ConsoleState, line: string) => ReturnType<typeof packetAnswer>
  /** The baseline for this host, as it is switched now; null where the rules were not read. */
  readonly baseline: (state: ConsoleState) => BaselineNow | null
}

/** The firewall's lists of a console, made once. */
export const firewallLists = (lists: Lists): FirewallLists => lists.own(createFirewallLists)

const NONE: readonly FirewallItem[] = []

function createFirewallLists(lists: Lists): FirewallLists {
  const own = rememberSame<StagedOf<'firewall'>>()
  const staged: Readonly<Record<Family, typeof stagedRules>> = {
    v4: rememberLast(stagedRules),
    v6: rememberLast(stagedRules),
  }
  const rules: FirewallLists['rules'] = (state, family) =>
    staged[family](lists.merged(state, 'firewall'), family, own(stagedIn(state.staging.changes, 'firewall')))
  const items = rememberLast(firewallItems)
  const context = rememberLast(ruleContext)
  const tables = rememberLast(tablesOf)
  const packet = rememberLast(packetAnswer)
  return {
    rules,
    tables: (state, family) => tables(rules(state, family)),
    items: (state) => {
      const { family, table } = state.view.firewall
      const { byArea, findings, rulesBefore } = state.readings
      const shown = rules(state, family)
      if (!shown || byArea.firewall.state !== 'present') return NONE
      const about = context(byArea.firewall.facts, factsOf(byArea.units), rulesBefore, byArea.firewall.readAt)
      return items(shown, table, findings.firewall, state.connection.host, about, lists.fixes(state))
    },
    packet: (state, line) =>
      packet(
        factsOf(state.readings.byArea.firewall),
        state.connection.host,
        rules(state, 'v4'),
        rules(state, 'v6'),
        line,
      ),
    baseline: createBaselineList(lists),
  }
}

/** Tables worth showing: those the server printed, filter always first, and those that are only shown. */
function tablesOf(rules: StagedRules | null): readonly string[] {
  if (!rules) return ['filter']
  const beside = besideTables(rules.base.beside)
  const own = withTable(rules.after, 'filter').tables.map((table) => table.name)
  return [...own.filter((name) => !beside.includes(name)), ...beside].toSorted(
    (a, b) => Number(b === 'filter') - Number(a === 'filter'),
  )
}
