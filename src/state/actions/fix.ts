import { applyEdits } from '../../services/areas/firewall/edits.ts'
import type { Around, Check, Finding } from '../../services/model/area.ts'
import type { FirewallFacts, RuleSet } from '../../services/model/firewall.ts'
import type { ChangeIntent, StagedChange } from '../../services/model/plan.ts'
import { factsOf } from '../../services/model/reading.ts'
import { type Safe, safe, say } from '../../services/model/safe.ts'
import type { ConsoleState } from '../console-state.ts'
import type { Kit } from '../kit.ts'
import { rememberLast } from '../lists/list.ts'
import { aroundOf } from '../slices/readings.ts'
import { fixChanges, fixId, stageChange, unstage } from '../slices/staging.ts'
import { changeOf } from './describe.ts'

/** The fixes of findings about the rules. */
export type Fixes = {
  /** Stages all that mends a finding, or takes exactly that back: the changes as they would be, and what to say. */
  readonly toggle: (finding: Finding) => { readonly changes: readonly StagedChange[]; readonly words: Safe } | null
  /** Why Space does nothing on a finding; null when it does something. */
  readonly whyNot: (finding: Finding) => Safe | null
}

type Fixed = { readonly intents: readonly ChangeIntent[] } | { readonly none: Safe }

/** A fix is made for the rules as they are staged: what is staged already is not wanted twice. */
export function createFixes(kit: Kit): Fixes {
  const around = rememberLast(aroundOf)
  const facts = rememberLast(withStaged)
  const fix = rememberLast(fixOf)

  const fixNow = (finding: Finding): Fixed => {
    const state = kit.get()
    const { host } = state.connection
    const read = factsOf(state.readings.byArea.firewall)
    if (finding.area !== 'firewall' || finding.outcome !== 'fail' || !host || !read) return NOT_YET
    const now = facts(read, afterOf(kit, state, 'v4'), afterOf(kit, state, 'v6'))
    const check = kit.deps.areas.firewall.checks.find((one) => one.id === finding.checkId)
    return check ? fix(check, now, host, around(state.readings.byArea.units)) : NOT_YET
  }

  return {
    whyNot: (finding) => {
      if (fixChanges(kit.get().staging.changes, finding.checkId).length > 0) return null
      const found = fixNow(finding)
      return 'none' in found ? found.none : null
    },
    toggle: (finding) => {
      const { changes } = kit.get().staging
      const staged = fixChanges(changes, finding.checkId)
      if (staged.length > 0)
        return {
          changes: staged.reduce((left, one) => unstage(left, one.id), changes),
          words: say`Unstaged: the fix is taken back.`,
        }
      const found = fixNow(finding)
      return 'none' in found ? null : stageAll(kit, finding.checkId, found.intents)
    },
  }
}

const NOT_YET = { none: say`no fix can be staged for this yet; Enter says what to do` }

const afterOf = (kit: Kit, state: ConsoleState, family: 'v4' | 'v6'): RuleSet | null =>
  kit.lists.staged(state, family)?.after ?? null

/** What was read, with the rules as they are staged. */
function withStaged(facts: FirewallFacts, v4: RuleSet | null, v6: RuleSet | null): FirewallFacts {
  const family = (name: 'v4' | 'v6', ruleSet: RuleSet | null) =>
    ruleSet ? ({ state: 'present', ruleSet } as const) : facts.families[name]
  return { ...facts, families: { v4: family('v4', v4), v6: family('v6', v6) } }
}

function fixOf(
  check: Check<FirewallFacts>,
  facts: FirewallFacts,
  host: NonNullable<ConsoleState['connection']['host']>,
  around: Around,
): Fixed {
  const none = check.noFix ? safe(check.noFix) : NOT_YET.none
  if (!check.fix) return { none }
  if (check.judge(facts, host, around).outcome === 'pass') return { none: say`what is staged mends it already` }
  const intents = check.fix(facts, host, around)
  return intents && intents.length > 0 ? { intents } : { none }
}

/** Stages intents on top of what is staged, each described as it comes to stand. */
function stageAll(
  kit: Kit,
  checkId: string,
  intents: readonly ChangeIntent[],
): { readonly changes: readonly StagedChange[]; readonly words: Safe } | null {
  const state = kit.get()
  const rules = { v4: afterOf(kit, state, 'v4'), v6: afterOf(kit, state, 'v6') }
  let { changes } = state.staging
  const made: StagedChange[] = []
  for (const intent of intents) {
    if (intent.kind !== 'edit-rules') continue
    const { edit } = intent
    const before = rules[edit.at.family]
    if (!before || (edit.kind === 'insert' && hasRule(before, edit))) continue
    const { after } = applyEdits(before, [edit])
    rules[edit.at.family] = after
    const change = changeOf(fixId(checkId, made.length + 1), edit, 'finding', before, after)
    changes = stageChange(changes, change)
    made.push(change)
  }
  const [first] = made
  if (!first) return null
  const words = made.length === 1 ? say`${first.target} ${first.summary}` : say`${made.length} changes; s shows them`
  return { changes, words: say`Staged: ${words}` }
}

const hasRule = (
  ruleSet: RuleSet,
  edit: { readonly ruleId: string; readonly at: { table: string; chain: string } },
): boolean =>
  ruleSet.tables
    .find((table) => table.name === edit.at.table)
    ?.chains.find((chain) => chain.name === edit.at.chain)
    ?.rules.some((rule) => rule.id === edit.ruleId) ?? false
