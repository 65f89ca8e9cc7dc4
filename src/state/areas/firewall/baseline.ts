import type { Item } from '../../../services/areas/firewall/baseline/item.ts'
import { findChain, rulesInChainText } from '../../../services/areas/firewall/chain-text.ts'
import { delta, touchedChains } from '../../../services/areas/firewall/delta.ts'
import { applyEdits } from '../../../services/areas/firewall/edits.ts'
import { ruleEditsOf } from '../../../services/areas/firewall/fold.ts'
import { type StagedChange, type StagedOf, stagedIn } from '../../../services/model/areas.ts'
import { fail, type HostError, ok, type Result } from '../../../services/model/errors.ts'
import { FAMILIES, type Family } from '../../../services/model/firewall.ts'
import { LINE_CAP, type Safe, safe, say } from '../../../services/model/safe.ts'
import { stageAll } from '../../../services/planning/staging.ts'
import type { ConsoleState } from '../../console-state.ts'
import type { Kit, Server } from '../../kit.ts'
import { placeOf } from '../../lists/place.ts'
import type { BaselineSlice } from '../../slices/baseline.ts'
import { withChanges } from '../../slices/staging.ts'
import { pushScreen } from '../../slices/view.ts'
import type { Looking } from '../../under-cursor/item.ts'
import { withoutBaseline } from './baseline-list.ts'
import { firewallLists } from './lists.ts'
import { whyNotStageRule } from './why-not.ts'

type FirewallChange = StagedOf<'firewall'>

/** The item that a key is about. */
export function baselineItem({ lists }: Looking, state: ConsoleState): Item | null {
  const rows = firewallLists(lists).baseline(state)?.rows
  return rows?.items[placeOf(rows, state.view.baseline.list, false)]?.item ?? null
}

const patch = (kit: Kit, change: Partial<BaselineSlice>): void =>
  kit.set(({ view }) => ({ view: { ...view, baseline: { ...view.baseline, ...change } } }))

/** B: shows the baseline for this host, as it was switched last. */
export function openBaseline(kit: Kit): void {
  patch(kit, { wide: false })
  kit.set(({ view }) => ({ view: pushScreen(view, { kind: 'baseline' }) }))
}

/** Space: switches the item under the cursor. */
export function toggleBaselineItem(kit: Kit): void {
  const item = baselineItem(kit, kit.get())
  if (!item) return
  patch(kit, { choices: new Map([...kit.get().view.baseline.choices, [item.id, !item.on]]) })
  if (!item.on && item.warning) kit.tell('warn', item.warning)
}

/** Enter: gives the item under the cursor the whole screen, and back. */
export function widenBaseline(kit: Kit): void {
  patch(kit, { wide: !kit.get().view.baseline.wide })
  kit.set(({ view }) => ({ view: { ...view, scroll: 0 } }))
}

/** S: lets the server's iptables try all of it, and stages it as one step. */
export async function stageBaseline(kit: Kit): Promise<void> {
  const state = kit.get()
  const server = kit.server()
  const now = firewallLists(kit.lists).baseline(state)
  if (!now || !server || state.view.baseline.checking) return
  const staged = state.staging.changes
  if (
    sameChanges(
      now.changes,
      stagedIn(staged, 'firewall').filter((one) => one.origin === 'baseline'),
    )
  )
    return kit.tell('info', now.changes.length > 0 ? say`All of it is staged already: s shows it.` : NOTHING_LEFT)
  patch(kit, { checking: true })
  const others = withoutBaseline(stagedIn(staged, 'firewall'))
  const worded = await inKernelWords(state, server, others, now.changes)
  patch(kit, { checking: false })
  if (!worded.ok) return kit.tell('bad', worded.error)
  const moved = whyNoLonger(state, kit.get())
  if (moved) return kit.tell('info', moved)
  kit.set(({ staging, view }) => ({
    staging: withChanges(staging, stageAll(kit.areas, restOf(staged), worded.value)),
    view: pushScreen({ ...view, screens: view.screens.filter(({ kind }) => kind !== 'baseline') }, { kind: 'staged' }),
  }))
  kit.tell('good', stagedWords(worded.value.length))
}

/** Why what the server's iptables has tried is not what the operator wants staged any longer; null where it is. */
function whyNoLonger(then: ConsoleState, now: ConsoleState): Safe | null {
  const closed = whyNotStageRule(now)
  if (closed) return say`Nothing was staged: ${closed}.`
  if (now.staging.changes !== then.staging.changes) return say`Something else was staged meanwhile: press S again.`
  if (now.view.baseline.choices !== then.view.baseline.choices)
    return say`The baseline was switched meanwhile: press S again.`
  return now.view.screens.some(({ kind }) => kind === 'baseline')
    ? null
    : say`The baseline was left meanwhile: nothing of it was staged.`
}

/** Everything that is staged but an earlier baseline. */
const restOf = (staged: readonly StagedChange[]): readonly StagedChange[] => {
  const others = new Map(withoutBaseline(stagedIn(staged, 'firewall')).map((one) => [one.id, one]))
  return staged.flatMap((one): readonly StagedChange[] => {
    const left = one.area === 'firewall' ? others.get(one.id) : one
    return left ? [left] : []
  })
}

const NOTHING_LEFT = say`All of it is in force already: there is nothing to stage.`
const stagedWords = (count: number): Safe =>
  count === 0
    ? say`The baseline is no longer staged; u takes that back.`
    : say`Staged the baseline (${count} ${count === 1 ? say`change` : say`changes`}); u takes all of it back, A arms and applies.`

/** The same changes, whatever they and their rules are called. */
const sameChanges = (a: readonly FirewallChange[], b: readonly FirewallChange[]): boolean =>
  a.length === b.length && a.every((one, i) => meaning(one) === meaning(b[i] as FirewallChange))

function meaning({ edit }: FirewallChange): string {
  return JSON.stringify(edit.kind === 'insert' ? [edit.at, edit.before, edit.text] : edit)
}

/** Lets the server's iptables try each family in a scratch namespace; the rules come back in the kernel's own words. */
async function inKernelWords(
  state: ConsoleState,
  server: Server,
  others: readonly FirewallChange[],
  changes: readonly FirewallChange[],
): Promise<Result<readonly FirewallChange[], Safe>> {
  let worded = changes
  for (const family of FAMILIES) {
    const reading = state.readings.byArea.firewall
    const facts = reading.state === 'present' ? reading.facts.families[family] : null
    if (facts?.state !== 'present' || !ruleEditsOf(changes).some((edit) => edit.at.family === family)) continue
    const base = facts.ruleSet
    const { after } = applyEdits(base, ruleEditsOf([...others, ...changes]))
    const touches = touchedChains(base, after)
    const tried = await server.rehearse(family, delta(base, after), touches)
    if (!tried.ok) return fail(refusal(family, tried.error))
    const printed = new Map(
      touches.flatMap((ref) => {
        const rules = findChain(after, ref)?.rules ?? []
        const texts = rulesInChainText(tried.value.after, ref)
        return texts.length === rules.length ? rules.map((rule, i) => [rule.id, texts[i] as string] as const) : []
      }),
    )
    worded = worded.map((change) => reworded(change, printed))
  }
  return ok(worded)
}

function reworded(change: FirewallChange, printed: ReadonlyMap<string, string>): FirewallChange {
  const { edit } = change
  if (edit.kind !== 'insert') return change
  const text = printed.get(edit.ruleId)
  if (text === undefined || text === edit.text) return change
  return { ...change, edit: { ...edit, text }, summary: say`+ ${safe(text, LINE_CAP)}` }
}

const refusal = (family: Family, { kind, message, next }: HostError): Safe =>
  kind === 'unsupported-host'
    ? say`Nothing was staged. For ${safe(family)} ${message}. Switch off what the server can't do, and press S again.`
    : say`Nothing was staged: ${message} ${next}`
